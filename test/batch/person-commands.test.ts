// What a person may decide, and what the state table forbids.
import assert from 'node:assert/strict';
import type { BatchCommand } from '../../nodes/batch/messages.ts';
import type { BatchView } from '../../nodes/batch/views.ts';
import type { OdooPushCommand } from '../../nodes/odoo/messages.ts';
import {
  type BlockFacts,
  block,
  deviates,
  fullBatch,
  garbled,
  LedgerWorld,
  operator,
  order,
  verified,
} from './ledger-world.ts';

const name = (n: number) => order(n).orderName;

describe('a person', () => {
  let world: LedgerWorld;
  beforeEach(async () => {
    world = await LedgerWorld.open();
  });
  afterEach(() => world.close());
  const person = (command: BatchCommand) => world.send(command, operator);
  const due = () => world.ask<OdooPushCommand>({ command: 'due' });
  const failedWith = async (facts: BlockFacts) => {
    await world.inPlc(1);
    for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(block(1, name(1), { ...facts, failed: true }));
    assert.equal(await world.stateOf(1), 'failed');
  };
  const quarantined = async (facts?: BlockFacts) => {
    await world.inPlc(1);
    if (facts) await world.observe(block(1, name(1), facts));
    for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(garbled(1));
    assert.equal(await world.stateOf(1), 'quarantined');
  };

  it('is named in the event, never by the message', async () => {
    await failedWith({ a: 500 });
    const { events } = await person({
      command: 'reset',
      order: name(1),
      reason: 'valve repaired',
      ...{ actor: 'mallory' },
    });
    assert.deepEqual(
      events.map(({ type, actor, reason }) => ({ type, actor, reason })),
      [{ type: 'reset', actor: 'ani', reason: 'valve repaired' }],
    );
  });

  it('gets 404 for an order that the ledger does not have', async () => {
    await assert.rejects(person({ command: 'retry', order: 'WH/MO/99999' }), {
      code: 'order-unknown',
      httpStatus: 404,
    });
  });

  it('gets 409 with the current state for what the state does not allow', async () => {
    await world.inPlc(1);
    for (const command of ['retry', 'reset', 'cancel'] as const) {
      await assert.rejects(person({ command, order: name(1) }), (error) => {
        assert.equal((error as { httpStatus: number }).httpStatus, 409);
        assert.equal((error as { current: { state: string } }).current.state, 'written');
        return true;
      });
    }
    await assert.rejects(person({ command: 'cancel', order: name(1) }), /Stop it at the panel/);
  });

  it('repeats a command with the same commandId and gets the first reply, without a second effect', async () => {
    await failedWith({ a: 500 });
    const command = { command: 'reset', order: name(1), commandId: 'c-1' } as const;
    const first = await person(command);
    const second = await person(command);
    assert.deepEqual(second.payload, JSON.parse(JSON.stringify(first.payload)));
    assert.deepEqual(second.events, []);
    await assert.rejects(person({ ...command, reason: 'other words' }), { code: 'command-id-reused', httpStatus: 409 });
    await assert.rejects(world.send(command, { name: 'budi', via: 'session' }), { code: 'command-id-reused' });
  });

  it('may repeat a refused command with its id once the state allows it', async () => {
    await world.inPlc(1);
    const command = { command: 'reset', order: name(1), commandId: 'c-2' } as const;
    await assert.rejects(person(command), { httpStatus: 409 });
    for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(garbled(1));
    await person(command);
    assert.equal(await world.stateOf(1), 'queued');
  });

  describe('who resets', () => {
    it('has the batch made again; what was consumed so far is added in the end', async () => {
      await failedWith({ a: 500, lq114: 20, weight: 100 });
      await person({ command: 'reset', order: name(1) });
      await world.written(await world.stage());
      await world.observe(block(1, `${name(1)}#2`, { ...fullBatch, finished: true }));
      const record = await due();
      assert.equal(record.close, true);
      assert.equal(record.finishedQuantityCentiKg, 10_080);
      assert.deepEqual(
        record.components.map((component) => component.actualCentiKg),
        [6_500, 3_010, 1_020],
      );
      const batch = await world.batch(1);
      assert.equal(batch?.consumption_silo_a, 65);
      assert.equal(batch?.attempt, 2);
    });

    it('has the consumption of every attempt added, however many there were', async () => {
      await failedWith({ a: 500, weight: 100 });
      await person({ command: 'reset', order: name(1) });
      await world.written(await world.stage());
      for (let cycle = 0; cycle < 3; cycle += 1) {
        await world.observe(block(1, `${name(1)}#2`, { a: 70, lq114: 3, weight: 10, failed: true }));
      }
      await person({ command: 'reset', order: name(1) });
      await world.written(await world.stage());
      await world.observe(block(1, `${name(1)}#3`, { ...fullBatch, finished: true }));
      const push = await due();
      assert.equal(push.finishedQuantityCentiKg, 10_090);
      assert.deepEqual(
        push.components.map((component) => component.actualCentiKg),
        [6_570, 3_010, 1_003],
      );
    });

    it('shows what earlier attempts consumed while the new one has not begun', async () => {
      await failedWith({ a: 500 });
      await person({ command: 'reset', order: name(1) });
      const batch = await world.batch(1);
      assert.equal(batch?.consumption_silo_a, 5);
      assert.equal(batch?.consumption_silo_b, null);
    });

    it('keeps the recording of the failed attempt going', async () => {
      await failedWith({ a: 500 });
      await person({ command: 'reset', order: name(1) });
      const record = await due();
      assert.equal(record.close, false);
      await world.complete(record, verified);
      assert.equal(await world.stateOf(1), 'queued');
    });
  });

  describe('who retries a failed batch', () => {
    it('closes it with what it made, and the history says that it failed', async () => {
      await failedWith({ a: 3_000, b: 1_500, lq114: 500, weight: 4_900 });
      await person({ command: 'retry', order: name(1), accept: true });
      const push = await due();
      assert.equal(push.close, true);
      assert.equal(push.finishedQuantityCentiKg, 4_900);
      assert.equal(push.acceptedBy, 'ani');
      await world.complete(push, verified);
      assert.equal((await world.batch(1))?.status, 'failed');
    });

    it('is told what to do when nothing was finished', async () => {
      await failedWith({ a: 500 });
      await world.complete(await due(), verified);
      await assert.rejects(
        person({ command: 'retry', order: name(1) }),
        /5\.00 kg were consumed\. Reset it .* or correct/,
      );
    });
  });

  describe('who accepts that Odoo has no order to post to', () => {
    const held = async (code: 'order-cancelled' | 'order-missing' | 'order-done-differently') => {
      await world.finished(1);
      await world.complete(await due(), { outcome: 'person', code, message: 'Odoo shows cancel.', deviations: [] });
    };

    it('writes the batch off by name; its figures stay in the ledger', async () => {
      await held('order-cancelled');
      await person({ command: 'retry', order: name(1), accept: true, reason: 'made for stock' });
      const batch = await world.batch(1);
      assert.deepEqual([batch?.state, batch?.status, batch?.update_odoo], ['cancelled', 'cancelled', false]);
      assert.equal(batch?.notes, 'Odoo shows cancel. Accepted by ani: made for stock');
      assert.equal(batch?.consumption_silo_a, 60);
      assert.equal((await world.ask<{ command: string }>({ command: 'due' })).command, 'none');
    });

    it('only has it tried again when accepting could still let it succeed', async () => {
      await held('order-done-differently');
      await person({ command: 'retry', order: name(1), accept: true });
      assert.equal((await due()).acceptedBy, 'ani');
    });
  });

  describe('who cancels', () => {
    it('ends a queued order when Odoo has shown that it is cancelled', async () => {
      await world.written(await world.stage(1), 'busy');
      await person({ command: 'cancel', order: name(1), reason: 'customer withdrew' });
      assert.equal(await world.stateOf(1), 'queued');
      const cancel = await due();
      assert.deepEqual(cancel, { command: 'cancel', pushId: cancel.pushId, orderId: 1, orderName: name(1) });
      await world.complete(cancel, { outcome: 'verified', orderState: 'cancel', alreadyDone: false }, 'cancel');
      const batch = await world.batch(1);
      assert.equal(batch?.state, 'cancelled');
      assert.equal(batch?.status, 'cancelled');
      await assert.rejects(person({ command: 'cancel', order: name(1) }), { httpStatus: 409 });
    });

    it('may cancel a failed or quarantined batch that consumed nothing, and no other', async () => {
      await failedWith({});
      await person({ command: 'cancel', order: name(1) });
      await world.complete(await due(), { outcome: 'verified', orderState: 'cancel', alreadyDone: false }, 'cancel');
      assert.equal(await world.stateOf(1), 'cancelled');
    });

    it('is refused once anything was consumed', async () => {
      await failedWith({ a: 1 });
      await assert.rejects(person({ command: 'cancel', order: name(1) }), /0\.01 kg were consumed .* must be posted/);
    });

    it('is refused while it is not known whether the PLC has the order', async () => {
      await world.stage(1);
      await assert.rejects(person({ command: 'cancel', order: name(1) }), { httpStatus: 409, code: 'state-conflict' });
      await assert.rejects(person({ command: 'clear' }), /Run task 1 again/);
    });
  });

  describe('who corrects', () => {
    const correct = (consumptionKg: Record<string, number>, finishedGoodsKg: number) =>
      person({ command: 'correct', order: name(1), consumptionKg, finishedGoodsKg, reason: 'weighed by hand' });

    it('finishes a quarantined batch with the true figures, and the event keeps those before', async () => {
      await quarantined({ a: 4_000 });
      await correct({ silo_a: 60.1, '102': 29.29, lq114: 10 }, 99);
      const push = await due();
      assert.deepEqual(
        push.components.map((component) => component.actualCentiKg),
        [6_010, 2_929, 1_000],
      );
      assert.equal(push.finishedQuantityCentiKg, 9_900);
      const event = (await world.batch(1))?.events.find(({ type }) => type === 'corrected');
      assert.deepEqual(event?.data, {
        before: { consumptionCentiKg: { 101: 4_000, 102: 0, 114: 0 }, finishedCentiKg: 0 },
        after: { consumptionCentiKg: { 101: 6_010, 102: 2_929, 114: 1_000 }, finishedCentiKg: 9_900 },
      });
    });

    it('replaces the figures that Odoo held, in one new row', async () => {
      await world.finished(1);
      await world.complete(await due(), deviates);
      await correct({ silo_b: 30 }, 99);
      const push = await due();
      assert.equal(push.components[1]?.actualCentiKg, 3_000);
      const rows = await world.db().selectFrom('batch_outbox').select('status').orderBy('created_at').execute();
      assert.deepEqual(rows.map((row) => row.status).sort(), ['pushing', 'withdrawn']);
    });

    it('must give every figure that is not known, for equipment that exists, once, and no impossible one', async () => {
      await quarantined();
      await assert.rejects(correct({ silo_a: -1, '101': 2, silo_z: 3, lq114: Number.NaN }, 1e9), (error) => {
        assert.equal((error as { httpStatus: number }).httpStatus, 400);
        assert.deepEqual(
          (error as { fields: { field: string }[] }).fields.map((fault) => fault.field),
          [
            'consumptionKg.silo_a',
            'consumptionKg.silo_z',
            'consumptionKg.lq114',
            'finishedGoodsKg',
            'consumptionKg',
            'consumptionKg',
          ],
        );
        return true;
      });
      assert.equal(await world.stateOf(1), 'quarantined');
    });

    it('may not touch a batch that waits for Odoo alone', async () => {
      await world.finished(1);
      await assert.rejects(correct({}, 99), { code: 'state-conflict' });
    });

    it('adds what came from equipment that was not planned', async () => {
      await quarantined({ a: 100 });
      await correct({ silo_a: 60, silo_b: 30, lq114: 10, lq115: 0.5 }, 100);
      assert.deepEqual((await due()).unplanned, [{ equipment: 115, actualCentiKg: 50 }]);
    });
  });

  describe('who clears', () => {
    it('drops what is queued, so that it can be fetched again, and leaves the PLC alone', async () => {
      await world.written(await world.stage(1, 2), 'busy');
      await person({ command: 'clear' });
      assert.deepEqual(await world.list(), []);
      assert.deepEqual(await world.ask({ command: 'begin-sync' }), { command: 'fetch', limit: 10, exclude: [] });
      await world.inPlc(1);
      await person({ command: 'clear' });
      assert.equal(await world.stateOf(1), 'written');
    });

    it('leaves an order alone that somebody has asked Odoo to cancel, so that it is not fetched and made after all', async () => {
      await world.written(await world.stage(1, 2), 'busy');
      await person({ command: 'cancel', order: name(1) });
      await person({ command: 'clear' });
      assert.deepEqual(
        (await world.list()).map(({ mo_id }) => mo_id),
        [name(1)],
      );
      assert.equal(((await due()) as { command: string }).command, 'cancel');
    });

    it('gives up following what the PLC has only on request, into quarantine', async () => {
      await world.inPlc(1, 2);
      await world.observe(block(2, name(2), { a: 100 }));
      const { payload } = await person({ command: 'clear', release: true, reason: 'PLC was reset' });
      assert.deepEqual(
        (payload as { batches: BatchView[] }).batches.map((batch) => batch.state),
        ['quarantined', 'quarantined'],
      );
      assert.equal((await world.batch(2))?.events.at(-1)?.reason, 'released by ani: PLC was reset');
    });

    it('is not overruled by the next reading of what was released, but told that the PLC goes on', async () => {
      await world.inPlc(1);
      await world.observe(block(1, name(1), { a: 100 }));
      await person({ command: 'clear', release: true });
      const { alarms, payload } = await world.observe(block(1, name(1), { ...fullBatch, finished: true }));
      assert.equal(await world.stateOf(1), 'quarantined');
      assert.equal((await world.batch(1))?.consumption_silo_a, 1);
      assert.deepEqual(
        alarms.map(({ code, active }) => ({ code, active })),
        [{ code: 'slot-unknown-order', active: true }],
      );
      assert.equal((payload as { command: string }).command, 'none');
      await person({
        command: 'correct',
        order: name(1),
        consumptionKg: { silo_a: 60 },
        finishedGoodsKg: 99,
        reason: 'x',
      });
      const read = await world.observe(block(1, name(1), { ...fullBatch, finished: true }));
      assert.equal((read.payload as { command: string }).command, 'acknowledge');
    });

    it('releases a queue of which it is not known whether the PLC has it', async () => {
      await world.stage(1);
      await person({ command: 'clear', release: true });
      assert.equal(await world.stateOf(1), 'quarantined');
    });

    it('does not forget what an earlier attempt consumed', async () => {
      await failedWith({ a: 500 });
      await person({ command: 'reset', order: name(1) });
      await person({ command: 'clear' });
      assert.equal(await world.stateOf(1), 'failed');
      assert.equal((await due()).components[0]?.actualCentiKg, 500);
    });
  });

  it('may name a batch by its id', async () => {
    await failedWith({ a: 500 });
    const [batch] = await world.list();
    await person({ command: 'reset', order: batch?.id ?? '' });
    assert.equal(await world.stateOf(1), 'queued');
  });
});
