// Manual weighings on both engines: each report of the PLC is part of its order once, or waits for a person, and goes to Odoo with its batch.
import assert from 'node:assert/strict';
import { parseBatchCommand } from '../../nodes/batch/command-parser.ts';
import type { WeighingView } from '../../nodes/batch/messages.ts';
import { type CentiKg, centiKg } from '../../nodes/core/mass.ts';
import type { OdooPushCommand } from '../../nodes/odoo/messages.ts';
import { originalMemoryMap as map } from '../../nodes/plc/memory-map.ts';
import type { RecordCommand } from '../../nodes/plc/messages.ts';
import { decodeWeighing, encodeWeighing } from '../../nodes/plc/record-codec.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { checkInvariants } from './invariants.ts';
import { block, deviates, fullBatch, LedgerWorld, operator, order, verified } from './ledger-world.ts';

const name = (n: number) => order(n).orderName;
const records = map.records.weighing ?? assert.fail('the original has weighings');
/** Product ids of the world's orders are their equipment codes. */
const siloA = 101;

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`manual weighings on ${engine}`, () => {
    let server: PostgresServer | undefined;
    let world: LedgerWorld;
    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
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

    /** What the PLC shows, through the codec and the border. */
    const weigh = (moName: string, massCentiKg: number, productId = siloA) => {
      const words = encodeWeighing(
        { slot: 0, moName, productId, massCentiKg: massCentiKg as CentiKg },
        records,
        'high-first',
        'first-char-high',
      );
      const weighing = decodeWeighing(words, records, 'high-first', 'first-char-high');
      const readAt = world.clock.now().toISOString();
      return world.send(parseBatchCommand({ command: 'weigh', plc: 'Mill', readAt, weighing }));
    };
    const idOf = ({ payload }: { readonly payload: unknown }) => (payload as RecordCommand & { id: number }).id;
    const flagged = (id: number) =>
      world.send({ command: 'weighed', record: 'weighing', id, done: true, reason: null, watchOnly: false });
    /** Weighed, and known to the PLC as read. */
    const weighed = async (...argument: Parameters<typeof weigh>) => {
      const reply = await weigh(...argument);
      await flagged(idOf(reply));
      return reply;
    };
    const list = async (more: object = {}) => {
      const { payload } = await world.send({ command: 'weighings', ...more });
      return (payload as { readonly data: readonly WeighingView[] }).data;
    };
    const settle = (id: number, more: object) =>
      world.ledger.execute({ command: 'settle-weighing', id, reason: 'typed wrong', ...more }, operator);
    const pushed = async () => {
      const push = (await world.due()) as OdooPushCommand;
      return { push, siloA: push.components.find(({ productId }) => productId === siloA)?.actualCentiKg };
    };

    it('are posted with the batch they belong to, and shown as posted once Odoo shows it', async () => {
      await world.inPlc(1);
      await weighed(name(1), 2_550);
      await world.observe(block(1, name(1), { a: 100 }));
      await weighed(name(1), 450);
      await world.observe(block(1, name(1), { ...fullBatch, finished: true }));
      const { push, siloA: mass } = await pushed();
      assert.equal(mass, 6_000 + 2_550 + 450);
      assert.deepEqual(
        (await list()).map(({ status, quantity }) => [status, quantity]),
        [
          ['taken', 4.5],
          ['taken', 25.5],
        ],
      );
      await world.complete(push, verified);
      assert.deepEqual(
        (await list()).map(({ status }) => status),
        ['posted', 'posted'],
      );
    });

    it('are one weighing, however often the record is read before its flag is up, also after a restart', async () => {
      await world.inPlc(1);
      const first = idOf(await weigh(name(1), 2_550));
      assert.equal(idOf(await weigh(name(1), 2_550)), first);
      await world.restart();
      assert.equal(idOf(await weigh(name(1), 2_550)), first);
      await flagged(first);
      assert.notEqual(idOf(await weigh(name(1), 2_550)), first, 'two bags of the same mass are two weighings');
      assert.equal((await list()).length, 2);
    });

    it('come before their batch is finished or after: the open outbox row is replaced by one that holds them', async () => {
      await world.finished(1);
      const { push: first } = await pushed();
      await weighed(name(1), 2_550);
      // Odoo may be at work on the older figures for half a minute.
      assert.equal(((await world.due()) as { command: string }).command, 'none');
      world.clock.advance(36_000);
      const { push, siloA: mass } = await pushed();
      assert.notEqual(push.pushId, first.pushId);
      assert.equal(mass, 6_000 + 2_550);
      // The older row's answer comes late and changes nothing.
      await world.complete(first, verified);
      assert.deepEqual(
        (await list()).map(({ status }) => status),
        ['taken'],
      );
      await world.complete(push, verified);
      assert.deepEqual(
        (await list()).map(({ status }) => status),
        ['posted'],
      );
    });

    it('keep a failed batch up to date in Odoo, and count once when it is made again', async () => {
      await world.inPlc(1);
      for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(block(1, name(1), { a: 3_000, failed: true }));
      const { push: first } = await pushed();
      await world.complete(first, verified);
      await weighed(name(1), 1_000);
      const { push, siloA: mass } = await pushed();
      assert.deepEqual([push.close, mass], [false, 4_000]);
      await world.complete(push, verified);
      await world.ledger.execute({ command: 'reset', order: name(1) }, operator);
      await weighed(name(1), 500);
      const [batch] = await world.list();
      assert.equal(batch?.consumption_silo_a, 45);
    });

    for (const [what, code, moName, productId] of [
      ['an order that the ledger does not know', 'order-unknown', 'WH/MO/77777', siloA],
      ['a product that the order has not', 'product-unknown', name(1), 999],
    ] as const) {
      it(`of ${what} wait for a person, with an alarm that ends when it is settled`, async () => {
        await world.inPlc(1);
        const { payload, alarms } = await weigh(moName, 2_550, productId);
        const id = idOf({ payload });
        assert.deepEqual(
          alarms.map(({ code: alarm, active }) => [alarm, active]),
          [['weighing-held', true]],
        );
        const [held] = await list({ waiting: true });
        assert.deepEqual([held?.id, held?.status, held?.code], [id, 'held', code]);
        const { payload: settled, alarms: over } = await settle(id, { order: name(1), productId: siloA, kg: 25 });
        const view = settled as WeighingView;
        assert.deepEqual(
          [view.status, view.quantity, view.reported.quantity, view.decided_by],
          ['taken', 25, 25.5, 'ani'],
        );
        assert.deepEqual(
          over.map(({ code: alarm, active }) => [alarm, active]),
          [['weighing-held', false]],
        );
        assert.deepEqual(await list({ waiting: true }), []);
        const [batch] = await world.list();
        assert.equal(batch?.consumption_silo_a, 25);
      });
    }

    it('of an order that has ended never touch it, and are discarded or given to another one', async () => {
      await world.finished(1);
      await world.complete((await pushed()).push, verified);
      await world.inPlc(2);
      const { payload } = await weigh(name(1), 2_550);
      const id = idOf({ payload });
      assert.equal((await list())[0]?.code, 'order-closed');
      await assert.rejects(settle(id, {}), { code: 'order-closed', httpStatus: 409 });
      assert.equal(((await world.due()) as { command: string }).command, 'none');
      await settle(id, { discard: true });
      assert.equal((await list())[0]?.status, 'discarded');
      await assert.rejects(settle(id, { order: name(2) }), { code: 'weighing-settled', httpStatus: 409 });
    });

    it('that can not be true are kept with their doubt, and never counted by themselves', async () => {
      await world.inPlc(1);
      await weigh(name(1), 600_000);
      const [held] = await list();
      assert.deepEqual([held?.status, held?.code, held?.reported.doubts.length], ['held', 'weighing-doubtful', 1]);
    });

    it('are corrected by a person until Odoo shows them', async () => {
      await world.inPlc(1, 2);
      const id = idOf(await weighed(name(1), 2_550));
      await settle(id, { order: name(2), kg: 20 });
      assert.deepEqual(
        (await world.list()).map(({ consumption_silo_a }) => consumption_silo_a),
        [null, 20],
      );
      await world.observe(block(2, name(2), { ...fullBatch, finished: true }));
      const { push, siloA: mass } = await pushed();
      assert.equal(mass, 8_000);
      await world.complete(push, deviates);
      await settle(id, { kg: 0.5 });
      world.clock.advance(36_000);
      const { push: second, siloA: corrected } = await pushed();
      assert.equal(corrected, 6_050);
      await world.complete(second, verified);
      await assert.rejects(settle(id, { kg: 1 }), { code: 'weighing-settled', httpStatus: 409 });
    });

    it('are settled once for a command id, and never after the batch was corrected over them', async () => {
      await world.inPlc(1);
      const id = idOf(await weigh('WH/MO/77777', 2_550));
      const first = await settle(id, { order: name(1), commandId: 'c1' });
      const again = await settle(id, { order: name(1), commandId: 'c1' });
      assert.deepEqual(again.payload, first.payload);
      const [batch] = await world.list();
      assert.equal(batch?.consumption_silo_a, 25.5);
      for (let cycle = 0; cycle < 3; cycle += 1) await world.observe(block(1, name(1), { a: 3_000, failed: true }));
      await world.ledger.execute(
        {
          command: 'correct',
          order: name(1),
          consumptionKg: { silo_a: 60, silo_b: 30, lq114: 10 },
          finishedGoodsKg: 100,
          reason: 'weighed again',
        },
        operator,
      );
      await assert.rejects(settle(id, { kg: 20 }), { code: 'state-conflict', httpStatus: 409 });
      assert.equal((await pushed()).siloA, centiKg(6_000));
    });
  });
}

describe('the border of manual weighings', () => {
  it('refuses what is no weighing or no decision, with every fault named', () => {
    const refused = (payload: object, ...fields: string[]) =>
      assert.throws(
        () => parseBatchCommand(payload),
        ({ message }: Error) => fields.every((field) => message.includes(field)),
      );
    refused({ command: 'weigh', weighing: { state: 'new', words: [] } }, 'plc', 'readAt', 'weighing.productId');
    refused({ command: 'settle-weighing', kg: -1, productId: 0 }, 'id', 'reason', 'kg', 'productId');
    refused({ command: 'weighed', record: 'failure', id: 1, done: true, watchOnly: false }, 'record');
    refused({ command: 'weighings', limit: 0 }, 'limit');
  });
});
