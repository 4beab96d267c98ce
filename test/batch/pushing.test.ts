// Task 3: the outbox, and what Odoo's answers do.
import assert from 'node:assert/strict';
import type { OdooPushCommand } from '../../nodes/odoo/messages.ts';
import {
  block,
  deviates,
  fullBatch,
  LedgerWorld,
  later,
  type Outcome,
  operator,
  order,
  verified,
} from './ledger-world.ts';

const name = (n: number) => order(n).orderName;
const isNone = (payload: unknown) => assert.equal((payload as { command: string }).command, 'none');

describe('the outbox', () => {
  let world: LedgerWorld;
  beforeEach(async () => {
    world = await LedgerWorld.open();
  });
  afterEach(() => world.close());
  const due = () => world.ask<OdooPushCommand>({ command: 'due' });
  const finishAll = async (...numbers: number[]) => {
    await world.inPlc(...numbers);
    for (const [index, n] of numbers.entries()) {
      world.clock.advance(1_000);
      await world.observe(block(index + 1, name(n), { ...fullBatch, finished: true }));
    }
  };

  it('hands out one row at a time, the oldest first', async () => {
    await finishAll(1, 2);
    assert.equal((await due()).orderName, name(1));
    assert.equal((await due()).orderName, name(2));
    isNone(await due());
  });

  it('hands a row out again at once after a crash, with the same id and figures', async () => {
    await world.finished(1);
    const first = await due();
    await world.restart();
    assert.deepEqual(await due(), first);
    assert.equal((await world.batch(1))?.push?.attempts, 2);
  });

  it('hands a row whose answer never came out again after five minutes', async () => {
    await world.finished(1);
    const first = await due();
    world.clock.advance(4 * 60_000);
    isNone(await due());
    world.clock.advance(60_000);
    assert.deepEqual(await due(), first);
  });

  it('hands a row to only one of two nodes that ask at once', async () => {
    await world.finished(1);
    const answers = await Promise.all([due(), due()]);
    assert.deepEqual(answers.map(({ command }) => command).sort(), ['none', 'push']);
  });

  it('hands a row out that was dated by a clock that has been set back since', async () => {
    const right = world.clock.now();
    world.clock.advance(400 * 86_400_000);
    await world.finished(1);
    world.clock.now = () => right;
    assert.equal((await due()).orderName, name(1));
  });

  describe('when newer figures replace a row that Odoo may still be writing', () => {
    const recordThenFinish = async (between: (record: OdooPushCommand) => Promise<unknown>) => {
      await world.inPlc(1);
      for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(block(1, name(1), { a: 3_000, failed: true }));
      const record = await due();
      assert.equal(record.close, false);
      await between(record);
      await world.observe(block(1, name(1), { ...fullBatch, finished: true }));
      assert.equal(await world.stateOf(1), 'finished');
      return record;
    };
    const waits = async (milliseconds: number) => {
      world.clock.advance(milliseconds - 1);
      isNone(await due());
      world.clock.advance(1);
      assert.equal((await due()).close, true);
    };
    const unclear: Outcome = { outcome: 'later', code: 'unknown-outcome', message: 'no reply', retryAfterMs: 35_000 };

    it('waits until the older can no longer commit: its reply was lost', async () => {
      await recordThenFinish((record) => world.complete(record, unclear));
      await waits(35_000);
    });

    it('waits until the older can no longer commit: this process died meanwhile', async () => {
      await recordThenFinish(() => world.restart());
      await waits(35_000);
    });

    it('waits longer when the lost reply of the older is known only afterwards', async () => {
      const record = await recordThenFinish(async () => undefined);
      world.clock.advance(30_000);
      await world.complete(record, unclear);
      await waits(35_000);
    });

    it('does not wait for an older one that was answered', async () => {
      await recordThenFinish((record) => world.complete(record, verified));
      assert.equal((await due()).close, true);
    });
  });

  it('waits at least as long as Odoo asks, and longer with every attempt', async () => {
    await world.finished(1);
    const push = await due();
    await world.complete(push, later);
    assert.equal(await world.stateOf(1), 'finished');
    world.clock.advance(59_999);
    isNone(await due());
    world.clock.advance(1);
    assert.deepEqual(await due(), push);
    for (let attempt = 2; attempt < 8; attempt += 1) {
      await world.complete(push, later);
      world.clock.advance(15 * 60_000);
      await due();
    }
    await world.complete(push, later);
    world.clock.advance(11 * 60_000);
    isNone(await due());
    world.clock.advance(15 * 60_000);
    assert.deepEqual(await due(), push);
  });

  it('asks a person and does not try again by itself', async () => {
    await world.finished(1);
    const { alarms } = await world.complete(await due(), deviates);
    assert.deepEqual(
      alarms.map(({ code, active, orderName }) => ({ code, active, orderName })),
      [{ code: 'waiting-for-person', active: true, orderName: name(1) }],
    );
    world.clock.advance(24 * 3_600_000);
    isNone(await due());
    const [batch] = await world.ask<{ hold: unknown; mo_id: string }[]>({ command: 'failed' });
    assert.equal(batch?.mo_id, name(1));
    assert.deepEqual(batch?.hold, {
      code: 'deviation',
      message: 'Material 102 differs by 12 %.',
      deviations: [{ equipment: 102, what: 'consumption', expectedCentiKg: 3_000, actualCentiKg: 3_360 }],
    });
  });

  it('goes on after a person accepted, naming that person', async () => {
    await world.finished(1);
    const push = await due();
    await world.complete(push, deviates);
    const { alarms } = await world.send({ command: 'retry', order: name(1), accept: true }, operator);
    assert.deepEqual(
      alarms.map(({ code, active }) => ({ code, active })),
      [{ code: 'waiting-for-person', active: false }],
    );
    assert.deepEqual(await due(), { ...push, acceptedBy: 'ani' });
    await world.complete(push, verified);
    assert.equal(await world.stateOf(1), 'archived');
  });

  it('takes the same outcome twice without harm', async () => {
    await world.finished(1);
    const push = await due();
    await world.complete(push, verified);
    const again = await world.complete(push, verified);
    assert.deepEqual(again.events, []);
    assert.deepEqual(again.payload, { command: 'none', reason: 'this push is verified already' });
    await world.complete(push, later);
    assert.equal(await world.stateOf(1), 'archived');
  });

  it('refuses the outcome of a push that it does not know, or of another order or action', async () => {
    await world.finished(1);
    const push = await due();
    await assert.rejects(world.complete({ ...push, pushId: 'p-9' }, verified), {
      code: 'unknown-push',
      httpStatus: 404,
    });
    await assert.rejects(world.complete({ ...push, orderId: 2 }, verified), { code: 'push-mismatch' });
    await assert.rejects(world.complete(push, verified, 'cancel'), { code: 'push-mismatch' });
    assert.equal(await world.stateOf(1), 'pushing');
  });

  it('loses no row when Odoo is away: everything is posted in the end, each once', async () => {
    await finishAll(1, 2, 3);
    const posted: string[] = [];
    for (let minute = 0; minute < 120; minute += 1) {
      for (let push = await due(); push.command === 'push'; push = await due()) {
        const away = minute < 60;
        await world.complete(push, away ? later : verified);
        if (!away) posted.push(push.orderName);
      }
      world.clock.advance(60_000);
    }
    assert.deepEqual(posted.sort(), [name(1), name(2), name(3)]);
    assert.deepEqual(await world.list(), []);
  });

  it('keeps every row it ever had, with what became of it', async () => {
    await world.finished(1);
    await world.complete(await due(), verified);
    const rows = await world.db().selectFrom('batch_outbox').select(['kind', 'status', 'attempts']).execute();
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [{ kind: 'push', status: 'verified', attempts: 1 }],
    );
  });
});
