// Watch only: beside an old system, everything is followed and nothing is ever written or posted.
import assert from 'node:assert/strict';
import { block, fullBatch, LedgerWorld, operator, order } from './ledger-world.ts';

const name = (n: number) => order(n).orderName;

describe('a ledger that only watches', () => {
  let world: LedgerWorld;
  beforeEach(async () => {
    world = await LedgerWorld.open({ watchOnly: true });
  });
  afterEach(() => world.close());
  const watched = () =>
    world.ask<{ data: { kind: string; payload: unknown }[]; total: number }>({ command: 'watched' });
  const watchedQueue = async (...numbers: number[]) => world.written(await world.stage(...numbers), 'watch-only');

  it('records the queue that would have been written and keeps it queued', async () => {
    await watchedQueue(1);
    assert.equal(await world.stateOf(1), 'queued');
    const { data, total } = await watched();
    assert.equal(total, 1);
    assert.equal(data[0]?.kind, 'plc-write');
  });

  it('fetches what is confirmed now at each sync, instead of an old queue', async () => {
    await watchedQueue(1);
    assert.deepEqual(await world.ask({ command: 'begin-sync' }), { command: 'fetch', limit: 10, exclude: [] });
    assert.equal((await world.batch(1))?.status, 'watched');
    await watchedQueue(1, 2);
    assert.equal(await world.stateOf(1), 'queued');
  });

  it('follows an order in whatever slot the old system gave it, to its end', async () => {
    await watchedQueue(1, 2);
    await world.observe(block(7, name(1), { a: 100 }));
    assert.equal((await world.batch(1))?.batch_no, 7);
    const { payload } = await world.observe(block(7, name(1), { ...fullBatch, finished: true }));
    assert.deepEqual(payload, { command: 'none', reason: 'no block to acknowledge' });
    const push = await world.due();
    await world.complete(push, { outcome: 'watch-only', wouldSend: { qty_producing: 99.8 } });
    const batch = await world.batch(1);
    assert.equal(batch?.state, 'archived');
    assert.equal(batch?.status, 'watched');
    assert.equal(batch?.update_odoo, false);
    assert.deepEqual((await watched()).data.map((row) => row.kind).sort(), ['acknowledge', 'odoo-push', 'plc-write']);
  });

  it('lets go of an order when the old system gives its slot to another', async () => {
    await watchedQueue(1, 2);
    await world.observe(block(3, name(1), { a: 100 }));
    await world.observe(block(3, name(2), { a: 100 }));
    assert.equal((await world.batch(1))?.status, 'watched');
    assert.equal(await world.stateOf(2), 'running');
  });

  it('has no decisions to offer to a person', async () => {
    await watchedQueue(1);
    await assert.rejects(world.send({ command: 'cancel', order: name(1) }, operator), { httpStatus: 409 });
  });

  it('ends everything it watched when it goes live, and posts none of it', async () => {
    await watchedQueue(1, 2);
    await world.observe(block(1, name(1), { ...fullBatch, finished: true }), block(2, name(2), { a: 100 }));
    await world.restart({ watchOnly: false });
    assert.deepEqual(await world.list(), []);
    assert.equal((await world.ask<{ command: string }>({ command: 'due' })).command, 'none');
    assert.equal((await world.eventsOf(1)).at(-1), 'superseded');
    assert.deepEqual(await world.ask({ command: 'begin-sync' }), { command: 'fetch', limit: 10, exclude: [] });
  });

  it('never ends or posts what was made live before the switch', async () => {
    await world.restart({ watchOnly: false });
    await world.finished(1);
    await world.restart({ watchOnly: true });
    const push = await world.due();
    await world.complete(push, { outcome: 'watch-only', wouldSend: {} });
    assert.equal(await world.stateOf(1), 'finished');
    assert.equal((await world.ask<{ command: string }>({ command: 'due' })).command, 'none');
    await world.restart({ watchOnly: false });
    world.clock.advance(15 * 60_000);
    assert.deepEqual(await world.due(), push);
  });
});
