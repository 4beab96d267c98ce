import assert from 'node:assert/strict';
import { boardBatch, boardHistory, boardLine, boardOrder } from '../../nodes/dashboard/board-view.ts';
import { ago, batch, busyLine, components, push } from './support/mill.ts';

const now = new Date('2026-03-02T02:00:00Z');
const settings = { staleAfterSeconds: 900, tolerancePermille: 50 };
const seen = (change: Parameters<typeof batch>[1]) => boardBatch(batch(now, change), settings);

describe('what the batch board draws', () => {
  it('shows ten slots in order, empty ones included, and lists the rest as waiting', () => {
    const { monitor, open } = busyLine(now);
    const line = boardLine(monitor, open, settings);
    assert.deepEqual(
      line.slots.map(({ slot, batch: here }) => [slot, here?.order ?? null]),
      [
        [1, 'WH/MO/00038'],
        [2, 'WH/MO/00039'],
        [3, 'WH/MO/00040'],
        [4, 'WH/MO/00041'],
        [5, 'WH/MO/00042'],
        [6, 'WH/MO/00043'],
        [7, 'WH/MO/00047'],
        [8, 'WH/MO/00048'],
        [9, 'WH/MO/00049'],
        [10, null],
      ],
    );
    assert.deepEqual(
      line.waiting.map(({ order }) => order),
      ['WH/MO/00036'],
    );
  });

  it('sums what is known and stays silent about what is not', () => {
    const some = seen({ components: components([100, 50], [99.5, null]) });
    assert.equal(some.actualCentiKg, 9950);
    const none = seen({ components: components([100, 50], [null, null]) });
    assert.equal(none.actualCentiKg, null);
    assert.equal(none.components[0]?.deviationCentiKg, null);
  });

  it('takes less than the target for progress while a silo doses, and for a deviation afterwards', () => {
    const half = components([100, 50], [60, 50]);
    const running = seen({ state: 'running', components: half });
    assert.deepEqual([running.deviationCentiKg, running.outside], [null, false]);
    const finished = seen({ state: 'finished', components: half });
    assert.deepEqual([finished.deviationCentiKg, finished.outside], [-4000, true]);
    assert.deepEqual(
      finished.components.map(({ outside }) => outside),
      [true, false],
    );
  });

  it('marks too much at any time, but only beyond the tolerance', () => {
    const over = seen({ state: 'running', components: components([100, 50], [105, 52.51]) });
    assert.deepEqual(
      over.components.map(({ deviationCentiKg, outside }) => [deviationCentiKg, outside]),
      [
        [null, false],
        [251, true],
      ],
    );
  });

  it('marks consumption from a silo without a target', () => {
    const [silo] = seen({ state: 'finished', components: components([0, 1], [0.01, 1]) }).components;
    assert.deepEqual([silo?.deviationCentiKg, silo?.outside], [1, true]);
  });

  it('says for whom a batch waits and why', () => {
    assert.equal(seen({}).wait, null);
    assert.deepEqual(seen({ push: push(now, { last_error: 'no answer' }) }).wait, {
      for: 'odoo',
      since: ago(now, 4),
      code: 'fault',
      message: 'no answer',
      attempts: 1,
    });
    const held = seen({ push: push(now), hold: { code: 'deviation', message: 'Silo B +20 %' } });
    assert.deepEqual([held.wait?.for, held.wait?.code], ['person', 'deviation']);
  });

  it('offers only what the ledger would accept', () => {
    const untouched = components([100, 50], []);
    const offered = (change: Parameters<typeof batch>[1]) => seen(change).actions;
    assert.deepEqual(offered({ state: 'running' }), []);
    assert.deepEqual(offered({ state: 'queued', components: untouched }), ['cancel']);
    assert.deepEqual(offered({ state: 'failed' }), ['correct', 'reset']);
    assert.deepEqual(offered({ state: 'failed', components: untouched }), ['correct', 'reset', 'cancel']);
    assert.deepEqual(offered({ state: 'finished', push: push(now) }), ['retry']);
    assert.deepEqual(offered({ state: 'finished', push: push(now), hold: { code: 'deviation', message: '' } }), [
      'retry',
      'accept',
      'correct',
    ]);
    assert.deepEqual(offered({ state: 'finished', push: push(now), hold: { code: 'order-done', message: '' } }), [
      'retry',
      'correct',
    ]);
    assert.deepEqual(offered({ state: 'failed', endedAt: ago(now, 1) }), []);
    assert.deepEqual(boardBatch({ ...batch(now, { state: 'failed' }), watch_only: true }, settings).actions, []);
  });

  it('keeps the true total of a history page', () => {
    const data = [batch(now, { state: 'archived', endedAs: 'completed', endedAt: ago(now, 5), slot: null })];
    const page = boardHistory({ data, total: 812, limit: 1, offset: 40 }, settings);
    assert.deepEqual([page.total, page.offset, page.rows[0]?.endedAs], [812, 40, 'completed']);
  });

  it('tells the last attempt of an order with the events of all', () => {
    const event = (seq: number) =>
      ({
        seq,
        at: ago(now, 9),
        actor: 'clock',
        type: 'staged',
        fromState: null,
        toState: 'queued',
        reason: null,
      }) as const;
    const first = { ...batch(now, { state: 'failed' }), events: [event(1), event(2)] };
    const second = {
      ...batch(now, { state: 'archived', endedAs: 'completed', endedAt: ago(now, 1) }),
      events: [event(3)],
    };
    const detail = boardOrder({ mo_id: 'WH/MO/00041', batches: [first, second] }, settings);
    assert.deepEqual([detail?.batch.state, detail?.endedAs], ['archived', 'completed']);
    assert.deepEqual(
      detail?.events.map(({ seq }) => seq),
      [1, 2, 3],
    );
    assert.equal(boardOrder({ mo_id: 'WH/MO/00041', batches: [] }, settings), undefined);
  });
});
