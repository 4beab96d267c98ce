import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidInput } from '../../nodes/core/errors.ts';
import { readHealthView, readProductionView } from '../../nodes/dashboard/machine-views.ts';
import { readPageAnswer } from '../../nodes/dashboard/page-answer.ts';
import { parseHealthRequest, parseProductionRequest } from '../../nodes/dashboard/page-request.ts';
import { factory, healthOf } from './support/machines.ts';

const now = new Date('2026-11-21T04:12:00Z');

function faults(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof InvalidInput);
    return error.fields.map(({ field }) => field);
  }
  return [];
}
const production = (payload: unknown) => parseProductionRequest({ requestId: 'r1', payload });
const health = (payload: unknown) => parseHealthRequest({ requestId: 'r1', payload });

describe('a request from the page Production', () => {
  it('passes with what belongs to its command and nothing else', () => {
    const reason = { command: 'reason', machine: 'M1', span: 7, reason: 'SETUP', commandId: 'c1' };
    assert.deepEqual(production({ ...reason, actor: 'root', note: '' }), { requestId: 'r1', payload: reason });
    assert.deepEqual(production({ command: 'stops', limit: 50 }).payload, { command: 'stops', limit: 50 });
    assert.deepEqual(production({ command: 'reasons' }).payload, { command: 'reasons' });
    const below = { command: 'quarantine', limit: 20, before: 7 };
    assert.deepEqual(production({ ...below, status: 'replayed' }).payload, below);
    const replay = { command: 'replay', id: 7, commandId: 'c2' };
    assert.deepEqual(production({ ...replay, reason: 'x' }).payload, replay);
    const dismiss = { command: 'dismiss', id: 7, reason: 'test', commandId: 'c3' };
    assert.deepEqual(production(dismiss).payload, dismiss);
    const register = { command: 'machine', id: 'C_XX900', commandId: 'c5' };
    assert.deepEqual(production({ ...register, idealPerHour: 1 }).payload, register);
    const many = { machine: null, code: 'not-json', upTo: 9, commandId: 'c4' };
    const replayAll = { command: 'replay-all', ...many, after: 7 };
    assert.deepEqual(production({ ...replayAll, reason: 'x' }).payload, replayAll);
    const dismissAll = { command: 'dismiss-all', ...many, reason: 'test' };
    assert.deepEqual(production({ ...dismissAll, after: 7 }).payload, dismissAll);
    assert.deepEqual(
      faults(() => production({ command: 'dismiss-all' })),
      ['machine', 'code', 'upTo', 'reason', 'commandId'],
    );
  });

  it('names every field that is wrong', () => {
    assert.deepEqual(
      faults(() => production({ command: 'reason', machine: ' ', span: 1.5, reason: 7, commandId: 'c' })),
      ['machine', 'span', 'reason'],
    );
    assert.deepEqual(
      faults(() => production({ command: 'shifts', machine: 'M1', limit: 5000 })),
      ['limit'],
    );
    assert.deepEqual(
      faults(() => production({ command: 'dismiss', id: 0, reason: ' ' })),
      ['id', 'reason', 'commandId'],
    );
  });

  it('is no command of another page', () => {
    assert.deepEqual(
      faults(() => production({ command: 'acknowledge', machine: 'M1' })),
      ['command'],
    );
  });
});

describe('a request from the page Health', () => {
  it('passes with what belongs to its command and nothing else', () => {
    const shelve = {
      command: 'shelve',
      machine: 'M1',
      component: 'Feeder',
      minutes: 60,
      reason: 'parts',
      commandId: 'c',
    };
    assert.deepEqual(health({ ...shelve, until: 'for ever' }).payload, shelve);
    const trend = { command: 'trend', machine: 'M1', component: 'Feeder' };
    assert.deepEqual(health(trend).payload, trend);
  });

  it('never shelves without a reason, nor for longer than a week', () => {
    const shelve = { command: 'shelve', machine: 'M1', component: 'F', minutes: 20_000, reason: '', commandId: 'c' };
    assert.deepEqual([...new Set(faults(() => health(shelve)))], ['minutes', 'reason']);
  });
});

it('a request of any page is refused with a field list, whatever a browser sends', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (payload, requestId) => {
      for (const parse of [parseProductionRequest, parseHealthRequest]) {
        try {
          parse({ payload, requestId });
        } catch (error) {
          assert.ok(error instanceof InvalidInput);
        }
      }
    }),
  );
});

describe('an answer to a page', () => {
  const pageRequest = { requestId: 'r1', command: 'shifts' };

  it('belongs to its request, in the envelope or without', () => {
    const expected = { requestId: 'r1', ok: true, answer: [1, 2] };
    assert.deepEqual(readPageAnswer({ pageRequest, payload: [1, 2] }), expected);
    assert.deepEqual(readPageAnswer({ pageRequest, payload: { success: true, data: [1, 2] } }), expected);
  });

  it('is a refusal when a Catch node or the envelope says so', () => {
    const error = { code: 'conflict', message: 'Somebody was quicker.' };
    const expected = { requestId: 'r1', ok: false, ...error };
    assert.deepEqual(readPageAnswer({ pageRequest, payload: {}, error }), expected);
    assert.deepEqual(readPageAnswer({ pageRequest, payload: { success: false, error } }), expected);
  });

  it('is none without a request', () => {
    assert.equal(readPageAnswer({ payload: [] }), undefined);
    assert.equal(readPageAnswer({ payload: [], pageRequest: { requestId: 7 } }), undefined);
  });
});

describe('a view for a page', () => {
  it('comes from any source, in the envelope or without', () => {
    const view = factory(now);
    assert.equal(readProductionView(view), view);
    assert.equal(readProductionView({ success: true, data: view }), view);
    const components = healthOf(now);
    assert.equal(readHealthView(components), components);
  });

  it('is refused when it is none', () => {
    for (const payload of [
      null,
      'x',
      {},
      { at: 'yesterday', cards: [] },
      { at: now.toISOString(), cards: [{ name: 'x' }] },
    ]) {
      assert.deepEqual(
        faults(() => readProductionView(payload)),
        ['payload'],
      );
      assert.deepEqual(
        faults(() => readHealthView(payload)),
        ['payload'],
      );
    }
  });
});
