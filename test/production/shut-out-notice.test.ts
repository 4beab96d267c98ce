// A machine whose messages are refused one after the other: people are told by its name, once, however often the node begins anew.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NotifyCommand } from '../../nodes/notify/messages.ts';
import { parseNotify } from '../../nodes/notify/notify-input.ts';
import { counterNotice } from '../../nodes/production/counter-notices.ts';
import { trackerFlow } from './tracker-suite.ts';
import { reading } from './tracker-world.ts';

describe('a machine that is shut out', function () {
  this.timeout(30_000);
  const flow = trackerFlow();
  const notice = async () => (await flow.next<{ readonly payload: NotifyCommand }>('notices')).payload;
  const messages = (...counts: readonly number[]) => ({
    readings: counts.map((count, index) => reading(`11:00:${10 + index}`, count)),
    refused: [],
    delivery: null,
  });
  const refusals = Array.from({ length: 10 }, (_, index) => 900_000 + index);

  it('is told by its name in both languages, and as the same news after a restart of the flows', async () => {
    await flow.load();
    const registered = flow.next('out');
    flow.give({ payload: { command: 'machine', id: 'M1', name: 'Mesin Flexo 104', maxPerHour: 3_600 } });
    await registered;
    const first = notice();
    flow.give({ payload: messages(100, ...refusals) });
    const told = await first;
    assert.deepEqual(parseNotify(told).recipients.roles, ['supervisor', 'maintenance'], 'notify takes it as it is');
    assert.equal(told.title, 'Mesin Flexo 104: hitungan ditolak / counts are refused');
    assert.match(
      told.body ?? '',
      /^10 pesan berturut-turut ditolak: hitungan melonjak terlalu jauh\..* \/ 10 messages/,
    );
    assert.match(told.body ?? '', /the counter jumped too far/);

    await flow.unload();
    await flow.load();
    const second = notice();
    flow.give({ payload: messages(...refusals) });
    assert.equal((await second).dedupeKey, told.dedupeKey);
  });

  it('is news again after a message that counted', () => {
    const event = (lastCounted: string | null) =>
      counterNotice(
        {
          seq: 1,
          machine: 'M1',
          at: '2026-01-05T04:00:00Z',
          type: 'counter-shut-out',
          actor: 'tracker',
          reason: null,
          detail: { code: 'absurd-jump', message: '', refused: 10, last_counted: lastCounted },
        },
        'M1',
      )?.dedupeKey;
    assert.equal(event('2026-01-05T04:00:00.000Z'), 'counter-shut-out M1 2026-01-05T04:00:00.000Z');
    assert.equal(event(null), 'counter-shut-out M1 never');
  });

  it('is nothing that other events tell', () => {
    const event = { seq: 1, machine: 'M1', at: '', type: 'baseline', actor: 'tracker', reason: null, detail: {} };
    assert.equal(counterNotice(event, 'M1'), null);
  });

  it('reaches people by the shipped flow: the tracker’s third output ends in a notify node', () => {
    const nodes = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../flows/production-health.json'), 'utf8'),
    ) as readonly { readonly id: string; readonly type: string; readonly wires?: readonly (readonly string[])[] }[];
    const tracker = nodes.find(({ type }) => type === 'cumulative-tracker');
    const targets = tracker?.wires?.[2] ?? [];
    assert.deepEqual(
      targets.map((id) => nodes.find((node) => node.id === id)?.type),
      ['notify'],
    );
  });
});
