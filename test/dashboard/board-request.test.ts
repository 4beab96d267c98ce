import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidInput } from '../../nodes/core/errors.ts';
import { readBoardInput } from '../../nodes/dashboard/board-input.ts';
import { parseBoardRequest } from '../../nodes/dashboard/board-request.ts';
import { boardSettings } from '../../nodes/dashboard/board-settings.ts';
import { batch, busyLine } from './support/mill.ts';

const now = new Date('2026-03-02T02:00:00Z');
const settings = { staleAfterSeconds: 900, tolerancePermille: 50 };
const request = (payload: unknown) => parseBoardRequest({ requestId: 'r1', payload });
const faults = (payload: unknown): readonly string[] => {
  try {
    request(payload);
  } catch (error) {
    assert.ok(error instanceof InvalidInput);
    return error.fields.map(({ field }) => field);
  }
  return [];
};

describe('a request from the batch board', () => {
  it('passes with what belongs to its command and nothing else', () => {
    const payload = { command: 'retry', order: ' WH/MO/00007 ', accept: true, commandId: 'c1', actor: 'root' };
    assert.deepEqual(request(payload), {
      requestId: 'r1',
      payload: { command: 'retry', order: 'WH/MO/00007', accept: true, commandId: 'c1' },
    });
  });

  it('names every field that is wrong', () => {
    const correction = {
      command: 'correct',
      order: '',
      consumptionKg: { silo_a: -1 },
      finishedGoodsKg: '12',
      commandId: 'c',
    };
    assert.deepEqual(faults(correction), ['order', 'consumptionKg.silo_a', 'finishedGoodsKg', 'reason']);
    assert.deepEqual(faults({ command: 'history', limit: 5000, offset: -1 }), ['limit', 'offset']);
    assert.deepEqual(faults({ command: 'run', task: 9, commandId: 'c' }), ['task']);
  });

  it('is refused without a command id, so that a second press is never a second command', () => {
    assert.deepEqual(faults({ command: 'cancel', order: 'WH/MO/00007' }), ['commandId']);
  });

  it('is refused whatever a browser makes up', () => {
    assert.deepEqual(faults({ command: 'stage', orders: [] }), ['command']);
    fc.assert(
      fc.property(fc.anything(), (payload) => {
        try {
          request(payload);
        } catch (error) {
          assert.ok(error instanceof InvalidInput, String(error));
        }
      }),
    );
  });
});

describe('a message at the batch board', () => {
  it('is the news of a line, plain or in the envelope of a route', () => {
    const { monitor, open } = busyLine(now);
    for (const payload of [monitor, { success: true, data: monitor }]) {
      const input = readBoardInput({ payload, openBatches: open }, settings);
      assert.ok(input.kind === 'line');
      assert.deepEqual([input.line.slots.length, input.line.waiting.length], [10, 1]);
    }
  });

  it('is the answer to the request that it carries', () => {
    const boardRequest = { requestId: 'r1', command: 'get' };
    const input = readBoardInput(
      { boardRequest, payload: { mo_id: 'WH/MO/00041', batches: [{ ...batch(now), events: [] }] } },
      settings,
    );
    assert.equal(input.kind === 'reply' && input.reply.ok && input.reply.detail?.batch.order, 'WH/MO/00041');
  });

  it('is a refusal, from a Catch node or from the envelope', () => {
    const boardRequest = { requestId: 'r1', command: 'retry' };
    const refusal = { requestId: 'r1', ok: false, code: 'conflict', message: 'It has ended.' };
    const error = { code: 'conflict', message: 'It has ended.' };
    assert.deepEqual(readBoardInput({ boardRequest, error, payload: {} }, settings), { kind: 'reply', reply: refusal });
    assert.deepEqual(readBoardInput({ boardRequest, payload: { success: false, error } }, settings), {
      kind: 'reply',
      reply: refusal,
    });
  });

  it('is refused when it is anything else', () => {
    for (const payload of [null, 7, 'text', {}, { lines: [] }, { slots: [] }]) {
      assert.throws(() => readBoardInput({ payload }, settings), InvalidInput);
    }
  });
});

describe('the settings of a batch board', () => {
  it('take numbers and environment variables, and refuse the rest by name', () => {
    const variable = (name: string) => ['$', '{', name, '}'].join('');
    const resolve = (value: string) => (value === variable('STALE') ? '2' : undefined);
    assert.deepEqual(boardSettings({ staleMinutes: variable('STALE'), tolerancePercent: '2.5' }, resolve), {
      staleAfterSeconds: 120,
      tolerancePermille: 25,
    });
    assert.deepEqual(boardSettings({ staleMinutes: '', tolerancePercent: variable('NONE') }, resolve), {
      staleAfterSeconds: 900,
      tolerancePermille: 50,
    });
    assert.throws(
      () => boardSettings({ staleMinutes: 'often', tolerancePercent: '0' }, resolve),
      /staleMinutes: "often".*tolerancePercent: "0"/,
    );
  });
});
