// One order from Odoo through the PLC and back, as the flow drives it.
import assert from 'node:assert/strict';
import type { BatchView } from '../../nodes/batch/views.ts';
import { block, fullBatch, LedgerWorld, order, verified } from './ledger-world.ts';

describe('an order on its way through the plant', () => {
  let world: LedgerWorld;
  beforeEach(async () => {
    world = await LedgerWorld.open();
  });
  afterEach(() => world.close());

  it('goes queued, written, running, finished, pushing, archived, with one event for each step', async () => {
    assert.deepEqual(await world.ask({ command: 'begin-sync' }), { command: 'fetch', limit: 10, exclude: [] });
    const queue = await world.stage(1);
    assert.deepEqual(queue.batches[0], {
      slot: 1,
      moName: 'WH/MO/00001',
      bomCode: 'BOM-1',
      finishedGoods: 'FEED-A1',
      quantityCentiKg: 10_000,
      consumption: [
        { equipment: 101, massCentiKg: 6_000 },
        { equipment: 102, massCentiKg: 3_000 },
        { equipment: 114, massCentiKg: 1_000 },
      ],
    });
    await world.written(queue);
    await world.observe(block(1, 'WH/MO/00001', { a: 100 }));
    assert.equal(await world.stateOf(1), 'running');
    const { payload } = await world.observe(block(1, 'WH/MO/00001', { ...fullBatch, finished: true }));
    assert.deepEqual(payload, { command: 'acknowledge', blocks: [{ slot: 1, moName: 'WH/MO/00001' }] });
    assert.equal(await world.stateOf(1), 'finished');

    const push = await world.due();
    assert.equal(push.close, true);
    assert.equal(push.finishedQuantityCentiKg, 9_980);
    assert.deepEqual(
      push.components.map(({ equipment, plannedCentiKg, actualCentiKg }) => [equipment, plannedCentiKg, actualCentiKg]),
      [
        [101, 6_000, 6_000],
        [102, 3_000, 3_010],
        [114, 1_000, 1_000],
      ],
    );
    assert.equal(await world.stateOf(1), 'pushing');
    await world.complete(push, verified);
    assert.equal(await world.stateOf(1), 'archived');
    assert.deepEqual(await world.due(), { command: 'none', reason: 'nothing is due' });
    assert.deepEqual(await world.eventsOf(1), [
      'staged',
      'handed-over',
      'started',
      'finished',
      'push-began',
      'push-verified',
    ]);
    const history = await world.ask<{ data: BatchView[]; total: number }>({ command: 'history' });
    assert.equal(history.total, 1);
    assert.equal(history.data[0]?.mo_id, 'WH/MO/00001');
    assert.equal(history.data[0]?.status, 'completed');
    assert.equal(history.data[0]?.consumption_silo_b, 30.1);
    assert.equal(history.data[0]?.consumption_lq114, 10);
  });

  it('lets ten orders into the ten slots and fetches nothing while they are there', async () => {
    const queue = await world.stage(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    assert.deepEqual(
      queue.batches.map((batch) => [batch.slot, batch.moName]),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => [n, order(n).orderName]),
    );
    await world.written(queue);
    assert.deepEqual(await world.ask({ command: 'begin-sync' }), {
      command: 'none',
      reason: '10 batches are in the PLC',
    });
  });
});
