import assert from 'node:assert/strict';
import type { BatchCommand } from '../../nodes/batch/messages.ts';
import type { MonitorView } from '../../nodes/batch/views.ts';
import { centiKg } from '../../nodes/core/mass.ts';
import type { FetchedOrder, OdooLookCommand, PersonCode } from '../../nodes/odoo/messages.ts';
import type { PlcWriteCommand } from '../../nodes/plc/messages.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { checkInvariants } from './invariants.ts';
import { block, fullBatch, LedgerWorld, later, operator, order, verified } from './ledger-world.ts';

const name = (n: number) => order(n).orderName;

for (const engine of ['SQLite', 'PostgreSQL'] as const) {
  describe(`what Odoo and the PLC do to a ledger on ${engine}`, () => {
    let server: PostgresServer | undefined;
    let world: LedgerWorld;
    before(async function () {
      if (engine === 'PostgreSQL') server = await startPostgres(this);
    });
    after(function () {
      this.timeout(60_000);
      server?.stop();
    });
    beforeEach(async () => {
      world = await LedgerWorld.open({}, await server?.newDatabase());
    });
    afterEach(async () => {
      await checkInvariants(world.store);
      await world.close();
    });

    const person = (command: BatchCommand) => world.send(command, operator);
    const stage = (orders: readonly FetchedOrder[], more: object = {}) =>
      world.send({ command: 'stage', orders, refused: [], ...more });
    const told = (reply: { alarms: readonly { code: string; active: boolean }[] }) =>
      reply.alarms.map(({ code, active }) => `${active ? 'on' : 'off'} ${code}`);
    const active = async () =>
      (await world.ask<MonitorView>({ command: 'monitor' })).alarms.map(({ code }) => code).sort();
    const held = async (code: PersonCode, deviations: readonly object[] = [], facts = fullBatch) => {
      await world.inPlc(1);
      // A finished flag with nothing consumed counts once it has held.
      for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(block(1, name(1), { ...facts, finished: true }));
      const push = await world.due();
      await world.complete(push, { outcome: 'person', code, message: 'So it is.', deviations: deviations as never });
      return push;
    };

    describe('two companies with one order name', () => {
      const twins = [order(1), { ...order(2), orderName: name(1), plcOrderName: name(1) }];

      it('both go in, under names that the PLC can tell apart', async () => {
        const { payload } = await stage(twins);
        const queue = payload as PlcWriteCommand;
        assert.deepEqual(
          queue.batches.map(({ slot, moName }) => [slot, moName]),
          [
            [1, name(1)],
            [2, 'MO-2'],
          ],
        );
        await world.written(queue);
        await world.observe(
          block(1, name(1), { ...fullBatch, finished: true }),
          block(2, 'MO-2', { ...fullBatch, finished: true, weight: 9_990 }),
        );
        const [first, second] = [await world.due(), await world.due()];
        assert.deepEqual([first.orderId, second.orderId], [1, 2]);
        assert.deepEqual([first.finishedQuantityCentiKg, second.finishedQuantityCentiKg], [9_980, 9_990]);
      });

      it('a person who names both is asked which, and cancels one by its id alone', async () => {
        await world.written((await stage(twins)).payload as PlcWriteCommand, 'busy');
        await assert.rejects(person({ command: 'cancel', order: name(1) }), {
          code: 'order-ambiguous',
          httpStatus: 409,
        });
        await person({ command: 'cancel', order: '2' });
        const batches = await world.list();
        assert.deepEqual(
          batches.map(({ order_id, push }) => [order_id, push?.kind ?? null]),
          [
            [1, null],
            [2, 'cancel'],
          ],
        );
      });

      it('an order that comes while the other is still open gets a name of its own', async () => {
        await world.finished(1);
        const { payload } = await stage([twins[1] as FetchedOrder]);
        assert.deepEqual(
          (payload as PlcWriteCommand).batches.map(({ moName }) => moName),
          ['MO-2'],
        );
      });
    });

    describe('a queue that the PLC node refuses', () => {
      it('sets the batch that is to blame aside with an alarm, and writes the others at once', async () => {
        const queue = await world.stage(1, 2, 3);
        const slots = queue.batches.map(({ slot, moName }) => ({ slot, moName }));
        const faults = [{ slot: 2, message: 'moName: 21 characters do not fit 16' }];
        const reply = await world.send({
          command: 'written',
          queueId: queue.queueId,
          outcome: 'refused',
          slots,
          faults,
        });
        const again = reply.payload as PlcWriteCommand;
        assert.deepEqual(
          again.batches.map(({ moName }) => moName),
          [name(1), name(3)],
        );
        assert.deepEqual(told(reply), ['on queue-refused']);
        assert.match(reply.alarms[0]?.message ?? '', /21 characters do not fit 16/);
        await world.written(again);
        assert.deepEqual((await world.batch(2))?.offers, ['correct', 'reset', 'cancel']);
        await person({ command: 'cancel', order: name(2) });
        const cancel = await world.due();
        const ended = await world.complete(
          cancel,
          { outcome: 'verified', orderState: 'cancel', alreadyDone: false },
          'cancel',
        );
        assert.deepEqual(told(ended), ['off queue-refused']);
      });

      it('sets all aside where the queue as a whole is to blame', async () => {
        const queue = await world.stage(1, 2);
        const reply = await world.send({
          command: 'written',
          queueId: queue.queueId,
          outcome: 'refused',
          slots: [],
          faults: [],
        });
        assert.equal((reply.payload as { command: string }).command, 'none');
        assert.deepEqual(told(reply), ['on queue-refused', 'on queue-refused']);
      });
    });

    it('a PLC that never took a queue is told with its word and both remedies, until it took one', async () => {
      const queue = await world.stage(1);
      const reply = await world.send({
        command: 'written',
        queueId: queue.queueId,
        outcome: 'first-start',
        slots: [{ slot: 1, moName: name(1) }],
        guardAddress: 7076,
      });
      assert.deepEqual(told(reply), ['on plc-first-start']);
      assert.match(
        reply.alarms[0]?.message ?? '',
        /D7076 is 0 .*Set D7076 to 1 in the PLC, or switch on "First start"/,
      );
      assert.deepEqual(
        (await world.batch(1))?.offers,
        ['cancel'],
        'nothing is under way, so the order can be given up',
      );
      const again = await world.ask<PlcWriteCommand>({ command: 'begin-sync' });
      assert.deepEqual(told(await world.written(again)), ['off plc-first-start']);
    });

    describe('a look at Odoo', () => {
      const look = (finding: string, more: object = {}) =>
        world.send({
          command: 'looked',
          orders: [{ orderId: 1, finding, quantityCentiKg: centiKg(10_000), reserved: true, ...more }] as never,
        });

      it('asks for what is queued or in the PLC, and for nothing that was made', async () => {
        await world.finished(1);
        await world.inPlc(2, 3);
        const { orders } = await world.ask<OdooLookCommand>({ command: 'look' });
        assert.deepEqual(
          orders.map(({ orderId }) => orderId),
          [2, 3],
        );
        assert.deepEqual(orders[0]?.moveIds, [2101, 2102, 2114]);
        assert.equal(orders[0]?.plannedQuantityCentiKg, 10_000);
      });

      for (const [finding, words] of [
        ['cancelled', /was cancelled in Odoo\. Take it out of slot 1 at the panel before it is made/],
        ['missing', /was deleted in Odoo/],
        ['done', /was closed in Odoo by hand/],
        ['quantity-changed', /is for 150\.00 kg in Odoo now; the plant has 100\.00 kg/],
        ['components-changed', /components of .* were changed/],
      ] as const) {
        it(`tells at once that an order is ${finding}, until it is as it was or has been made`, async () => {
          await world.inPlc(1);
          const begun = await look(finding, { quantityCentiKg: centiKg(15_000) });
          assert.deepEqual(told(begun), ['on order-changed']);
          assert.match(begun.alarms[0]?.message ?? '', words);
          assert.deepEqual(told(await look(finding, { quantityCentiKg: centiKg(15_000) })), [], 'once');
          assert.deepEqual(told(await world.observe(block(1, name(1), { a: 100 }))), [], 'it lasts while it is made');
          assert.deepEqual(told(await look('as-fetched')), ['off order-changed']);
          await look(finding);
          const made = await world.observe(block(1, name(1), { ...fullBatch, finished: true }));
          assert.deepEqual(told(made), ['off order-changed']);
        });
      }

      it('shows what is not reserved, as the fetch did', async () => {
        const warned = {
          ...order(1),
          warnings: [{ code: 'pick-open', message: 'a transfer that brings Jagung is still open' }],
        };
        const staged = await stage([warned]);
        assert.deepEqual(told(staged), ['on stock-not-reserved']);
        assert.match(staged.alarms[0]?.message ?? '', /transfer that brings Jagung/);
        await world.written(staged.payload as PlcWriteCommand);
        assert.deepEqual(told(await look('as-fetched', { reserved: false })), []);
        assert.deepEqual(told(await look('as-fetched')), ['off stock-not-reserved']);
      });
    });

    describe('orders that stay out', () => {
      const refused = (count: number) =>
        Array.from({ length: count }, (_, index) => ({
          orderId: 1000 + index,
          orderName: `WH/MO/${index}`,
          reasons: [{ code: index % 3 === 0 ? 'no-equipment' : 'unit-too-coarse', message: 'so' }],
        }));

      it('are told one by one while they are few, and once with their number when they are many', async () => {
        assert.deepEqual(told(await stage([], { refused: refused(2) })), ['on order-refused', 'on order-refused']);
        const many = await stage([], { refused: refused(210) });
        assert.equal(told(many).filter((text) => text === 'on order-refused').length, 8);
        const sum = many.alarms.find(({ code }) => code === 'orders-refused');
        assert.match(sum?.message ?? '', /^210 orders .*unit-too-coarse 140, no-equipment 70/);
        assert.deepEqual(told(await stage([], { refused: refused(209) })), [], 'another number is no news');
        assert.ok(told(await stage([])).includes('off orders-refused'));
        assert.deepEqual(await active(), []);
      });

      it('of a login that sees too much are told with the remedy', async () => {
        const notices = [{ code: 'several-companies', message: 'Name the company.' }];
        assert.deepEqual(told(await stage([], { notices })), ['on several-companies']);
        assert.deepEqual(told(await stage([])), ['off several-companies']);
      });
    });

    describe('a peer that fails', () => {
      const failed = (node: string, message = 'Odoo does not accept the login.') =>
        world.send({ command: 'peer-failed', node, message });

      it('is one alarm, whatever task met it and whether or not anything waits, until it answers', async () => {
        assert.deepEqual(told(await failed('odoo-mo-sync')), ['on odoo-unavailable']);
        assert.deepEqual(
          told(await failed('odoo-mo-sync', 'Odoo has no database "x". Check ODOO_DB.')),
          [],
          'one alarm',
        );
        const { alarms } = await world.ask<{ alarms: { message: string }[] }>({ command: 'health' });
        assert.match(alarms[0]?.message ?? '', /ODOO_DB/);
        assert.deepEqual(told(await failed('plc-batch-read', 'no answer')), ['on plc-unavailable']);
        assert.deepEqual(told(await failed('function')), []);
        assert.deepEqual(await active(), ['odoo-unavailable', 'plc-unavailable']);
        assert.deepEqual(told(await world.send({ command: 'looked', orders: [] })), ['off odoo-unavailable']);
        assert.deepEqual(told(await world.observe()), ['off plc-unavailable']);
      });

      for (const [reason, alarms] of [
        ['away', ['on odoo-unavailable']],
        ['denied', ['on odoo-unavailable']],
        ['settings', ['on odoo-unavailable']],
        ['busy', []],
        ['unclear', []],
      ] as const) {
        it(`at a posting is told when it is ${reason}, with why it waits`, async () => {
          await world.finished(1);
          const push = await world.due();
          assert.deepEqual(told(await world.complete(push, { ...later, reason } as never)), alarms);
          assert.equal((await world.batch(1))?.push?.wait_reason, reason);
          world.clock.advance(120_000);
          const ended = told(await world.complete(await world.due(), verified));
          assert.deepEqual(ended, alarms.length > 0 ? ['off odoo-unavailable'] : []);
        });
      }
    });

    describe("a person's word about a posting that is held", () => {
      const changed = [
        { what: 'order-quantity', expectedCentiKg: 10_000, actualCentiKg: 15_000 },
        { what: 'finished-quantity', expectedCentiKg: 15_000, actualCentiKg: 9_980 },
      ];
      const accept = (more: object = {}) => person({ command: 'retry', order: name(1), accept: true, ...more });

      it('that accepts a changed quantity carries the figure that was seen, and the choice', async () => {
        await held('quantity-changed', changed);
        assert.deepEqual((await world.batch(1))?.offers, ['accept', 'backorder', 'retry', 'correct']);
        await accept({ remainder: 'backorder' });
        const push = await world.due();
        assert.deepEqual(
          [push.accepted, push.acceptedQuantityCentiKg, push.remainder, push.acceptedBy],
          [['quantity-changed'], 15_000, 'backorder', 'ani'],
        );
      });

      it('is added to what was accepted before', async () => {
        const push = await held('deviation', [
          { equipment: 102, what: 'consumption', expectedCentiKg: 1, actualCentiKg: 2 },
        ]);
        await accept();
        await world.due();
        await world.complete(push, {
          outcome: 'person',
          code: 'recorded-by-hand',
          message: 'By hand.',
          deviations: [],
        });
        await accept();
        assert.deepEqual((await world.due()).accepted, ['deviation', 'recorded-by-hand']);
      });

      it('ends an order that was closed by hand, with both figures in the trail', async () => {
        const deviations = [{ equipment: 101, what: 'consumption', expectedCentiKg: 6_000, actualCentiKg: 5_900 }];
        await held('order-done-differently', deviations);
        await accept({ reason: 'closed on paper' });
        const push = await world.due();
        await world.complete(push, { ...verified, deviations } as never);
        const batch = await world.batch(1);
        assert.equal(batch?.state, 'archived');
        const trail = JSON.stringify(batch?.events);
        assert.match(
          trail,
          /"acceptedBy":"ani","deviations":\[\{"equipment":101,"what":"consumption","expectedCentiKg":6000,"actualCentiKg":5900/,
        );
      });

      for (const code of [
        'component-missing',
        'lot-required',
        'odoo-asks',
        'odoo-refused',
        'denied',
        'unit-unknown',
        'unit-too-coarse',
        'nothing-finished',
      ] as const) {
        it(`is refused where it can't help (${code}), and the alarm does not offer it`, async () => {
          await held(code);
          assert.ok(!(await world.batch(1))?.offers.includes('accept'));
          const { alarms } = await world.ask<{ alarms: { code: string; message: string }[] }>({ command: 'health' });
          const text = alarms.find((alarm) => alarm.code === 'waiting-for-person')?.message ?? '';
          assert.doesNotMatch(text, /accept/i);
          await assert.rejects(accept(), { httpStatus: 409 });
          assert.equal((await world.batch(1))?.hold?.code, code, 'it stays held');
        });
      }

      it('gives an order up of which nothing was made', async () => {
        await held('nothing-finished', [], {});
        assert.deepEqual((await world.batch(1))?.offers, ['correct', 'cancel']);
        await person({ command: 'cancel', order: name(1) });
        const cancel = await world.due();
        await world.complete(cancel, { outcome: 'verified', orderState: 'cancel', alreadyDone: false }, 'cancel');
        assert.equal(await world.stateOf(1), 'cancelled');
      });

      it('may leave no backorder where nothing is left', async () => {
        await held('quantity-changed', [{ what: 'order-quantity', expectedCentiKg: 10_000, actualCentiKg: 5_000 }]);
        assert.ok(!(await world.batch(1))?.offers.includes('backorder'));
        await assert.rejects(accept({ remainder: 'backorder' }), { httpStatus: 409 });
      });
    });

    it('a posting names the figures that earlier tries may have left in Odoo', async () => {
      await world.inPlc(1);
      for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(block(1, name(1), { a: 500, failed: true }));
      const record = await world.due();
      assert.equal(record.recorded, undefined);
      await world.complete(record, verified);
      await person({ command: 'reset', order: name(1) });
      await world.written(await world.ask<PlcWriteCommand>({ command: 'begin-sync' }));
      await world.observe(block(1, `${name(1)}#2`, { ...fullBatch, finished: true }));
      const push = await world.due();
      assert.deepEqual(push.recorded, [{ equipment: 101, actualCentiKg: 500 }]);
      await world.complete(push, { outcome: 'person', code: 'odoo-asks', message: 'Why?', deviations: [] });
      await person({
        command: 'correct',
        order: name(1),
        consumptionKg: { silo_a: 66 },
        finishedGoodsKg: 99,
        reason: 'weighed',
      });
      const corrected = await world.due();
      assert.ok(
        corrected.recorded?.some(({ equipment, actualCentiKg }) => equipment === 101 && actualCentiKg === 6_500),
      );
    });
  });
}
