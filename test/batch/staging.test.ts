// Task 1: what a line needs, how a queue is put together, and what the PLC's answer means.
import assert from 'node:assert/strict';
import { openLedger } from '../../nodes/batch/open-ledger.ts';
import { plcNameOfAttempt } from '../../nodes/batch/plc-name.ts';
import type { OdooFetchCommand } from '../../nodes/odoo/messages.ts';
import type { PlcWriteCommand } from '../../nodes/plc/messages.ts';
import {
  block,
  clockActor,
  deviates,
  fullBatch,
  garbled,
  LedgerWorld,
  operator,
  order,
  verified,
} from './ledger-world.ts';

describe('task 1', () => {
  let world: LedgerWorld;
  beforeEach(async () => {
    world = await LedgerWorld.open();
  });
  afterEach(() => world.close());
  const beginSync = () => world.ask<OdooFetchCommand | PlcWriteCommand>({ command: 'begin-sync' });

  it('stages no order twice, however often the message comes', async () => {
    const queue = await world.stage(1, 2);
    assert.deepEqual(await world.stage(1, 2), queue);
    assert.equal((await world.list()).length, 2);
  });

  it('skips an order that is open on another line', async () => {
    await world.stage(1);
    const other = await openLedger(world.store, { ...world.settings, line: 'line-2' }, { clock: world.clock });
    const { payload } = await other.execute(
      { command: 'stage', orders: [order(1), order(2)], refused: [] },
      clockActor,
    );
    assert.deepEqual(
      (payload as PlcWriteCommand).batches.map((batch) => batch.moName),
      ['WH/MO/00002'],
    );
    const next = await other.execute({ command: 'begin-sync' }, clockActor);
    assert.equal((next.payload as PlcWriteCommand).command, 'write');
  });

  it('takes no more orders than the queue limit', async () => {
    await world.close();
    world = await LedgerWorld.open({ queueLimit: 3 });
    assert.deepEqual(await beginSync(), { command: 'fetch', limit: 3, exclude: [] });
    assert.equal((await world.stage(1, 2, 3, 4)).batches.length, 3);
  });

  it('offers a queue whose answer never came again under the same id', async () => {
    const queue = await world.stage(1, 2);
    await world.restart();
    assert.deepEqual(await beginSync(), queue);
  });

  it('offers a queue that found the PLC busy again under the same id', async () => {
    const queue = await world.stage(1, 2);
    await world.written(queue, 'busy');
    assert.equal(await world.stateOf(1), 'queued');
    assert.deepEqual(await world.eventsOf(1), ['staged']);
    assert.deepEqual(await beginSync(), queue);
  });

  it('records a queue that the PLC node recognised, and says so in the event', async () => {
    await world.written(await world.stage(1), 'recognised');
    const batch = await world.batch(1);
    assert.equal(batch?.state, 'written');
    assert.equal(batch?.events.at(-1)?.reason, 'recognised in PLC memory');
  });

  it('takes the same answer twice without harm', async () => {
    const queue = await world.stage(1);
    await world.written(queue);
    const { events, payload } = await world.written(queue);
    assert.deepEqual(events, []);
    assert.deepEqual(payload, { command: 'none', reason: 'the answer to this queue is recorded already' });
  });

  it('refuses the answer to a queue that it does not know', async () => {
    await assert.rejects(world.send({ command: 'written', queueId: 'q-9', outcome: 'handed-over', slots: [] }), {
      code: 'unknown-queue',
      httpStatus: 404,
    });
  });

  it('refuses an answer that names other batches than the queue has', async () => {
    const { queueId } = await world.stage(1);
    const slots = [{ slot: 1, moName: 'WH/MO/00009' }];
    await assert.rejects(world.send({ command: 'written', queueId, outcome: 'handed-over', slots }), {
      code: 'queue-mismatch',
    });
    assert.equal(await world.stateOf(1), 'queued');
  });

  it('fetches while batches only wait for Odoo or a person, failed and quarantined ones included', async () => {
    await world.inPlc(1, 2, 3, 4);
    const failed = block(2, order(2).orderName, { a: 500, failed: true });
    for (let cycle = 0; cycle < 3; cycle += 1) {
      await world.observe(
        block(1, order(1).orderName, { ...fullBatch, finished: true }),
        failed,
        garbled(3),
        block(4, order(4).orderName, { ...fullBatch, finished: true }),
      );
    }
    await world.complete(await world.due(), deviates);
    assert.deepEqual((await world.list()).map((batch) => batch.state).sort(), [
      'failed',
      'finished',
      'finished',
      'quarantined',
    ]);
    assert.deepEqual(await beginSync(), { command: 'fetch', limit: 10, exclude: [1, 2, 3, 4] });
  });

  it('puts a batch that a person reset first into the next queue, under a name of its own', async () => {
    await world.inPlc(1);
    for (let cycle = 0; cycle < 3; cycle += 1)
      await world.observe(block(1, order(1).orderName, { a: 500, failed: true }));
    await world.send({ command: 'reset', order: order(1).orderName }, operator);
    const queue = await world.stage(2, 3);
    assert.deepEqual(
      queue.batches.map((batch) => [batch.slot, batch.moName]),
      [
        [1, 'WH/MO/00001#2'],
        [2, 'WH/MO/00002'],
        [3, 'WH/MO/00003'],
      ],
    );
  });

  it('gives a new order with an old name a PLC name of its own, so that the old block is never taken for it', async () => {
    await world.finished(1);
    await world.complete(await world.due(), verified);
    const again = { ...order(1), orderId: 901 };
    const staged = await world.ask<PlcWriteCommand>({ command: 'stage', orders: [again], refused: [] });
    assert.deepEqual(
      staged.batches.map((batch) => batch.moName),
      ['WH/MO/00001#2'],
    );
    await world.written(staged);
    const { payload } = await world.observe(block(1, 'WH/MO/00001', { ...fullBatch, finished: true, read: true }));
    assert.deepEqual(payload, { command: 'none', reason: 'no block to acknowledge' });
    const [batch] = await world.list();
    assert.deepEqual([batch?.order_id, batch?.state], [901, 'written']);
  });

  it('puts a reset batch before orders that have waited longer', async () => {
    await world.inPlc(1);
    for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(block(1, order(1).orderName, { failed: true }));
    await world.written(await world.stage(2), 'busy');
    await world
      .db()
      .updateTable('batch')
      .set({ created_at: '2026-01-06T00:00:00.000Z' })
      .where('order_id', '=', 1)
      .execute();
    await world.send({ command: 'reset', order: order(1).orderName }, operator);
    const queue = await beginSync();
    assert.deepEqual(queue.command === 'write' && queue.batches.map((batch) => batch.moName), [
      'WH/MO/00001#2',
      'WH/MO/00002',
    ]);
  });

  it('adds nothing to a queue that may be in the PLC already', async () => {
    await world.inPlc(1);
    for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(block(1, order(1).orderName, { failed: true }));
    const queue = await world.stage(2);
    await world.send({ command: 'reset', order: order(1).orderName }, operator);
    assert.deepEqual(await beginSync(), queue);
    assert.deepEqual(await world.stage(3), queue);
  });

  it('offers a reset batch alone when nothing is in the PLC, and lets it wait while something is', async () => {
    await world.inPlc(1, 2);
    for (let cycle = 0; cycle < 3; cycle += 1)
      await world.observe(block(1, order(1).orderName, { a: 500, failed: true }));
    await world.send({ command: 'reset', order: order(1).orderName }, operator);
    assert.deepEqual(await beginSync(), { command: 'none', reason: '1 batch is in the PLC' });
    await world.observe(block(2, order(2).orderName, { ...fullBatch, finished: true }));
    const queue = await beginSync();
    assert.equal(queue.command, 'write');
    assert.deepEqual(queue.command === 'write' && queue.batches.map((batch) => batch.moName), ['WH/MO/00001#2']);
  });

  it('gives a queue with other content another id', async () => {
    const queue = await world.stage(1, 2);
    await world.written(queue, 'busy');
    await world.send({ command: 'cancel', order: order(1).orderName }, operator);
    const next = await beginSync();
    assert.equal(next.command, 'write');
    if (next.command !== 'write') return;
    assert.notEqual(next.queueId, queue.queueId);
    assert.deepEqual(
      next.batches.map((batch) => [batch.slot, batch.moName]),
      [[1, 'WH/MO/00002']],
    );
    await world.written(queue);
    assert.deepEqual([await world.stateOf(1), await world.stateOf(2)], ['queued', 'queued']);
  });

  it('reports a refused order when it is first refused, lists it, and says when it no longer is', async () => {
    const refused = [
      { orderId: 9, orderName: 'WH/MO/00009', reasons: [{ code: 'no-equipment', message: 'Salt has no silo' }] },
    ];
    const first = await world.send({ command: 'stage', orders: [], refused });
    assert.deepEqual(
      first.alarms.map(({ code, active, orderName }) => ({ code, active, orderName })),
      [{ code: 'order-refused', active: true, orderName: 'WH/MO/00009' }],
    );
    assert.deepEqual((await world.send({ command: 'stage', orders: [], refused })).alarms, []);
    const monitor = await world.ask<{ refused_orders: { mo_id: string; message: string }[] }>({ command: 'monitor' });
    assert.equal(monitor.refused_orders[0]?.mo_id, 'WH/MO/00009');
    assert.match(monitor.refused_orders[0]?.message ?? '', /Salt has no silo/);
    const gone = await world.send({ command: 'stage', orders: [], refused: [] });
    assert.deepEqual(
      gone.alarms.map(({ code, active }) => ({ code, active })),
      [{ code: 'order-refused', active: false }],
    );
  });
});

describe('the name of an attempt in PLC memory', () => {
  it('is the name itself, then the name with its number, then the short key of the order', () => {
    assert.equal(plcNameOfAttempt('WH/MO/00001', 1, 1), 'WH/MO/00001');
    assert.equal(plcNameOfAttempt('WH/MO/00001', 1, 2), 'WH/MO/00001#2');
    assert.equal(plcNameOfAttempt('PLANT/MO/0001234', 77, 2), 'MO-77#2');
  });
});
