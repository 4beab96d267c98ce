// Task 2: what the ledger believes of a snapshot, and what it refuses.
import assert from 'node:assert/strict';
import type { BatchAlarm } from '../../nodes/batch/messages.ts';
import type { BlockReading } from '../../nodes/plc/messages.ts';
import { block, fullBatch, garbled, LedgerWorld, later, operator, order, verified } from './ledger-world.ts';

const name = (n: number) => order(n).orderName;
const unreadable = (slot: number): BlockReading => ({
  slot,
  address: 6000,
  state: 'unreadable',
  reasons: ['no answer in 1000 ms'],
});
const shown = (alarms: readonly BatchAlarm[]) =>
  alarms.map(({ code, active, slot }) => `${active ? '+' : '-'}${code}@${slot}`);

describe('a snapshot of the PLC', () => {
  let world: LedgerWorld;
  beforeEach(async () => {
    world = await LedgerWorld.open();
  });
  afterEach(() => world.close());
  const minutes = (n: number) => world.clock.advance(n * 60_000);

  it('starts a batch with its first mass, not with its name', async () => {
    await world.inPlc(1);
    await world.observe(block(1, name(1)));
    assert.equal(await world.stateOf(1), 'written');
    assert.equal((await world.batch(1))?.consumption_silo_a, 0);
    await world.observe(block(1, name(1), { lq114: 5 }));
    assert.equal(await world.stateOf(1), 'running');
  });

  it('is matched by slot and name together', async () => {
    await world.inPlc(1, 2);
    const { alarms } = await world.observe(block(2, name(1), { a: 100 }), block(1, name(2), { a: 100 }));
    assert.deepEqual([await world.stateOf(1), await world.stateOf(2)], ['written', 'written']);
    assert.deepEqual(shown(alarms), ['+slot-unknown-order@2', '+slot-unknown-order@1']);
  });

  it('shows nothing as missing that was never read', async () => {
    await world.inPlc(1);
    const [batch] = await world.list();
    assert.equal(batch?.consumption_silo_a, null);
    assert.equal(batch?.actual_weight_quantity_finished_goods, null);
    assert.equal(batch?.last_read_from_plc, null);
  });

  it('moves the time of the last reading also when nothing changed, and writes nothing else', async () => {
    await world.inPlc(1);
    await world.observe(block(1, name(1), { a: 100 }));
    const before = await world.batch(1);
    minutes(5);
    const { events } = await world.observe(block(1, name(1), { a: 100 }));
    const after = await world.batch(1);
    assert.deepEqual(events, []);
    assert.equal(after?.last_read_from_plc, '2026-01-05T00:05:00.000Z');
    assert.equal(after?.version, before?.version);
  });

  it('never changes a finished batch', async () => {
    await world.finished(1);
    await world.observe(block(1, name(1), { a: 9_999, weight: 1, finished: true }), garbled(1), unreadable(1));
    await world.observe(block(1, name(1), { a: 9_999 }));
    const batch = await world.batch(1);
    assert.equal(batch?.state, 'finished');
    assert.equal(batch?.consumption_silo_a, 60);
    assert.equal(batch?.actual_weight_quantity_finished_goods, 99.8);
    assert.equal((await world.due()).components[0]?.actualCentiKg, 6_000);
  });

  it('acknowledges what is committed until the PLC shows the flag, also after a crash and after the archive', async () => {
    await world.finished(1);
    await world.restart();
    const still = block(1, name(1), { ...fullBatch, finished: true });
    const acknowledge = { command: 'acknowledge', blocks: [{ slot: 1, moName: name(1) }] };
    assert.deepEqual((await world.observe(still)).payload, acknowledge);
    await world.complete(await world.due(), verified);
    assert.deepEqual((await world.observe(still)).payload, acknowledge);
    const read = await world.observe(block(1, name(1), { ...fullBatch, finished: true, read: true }));
    assert.deepEqual(read.payload, { command: 'none', reason: 'no block to acknowledge' });
    assert.deepEqual(read.alarms, []);
  });

  it('acknowledges neither an order that it does not know nor a batch that still runs', async () => {
    await world.inPlc(1);
    const { payload } = await world.observe(
      block(1, name(1), { a: 100 }),
      block(2, 'WH/MO/77777', { ...fullBatch, finished: true }),
    );
    assert.deepEqual(payload, { command: 'none', reason: 'no block to acknowledge' });
  });

  it('takes no value of a consumption that shrank, and quarantines the batch when it stays so', async () => {
    await world.inPlc(1);
    await world.observe(block(1, name(1), { a: 5_000 }));
    const shrunk = block(1, name(1), { a: 4_000, b: 100 });
    await world.observe(shrunk);
    await world.observe(shrunk);
    assert.equal(await world.stateOf(1), 'running');
    const { alarms } = await world.observe(shrunk);
    const batch = await world.batch(1);
    assert.equal(batch?.state, 'quarantined');
    assert.equal(batch?.consumption_silo_a, 50);
    assert.equal(batch?.consumption_silo_b, 0);
    assert.match(batch?.events.at(-1)?.reason ?? '', /equipment 101: 40\.00 kg is less than the 50\.00 kg read before/);
    assert(shown(alarms).includes('+batch-quarantined@1'));
  });

  it('quarantines after three implausible readings in a row, with the raw words; one good reading begins the count again', async () => {
    await world.inPlc(1);
    await world.observe(garbled(1));
    await world.observe(garbled(1));
    await world.observe(block(1, name(1), { a: 100 }));
    await world.observe(garbled(1));
    await world.observe(garbled(1));
    assert.equal(await world.stateOf(1), 'running');
    await world.observe(garbled(1));
    const batch = await world.batch(1);
    assert.equal(batch?.state, 'quarantined');
    assert.deepEqual(batch?.events.at(-1)?.data, {
      words: [1, 65_535],
      reasons: ['consumption of 103: 4294967295 is above 500000'],
    });
  });

  it('does not hold a garbled block against a batch when it names another order', async () => {
    await world.inPlc(1);
    for (let cycle = 0; cycle < 5; cycle += 1) await world.observe(garbled(1, 'WH/MO/00099'));
    assert.equal(await world.stateOf(1), 'written');
  });

  it('only reports a slot that does not answer', async () => {
    await world.inPlc(1);
    await world.observe(block(1, name(1), { a: 100 }));
    const first = await world.observe(unreadable(1));
    assert.deepEqual(shown(first.alarms), ['+slot-unreadable@1']);
    for (let cycle = 0; cycle < 5; cycle += 1) assert.deepEqual((await world.observe(unreadable(1))).alarms, []);
    assert.equal(await world.stateOf(1), 'running');
    assert.deepEqual(shown((await world.observe(block(1, name(1), { a: 100 }))).alarms), ['-slot-unreadable@1']);
  });

  it('lets the other slots go on whatever one of them shows', async () => {
    await world.inPlc(1, 2, 3);
    await world.observe(garbled(1), unreadable(2), block(3, name(3), { ...fullBatch, finished: true }));
    assert.equal(await world.stateOf(3), 'finished');
  });

  it('takes a quarantined batch back when it reads plausibly again', async () => {
    await world.inPlc(1);
    for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(garbled(1));
    await world.observe(block(1, name(1), { a: 100 }));
    assert.equal(await world.stateOf(1), 'running');
    for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(garbled(1));
    await world.observe(block(1, name(1), { ...fullBatch, finished: true }));
    assert.equal(await world.stateOf(1), 'finished');
    assert.deepEqual((await world.eventsOf(1)).slice(2), ['quarantined', 'readable-again', 'quarantined', 'finished']);
  });

  it('leaves a quarantined batch where it is while a new queue has its slot', async () => {
    await world.inPlc(1);
    await world.observe(block(1, name(1), { a: 100 }));
    for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(garbled(1));
    await world.inPlc(2);
    await world.observe(block(1, name(1), { a: 200 }));
    assert.equal(await world.stateOf(1), 'quarantined');
    assert.equal((await world.batch(1))?.consumption_silo_a, 2);
    await world.observe(block(1, name(2), { a: 100 }));
    assert.equal(await world.stateOf(2), 'running');
  });

  it('needs the failed flag to hold for three readings', async () => {
    await world.inPlc(1);
    const flagged = block(1, name(1), { a: 500, failed: true });
    await world.observe(flagged);
    await world.observe(flagged);
    await world.observe(block(1, name(1), { a: 500 }));
    await world.observe(flagged);
    await world.observe(flagged);
    assert.equal(await world.stateOf(1), 'running');
    const { alarms } = await world.observe(flagged);
    assert.equal(await world.stateOf(1), 'failed');
    assert(shown(alarms).includes('+batch-failed@1'));
  });

  it('posts what a failed batch consumed and leaves the order open', async () => {
    await world.inPlc(1);
    for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(block(1, name(1), { a: 500, failed: true }));
    const push = await world.due();
    assert.equal(push.close, false);
    assert.equal(push.finishedQuantityCentiKg, 0);
    assert.deepEqual(
      push.components.map((component) => component.actualCentiKg),
      [500, 0, 0],
    );
    assert.equal(await world.stateOf(1), 'failed');
    await world.complete(push, verified);
    const batch = await world.batch(1);
    assert.equal(batch?.state, 'failed');
    assert.match(batch?.notes ?? '', /consumption recorded/);
    assert.equal((await world.ask<{ command: string }>({ command: 'due' })).command, 'none');
  });

  it('has nothing to post for a batch that failed before it consumed anything', async () => {
    await world.inPlc(1);
    for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(block(1, name(1), { failed: true }));
    assert.equal(await world.stateOf(1), 'failed');
    assert.equal((await world.ask<{ command: string }>({ command: 'due' })).command, 'none');
  });

  it('goes on with a failed batch that the PLC goes on with, and posts all of it in the end', async () => {
    await world.inPlc(1);
    for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(block(1, name(1), { a: 500, failed: true }));
    await world.observe(block(1, name(1), { a: 700, failed: true }));
    assert.equal((await world.due()).components[0]?.actualCentiKg, 700);
    await world.observe(block(1, name(1), { a: 900 }));
    assert.equal(await world.stateOf(1), 'running');
    await world.observe(block(1, name(1), { ...fullBatch, finished: true }));
    world.clock.advance(35_000);
    const push = await world.due();
    assert.equal(push.close, true);
    assert.equal(push.components[0]?.actualCentiKg, 6_000);
  });

  describe('of a failed batch whose failed flag holds', () => {
    const fail = async (facts: Parameters<typeof block>[2]) => {
      await world.inPlc(1);
      for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(block(1, name(1), { ...facts, failed: true }));
    };
    const shownSlots = (alarms: readonly { code: string; active: boolean; slot: number | null }[]) =>
      alarms.filter(({ code, active }) => code === 'slot-unknown-order' && active).map(({ slot }) => slot);

    it('reports that the PLC goes on with it after it was cancelled', async () => {
      await fail({});
      await world.send({ command: 'cancel', order: name(1) }, operator);
      const cancelled = { outcome: 'verified', orderState: 'cancel', alreadyDone: false } as const;
      await world.complete(await world.due(), cancelled, 'cancel');
      assert.equal(await world.stateOf(1), 'cancelled');
      assert.deepEqual(shownSlots((await world.observe(block(1, name(1), { failed: true }))).alarms), []);
      assert.deepEqual(shownSlots((await world.observe(block(1, name(1), { a: 6_000 }))).alarms), [1]);
    });

    it('reports what the PLC takes for it after a person closed it with less, and lets the PLC have its slot back', async () => {
      const half = { a: 3_000, b: 1_500, lq114: 500, weight: 5_000 };
      await fail(half);
      await world.send({ command: 'retry', order: name(1) }, operator);
      await world.complete(await world.due(), verified);
      assert.equal(await world.stateOf(1), 'archived');
      assert.deepEqual(shownSlots((await world.observe(block(1, name(1), { ...half, failed: true }))).alarms), []);
      const { alarms, payload } = await world.observe(block(1, name(1), { ...fullBatch, finished: true }));
      assert.deepEqual(shownSlots(alarms), [1]);
      assert.match(alarms[0]?.message ?? '', /100\.10 kg/);
      assert.deepEqual(payload, { command: 'acknowledge', blocks: [{ slot: 1, moName: name(1) }] });
    });
  });

  it('believes a finished flag without any consumption only when it holds', async () => {
    await world.inPlc(1);
    const empty = block(1, name(1), { finished: true });
    await world.observe(empty);
    await world.observe(empty);
    assert.equal(await world.stateOf(1), 'written');
    await world.observe(empty);
    assert.equal(await world.stateOf(1), 'finished');
  });

  it('posts what came from equipment that the order has no component for as unplanned', async () => {
    await world.finished(1, { ...fullBatch, other: { 105: 250 } });
    const push = await world.due();
    assert.deepEqual(push.unplanned, [{ equipment: 105, actualCentiKg: 250 }]);
    assert.equal((await world.batch(1))?.consumption_silo_e, 2.5);
  });

  it('recovers a whole queue when one of its batches shows up before the hand-over was recorded', async () => {
    await world.stage(1, 2);
    await world.restart();
    await world.observe(block(1, name(1), { a: 100 }));
    assert.deepEqual(await world.eventsOf(1), ['staged', 'recovered', 'started']);
    assert.deepEqual(await world.eventsOf(2), ['staged', 'recovered']);
    assert.deepEqual(await world.ask({ command: 'begin-sync' }), {
      command: 'none',
      reason: '2 batches are in the PLC',
    });
  });

  it('takes back a cancellation when the PLC turns out to have the order', async () => {
    const queue = await world.stage(1);
    await world.written(queue, 'busy');
    await world.send({ command: 'cancel', order: name(1) }, operator);
    await world.observe(block(1, name(1), { a: 100 }));
    assert.equal(await world.stateOf(1), 'running');
    assert.equal((await world.ask<{ command: string }>({ command: 'due' })).command, 'none');
  });

  it('is silent about blocks that are left over from batches of ours, and reports a stranger once', async () => {
    await world.finished(1);
    await world.complete(await world.due(), later);
    await world.inPlc(2);
    const leftOver = block(1, name(1), { ...fullBatch, finished: true, read: true });
    assert.deepEqual((await world.observe(leftOver)).alarms, []);
    assert.deepEqual(shown((await world.observe(block(5, 'WH/MO/77777', { a: 1 }))).alarms), ['+slot-unknown-order@5']);
    assert.deepEqual((await world.observe(block(5, 'WH/MO/77777', { a: 2 }))).alarms, []);
    assert.deepEqual(shown((await world.observe({ slot: 5, address: 6400, state: 'empty', words: [] })).alarms), [
      '-slot-unknown-order@5',
    ]);
  });

  it('is silent about the block of an earlier attempt', async () => {
    await world.inPlc(1);
    const failed = block(1, name(1), { a: 500, failed: true });
    for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(failed);
    await world.send({ command: 'reset', order: name(1) }, operator);
    const { alarms } = await world.observe(failed);
    assert.deepEqual(
      shown(alarms).filter((alarm) => alarm.includes('unknown')),
      [],
    );
    assert.equal(await world.stateOf(1), 'queued');
  });

  it('reports an earlier attempt that the PLC goes on with', async () => {
    await world.inPlc(1);
    for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(block(1, name(1), { a: 500, failed: true }));
    await world.send({ command: 'reset', order: name(1) }, operator);
    const { alarms } = await world.observe(block(1, name(1), { a: 900 }));
    assert.deepEqual(shown(alarms), ['+slot-unknown-order@1']);
    assert.match(alarms[0]?.message ?? '', /was reset\. Stop it at the panel/);
  });

  it('reports what an earlier attempt took after its last reading, though its flag still says failed', async () => {
    await world.inPlc(1);
    for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(block(1, name(1), { a: 3_000, failed: true }));
    await world.send({ command: 'reset', order: name(1) }, operator);
    const { alarms } = await world.observe(block(1, name(1), { a: 5_000, failed: true }));
    assert.match(
      alarms.find(({ code }) => code === 'slot-unknown-order')?.message ?? '',
      /took 20\.00 kg that the ledger/,
    );
  });

  it('never moves figures through a name that only begins alike', async () => {
    await world.inPlc(1);
    await world.observe(block(1, `${name(1)}#2`, { a: 100 }));
    assert.equal(await world.stateOf(1), 'written');
  });
});
