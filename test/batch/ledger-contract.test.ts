// What the ledger's tables, views and pages do on both engines.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { withRecords } from '../../nodes/batch/batch-store.ts';
import { batchMigrations } from '../../nodes/batch/migrations.ts';
import { openLedger } from '../../nodes/batch/open-ledger.ts';
import type { BatchSchema } from '../../nodes/batch/tables.ts';
import type { BatchView } from '../../nodes/batch/views.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { checkInvariants } from './invariants.ts';
import {
  block,
  clockActor,
  deviates,
  fullBatch,
  garbled,
  LedgerWorld,
  later,
  operator,
  order,
  verified,
} from './ledger-world.ts';

const name = (n: number) => order(n).orderName;
interface Page {
  readonly data: BatchView[];
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
}

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`the ledger on ${engine}`, () => {
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
    const archive = async (n: number) => {
      await world.finished(n);
      await world.complete(await world.due(), verified);
    };
    const history = (options: { limit?: number; offset?: number; search?: string }) =>
      world.ask<Page>({ command: 'history', ...options });

    it('carries orders through failure, quarantine, a person and Odoo to their end', async () => {
      await world.inPlc(1, 2, 3);
      for (let cycle = 0; cycle < 3; cycle += 1) {
        await world.observe(block(1, name(1), { a: 500, failed: true }), garbled(2), block(3, name(3), { a: 9 }));
      }
      await world.complete(await world.due(), verified);
      await world.send({ command: 'reset', order: name(1), commandId: 'c-1' }, operator);
      await world.send({ command: 'reset', order: name(1), commandId: 'c-1' }, operator);
      await world.send(
        {
          command: 'correct',
          order: name(2),
          consumptionKg: { silo_a: 60, silo_b: 30, lq114: 10 },
          finishedGoodsKg: 100,
          reason: 'x',
        },
        operator,
      );
      await world.complete(await world.due(), deviates);
      await world.send({ command: 'retry', order: name(2), accept: true }, operator);
      await world.complete(await world.due(), later);
      world.clock.advance(3_600_000);
      await world.send({ command: 'health' });
      await world.complete(await world.due(), verified);
      await world.observe(block(3, name(3), { ...fullBatch, finished: true }));
      await world.complete(await world.due(), verified);
      assert.deepEqual(
        (await world.list()).map((batch) => [batch.mo_id, batch.state]),
        [[name(1), 'queued']],
      );
      assert.equal((await history({})).total, 2);
    });

    it('refuses to change or delete an event, whoever asks', async () => {
      await world.inPlc(1);
      for (const statement of [
        "update batch_event set actor = 'nobody'",
        'delete from batch_event',
        ...(engine === 'postgres' ? ['truncate batch_event'] : []),
      ]) {
        await assert.rejects(sql.raw(statement).execute(world.db()), /append-only/);
      }
      assert.deepEqual(await world.eventsOf(1), ['staged', 'handed-over']);
    });

    it('refuses a second open batch of an order and a second batch in a slot, whatever the program does', async () => {
      await world.inPlc(1, 2);
      const row = await world.db().selectFrom('batch').selectAll().where('order_id', '=', 1).executeTakeFirstOrThrow();
      const copy = world
        .db()
        .insertInto('batch')
        .values({ ...row, id: 'copy', state: 'queued' });
      await assert.rejects(copy.execute(), { code: 'store-constraint' });
      const move = world.db().updateTable('batch').set({ slot: 1 }).where('order_id', '=', 2);
      await assert.rejects(move.execute(), { code: 'store-constraint' });
    });

    it('shows what is being made in the view mo_batch, under the names of the system before', async () => {
      await world.inPlc(1);
      await world.observe(block(1, name(1), { a: 1_234, lq114: 50 }));
      const { rows } = await sql<Record<string, unknown>>`select * from mo_batch where mo_id = ${name(1)}`.execute(
        world.db(),
      );
      const row = rows[0] ?? {};
      assert.equal(Number(row.batch_no), 1);
      assert.equal(Number(row.consumption), 100);
      assert.equal(Number(row.silo_a), 101);
      assert.equal(row.component_silo_a_name, 'Material 101');
      assert.equal(Number(row.consumption_silo_a), 60);
      assert.equal(Number(row.actual_consumption_silo_a), 12.34);
      assert.equal(Number(row.actual_consumption_silo_b), 0);
      assert.equal(row.actual_consumption_silo_m, null);
      assert.equal(Number(row.lq114), 114);
      assert.equal(row.component_lq114_name, 'Material 114');
      assert.equal(Number(row.consumption_lq114), 10);
      assert.equal(Number(row.actual_consumption_lq114), 0.5);
      assert.equal(Boolean(row.status_manufacturing), false);
      assert.equal(Boolean(row.update_odoo), false);
      assert.equal(new Date(String(row.last_read_from_plc)).toISOString(), '2026-01-05T00:00:00.000Z');
      for (const column of [
        'finished_goods',
        'equipment_id_batch',
        'status_operation',
        'odoo_cancelled',
        'component_lq115_name',
      ]) {
        assert(column in row, `${column} is there`);
      }
    });

    it('shows what has ended in the view mo_histories, with its status', async () => {
      await archive(1);
      const { rows } = await sql<Record<string, unknown>>`select * from mo_histories`.execute(world.db());
      assert.equal(rows.length, 1);
      assert.equal(rows[0]?.status, 'completed');
      assert.equal(Number(rows[0]?.actual_weight_quantity_finished_goods), 99.8);
      assert.equal(Number(rows[0]?.actual_consumption_silo_b), 30.1);
      assert(rows[0] && 'notes' in rows[0] && !('update_odoo' in rows[0]));
      assert.deepEqual((await sql`select * from mo_batch`.execute(world.db())).rows, []);
    });

    it('pages through the history, the latest first, with the true total', async () => {
      for (let n = 1; n <= 7; n += 1) await archive(n);
      const names = (page: Page) => page.data.map((batch) => batch.mo_id);
      const first = await history({ limit: 3 });
      assert.deepEqual(names(first), [name(7), name(6), name(5)]);
      assert.deepEqual([first.total, first.limit, first.offset], [7, 3, 0]);
      assert.deepEqual(names(await history({ limit: 3, offset: 6 })), [name(1)]);
      assert.deepEqual(names(await history({ limit: 3, offset: 7 })), []);
    });

    it('finds orders by any part of their name, taken literally', async () => {
      for (const n of [1, 12, 120, 30]) await archive(n);
      const found = await history({ search: 'mo/0012', limit: 1, offset: 0 });
      assert.deepEqual([found.data.map((batch) => batch.mo_id), found.total], [[name(120)], 1]);
      const second = await history({ search: '12', limit: 1, offset: 1 });
      assert.deepEqual([second.data.map((batch) => batch.mo_id), second.total], [[name(12)], 2]);
      assert.equal((await history({ search: '%' })).total, 0);
      assert.equal((await history({ search: '_' })).total, 0);
    });

    it('tells all rows of one order, each with its trail', async () => {
      await world.written(await world.stage(1), 'busy');
      await world.send({ command: 'clear' }, operator);
      await archive(1);
      const { batches } = await world.ask<{ batches: { state: string; events: { type: string; actor: string }[] }[] }>({
        command: 'get',
        order: name(1),
      });
      assert.deepEqual(
        batches.map((batch) => batch.state),
        ['archived', 'cancelled'],
      );
      assert.deepEqual(
        batches[1]?.events.map(({ type, actor }) => [type, actor]),
        [
          ['staged', 'flow'],
          ['cleared', 'ani'],
        ],
      );
      await assert.rejects(world.ask({ command: 'get', order: 'WH/MO/99999' }), { httpStatus: 404 });
    });

    it('keeps two lines apart and numbers the history of each', async () => {
      const other = await openLedger(world.store, { ...world.settings, line: 'line-2' }, { clock: world.clock });
      await archive(1);
      await world.inPlc(2);
      const staged = await other.execute({ command: 'stage', orders: [order(3)], refused: [] }, clockActor);
      assert.equal((staged.payload as { batches: { slot: number }[] }).batches[0]?.slot, 1);
      const { payload } = await other.execute({ command: 'history' }, clockActor);
      assert.equal((payload as Page).total, 0);
      await assert.rejects(other.execute({ command: 'reset', order: name(2) }, operator), /belongs to line-1/);
    });

    it('shows ten slots, counts, alarms and the outbox in one look', async () => {
      await world.inPlc(1, 2);
      await world.observe(block(1, name(1), { ...fullBatch, finished: true }), block(2, name(2), { a: 1 }));
      await world.complete(await world.due(), deviates);
      const monitor = await world.ask<{
        slots: { slot: number; batch: BatchView | null }[];
        counts: Record<string, number>;
        alarms: { code: string }[];
        outbox: { mo_id: string; hold: { code: string } | null }[];
      }>({ command: 'monitor' });
      assert.deepEqual(monitor.slots.map(({ slot, batch }) => [slot, batch?.mo_id ?? null]).slice(0, 3), [
        [1, name(1)],
        [2, name(2)],
        [3, null],
      ]);
      assert.equal(monitor.slots.length, 10);
      assert.deepEqual(monitor.counts, { finished: 1, running: 1 });
      assert.deepEqual(
        monitor.alarms.map(({ code }) => code),
        ['waiting-for-person'],
      );
      assert.deepEqual(
        monitor.outbox.map(({ mo_id, hold }) => [mo_id, hold?.code]),
        [[name(1), 'deviation']],
      );
    });

    it('lets exactly one of two changes win that began from the same batch', async () => {
      await world.inPlc(1);
      const { store, settings } = world;
      const [before] = await withRecords(store, settings.line, (records) => records.openBatches());
      assert(before);
      await world.observe(block(1, name(1), { a: 100 }));
      const change = { before, after: { ...before, slot: 9 }, events: [], settled: [] };
      const late = withRecords(store, settings.line, (records) => records.save([change], before.createdAt));
      await assert.rejects(late, { code: 'version-conflict', httpStatus: 409 });
      assert.equal((await world.batch(1))?.batch_no, 1);
    });

    it('stages each order once when two ledgers of one line meet', async () => {
      const twin = await openLedger(world.store, world.settings, { clock: world.clock });
      const orders = [1, 2, 3].map(order);
      const stage = { command: 'stage', orders, refused: [] } as const;
      const answers = await Promise.all([world.send(stage), twin.execute(stage, clockActor)]);
      assert.deepEqual(answers[0].payload, answers[1].payload);
      assert.equal((await world.list()).length, 3);
    });

    it('brings its tables up to date from an earlier release with rows in them', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'shopfloor-earlier-'));
      const url = (await server?.newDatabase()) ?? `sqlite:${join(directory, 'earlier.sqlite')}`;
      const earlier = await openStore(url);
      const [first] = Object.entries(batchMigrations(earlier.engine));
      assert(first);
      await earlier.migrate('batch', Object.fromEntries([first]));
      const row = await world.stage(1).then(() => world.db().selectFrom('batch').selectAll().executeTakeFirstOrThrow());
      await earlier.db<BatchSchema>().insertInto('batch').values(row).execute();
      await earlier.close();
      const now = await openStore(url);
      const ledger = await openLedger(now, world.settings, { clock: world.clock });
      const { payload } = await ledger.execute({ command: 'list' }, clockActor);
      assert.equal((payload as BatchView[])[0]?.mo_id, name(1));
      assert.equal((await sql`select * from mo_batch`.execute(now.db())).rows.length, 1);
      await now.close();
      rmSync(directory, { recursive: true, force: true });
    });
  });
}
