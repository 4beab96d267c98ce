// Task 4: what is reported when it begins and when it ends, and never in between.
import assert from 'node:assert/strict';
import { block, fullBatch, LedgerWorld, later, order, verified } from './ledger-world.ts';

const name = (n: number) => order(n).orderName;

describe('the health of a line', () => {
  let world: LedgerWorld;
  beforeEach(async () => {
    world = await LedgerWorld.open();
  });
  afterEach(() => world.close());
  const minutes = (n: number) => world.clock.advance(n * 60_000);
  const health = async () => {
    const { alarms, payload } = await world.send({ command: 'health' });
    return {
      alarms: alarms.map(({ code, active }) => `${active ? '+' : '-'}${code}`),
      payload: payload as { healthy: boolean },
    };
  };

  it('is good while batches are read, however long they wait unchanged', async () => {
    await world.inPlc(1);
    for (let cycle = 0; cycle < 10; cycle += 1) {
      await world.observe(block(1, name(1), { a: 100 }));
      minutes(5);
      assert.deepEqual((await health()).alarms, []);
    }
    assert.equal((await health()).payload.healthy, true);
  });

  it('reports a batch that was not read for over 15 minutes, once, and its return', async () => {
    await world.inPlc(1);
    await world.observe(block(1, name(1), { a: 100 }));
    minutes(15);
    assert.deepEqual((await health()).alarms, []);
    minutes(1);
    const first = await health();
    assert.deepEqual(first.alarms, ['+unread-too-long']);
    assert.equal(first.payload.healthy, false);
    minutes(10);
    assert.deepEqual((await health()).alarms, []);
    await world.restart();
    assert.deepEqual((await health()).alarms, []);
    const { alarms } = await world.observe(block(1, name(1), { a: 100 }));
    assert.deepEqual(
      alarms.map(({ code, active, since }) => ({ code, active, since })),
      [{ code: 'unread-too-long', active: false, since: '2026-01-05T00:16:00.000Z' }],
    );
  });

  it('reports a written batch that never showed up in its slot', async () => {
    await world.inPlc(1);
    await world.observe({ slot: 1, address: 6000, state: 'empty', words: [] });
    minutes(16);
    assert.deepEqual((await health()).alarms, ['+written-not-taken']);
  });

  it('reports a push that waits for Odoo for too long, and its end', async () => {
    await world.finished(1);
    await world.complete(await world.due(), later);
    minutes(16);
    assert.deepEqual((await health()).alarms, ['+waiting-for-odoo']);
    const { alarms } = await world.complete(await world.due(), verified);
    assert.deepEqual(
      alarms.map(({ code, active }) => ({ code, active })),
      [{ code: 'waiting-for-odoo', active: false }],
    );
  });

  it('keeps the alarm of one slot when another one clears', async () => {
    await world.inPlc(1, 2);
    const unreadable = (slot: number) => ({
      slot,
      address: 6000,
      state: 'unreadable' as const,
      reasons: ['no answer'],
    });
    await world.observe(unreadable(1), unreadable(2));
    const { alarms } = await world.observe(unreadable(1), block(2, name(2), { ...fullBatch }));
    assert.deepEqual(
      alarms.map(({ code, active, slot }) => ({ code, active, slot })),
      [{ code: 'slot-unreadable', active: false, slot: 2 }],
    );
  });
});
