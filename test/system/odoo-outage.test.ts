// Odoo is away for an hour while the plant goes on making batches: nothing is lost, and nobody is asked every second.
import assert from 'node:assert/strict';
import type { BatchNextStep } from '../../nodes/batch/messages.ts';
import { connectOdoo } from '../../nodes/odoo/connect.ts';
import type { OdooFetchCommand } from '../../nodes/odoo/messages.ts';
import type { OdooClient } from '../../nodes/odoo/odoo-client.ts';
import { OrderSync } from '../../nodes/odoo/order-sync.ts';
import { OdooSimulator } from '../../nodes/odoo/simulator/odoo-simulator.ts';
import { defaultSyncSettings } from '../../nodes/odoo/sync-settings.ts';
import type { PlcWriteCommand, QueueBatch } from '../../nodes/plc/messages.ts';
import { block, LedgerWorld } from '../batch/ledger-world.ts';

const hourMs = 60 * 60 * 1000;
const processIntervalMs = 3 * 60 * 1000;

describe('an Odoo that is away for an hour', () => {
  let odoo: OdooSimulator;
  let world: LedgerWorld;
  let client: OdooClient;
  let sync: OrderSync;

  beforeEach(async () => {
    odoo = new OdooSimulator();
    await odoo.start();
    world = await LedgerWorld.open();
    client = connectOdoo(
      { url: odoo.url, database: 'plant', login: 'shopfloor', secret: 'shopfloor' },
      { clock: world.clock, random: () => 0.5 },
    );
    sync = new OrderSync(
      { session: () => client.session(), watchOnly: false, database: 'plant', login: 'shopfloor' },
      defaultSyncSettings,
    );
  });

  afterEach(async () => {
    client.close();
    await world.close();
    await odoo.stop();
  });

  /** One run of task 3; returns how many pushes were tried. */
  async function processCompleted(): Promise<number> {
    for (let tries = 0; ; tries += 1) {
      const next = await world.ask<BatchNextStep>({ command: 'due' });
      if (next.command !== 'push' && next.command !== 'cancel') return tries;
      assert.ok(tries < 50, 'task 3 does not come to an end');
      const { payload } = await sync.execute(next);
      await world.send({ command: 'complete', ...(payload as Awaited<ReturnType<OrderSync['push']>>) });
    }
  }

  async function makeQueue(): Promise<readonly QueueBatch[]> {
    const fetch = await world.ask<OdooFetchCommand>({ command: 'begin-sync' });
    const { orders, refused } = await sync.fetch(fetch);
    const queue = await world.ask<PlcWriteCommand>({ command: 'stage', orders, refused });
    await world.written(queue);
    return queue.batches;
  }

  function finished(batch: QueueBatch) {
    const reading = block(batch.slot, batch.moName, { finished: true, weight: batch.quantityCentiKg });
    assert.ok(reading.state === 'plausible');
    return { ...reading, batch: { ...reading.batch, consumption: batch.consumption } };
  }

  it('loses nothing and posts everything once it is back', async () => {
    for (let n = 0; n < 6; n += 1) odoo.createOrder({ feed: n, quantityKg: 500 + 100 * n });
    const batches = await makeQueue();
    await odoo.stop();
    await world.observe(...batches.map(finished));

    let tries = 0;
    for (let passedMs = 0; passedMs < hourMs; passedMs += processIntervalMs) {
      tries += await processCompleted();
      world.clock.advance(processIntervalMs);
    }
    assert.ok(tries >= batches.length, 'nobody tried');
    assert.ok(tries <= batches.length * 12, `${tries} tries in an hour for ${batches.length} batches`);
    const waiting = await world.list();
    assert.deepEqual(
      waiting.map(({ state }) => state),
      batches.map(() => 'finished'),
    );
    assert.equal(odoo.orders.filter(({ closedTimes }) => closedTimes > 0).length, 0);

    await odoo.start();
    for (let round = 0; round < 10 && (await world.list()).length > 0; round += 1) {
      world.clock.advance(processIntervalMs);
      await processCompleted();
    }
    assert.deepEqual(await world.list(), []);
    for (const order of odoo.orders) {
      assert.equal(order.state, 'done');
      assert.equal(order.closedTimes, 1);
      const made = batches.find(({ moName }) => moName === order.name);
      assert.equal(order.producedCentiKg, made?.quantityCentiKg);
    }
  });

  it('does not keep the line from being followed, nor a restart from remembering', async () => {
    odoo.createOrder();
    const [batch] = await makeQueue();
    assert.ok(batch);
    await odoo.stop();
    await world.observe(finished(batch));
    await processCompleted();
    await world.restart();
    world.clock.advance(hourMs);
    const next = await world.ask<BatchNextStep>({ command: 'begin-sync' });
    assert.equal(next.command, 'fetch', 'a batch that waits for Odoo holds the line up');
    await odoo.start();
    await processCompleted();
    assert.equal(odoo.orders[0]?.closedTimes, 1);
    assert.deepEqual(await world.list(), []);
  });
});
