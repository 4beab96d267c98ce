// A filtered list on PostgreSQL reads what it shows and little more, however many newer problems of other kinds there are.
import assert from 'node:assert/strict';
import { type Kysely, sql } from 'kysely';
import { fillLog } from '../../../bench/support/ctp/fill-log.ts';
import { plantTimeOf } from '../../../nodes/core/plant-time.ts';
import { readListFilter } from '../../../nodes/ctp/queries/filter.ts';
import { firstStarts } from '../../../nodes/ctp/queries/first-problems.ts';
import { placesOf } from '../../../nodes/ctp/queries/pages.ts';
import { facetOf, placeOf } from '../../../nodes/ctp/queries/problem-fact.ts';
import type { CtpReadSchema } from '../../../nodes/ctp/queries/read-tables.ts';
import { openStore } from '../../../nodes/store/open-store.ts';
import type { Store } from '../../../nodes/store/store.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';

const problems = 10_000;
const newer = 10_000;
const nowMs = Date.UTC(2026, 10, 21, 5);
const plant = plantTimeOf('Asia/Jakarta');
const limit = 26;
/** After the twelve of the log; who asks for it knows it by its number only. */
const lateMachine = 13;

/** Filters whose problems ceased to come, with the number of index ranges that each of them takes. */
const filters = [
  { filter: { severity: 'stop' }, ranges: 9 },
  { filter: { technician_type: 'vendor' }, ranges: 9 },
  { filter: { status: 'void' }, ranges: 9 },
  { filter: { machine_id: 12 }, ranges: 1 },
  { filter: { machine_id: 12, severity: 'minor' }, ranges: 9 },
  { filter: { machine_id: 2, severity: 'stop' }, ranges: 9 },
  { filter: { machine_id: 2, status: 'completed', severity: 'stop', technician_type: 'vendor' }, ranges: 1 },
] as const;

describe('the list of problems on PostgreSQL', function () {
  this.timeout(120_000);
  let server: PostgresServer;
  let store: Store;
  before(async function () {
    server = await startPostgres(this);
    this.timeout(120_000);
    store = await openStore(await server.newDatabase());
    await fillLog(store, plant, problems, nowMs);
    await addNewer(store);
  });
  after(async () => {
    await store.close();
    server.stop();
  });

  for (const { filter, ranges } of filters) {
    it(`finds a page of ${JSON.stringify(filter)} without reading what came later`, async () => {
      const { found, read } = await store.transaction<CtpReadSchema, { found: number; read: number }>(async (db) => {
        const machines = await sql<{ id: number; nickname: string; name: string }>`
          select id, nickname, name from ctp_machine`.execute(db);
        const asked = readListFilter(filter, { plant, machines: machines.rows, scope: 'all' });
        const before = await rowsRead(db);
        const rows = await placesOf(db, 'postgres', asked, undefined, limit);
        return { found: rows.length, read: (await rowsRead(db)) - before };
      });
      assert.equal(found, limit);
      assert.ok(read <= ranges * limit, `${read} rows were read for ${ranges} ranges of at most ${limit}`);
    });
  }

  it('finds the first problem of a machine that came last without reading those of the others', async () => {
    const { first, read } = await store.transaction<CtpReadSchema, { first: number | undefined; read: number }>(
      async (db) => {
        const before = await rowsRead(db);
        const starts = await firstStarts(db, [lateMachine, lateMachine + 1]);
        return { first: starts.get(lateMachine), read: (await rowsRead(db)) - before };
      },
    );
    assert.equal(first, nowMs);
    assert.ok(read <= 2, `${read} rows were read`);
  });
});

/** Rows of problems that this connection took from their table, whether they fitted a filter or not. */
async function rowsRead(db: Kysely<CtpReadSchema>): Promise<number> {
  const { rows } = await sql<{ read: string }>`
    select seq_tup_read + idx_tup_fetch as read from pg_stat_xact_user_tables where relname = 'ctp_fact'`.execute(db);
  return Number(rows[0]?.read ?? Number.NaN);
}

/** Problems of one common kind and of a machine that came last, all of them newer than the log. */
async function addNewer(store: Store): Promise<void> {
  const db = store.db<CtpReadSchema>();
  const facet = facetOf({ status: 'completed', severity: 'minor', technician_type: 'lokal' });
  for (let from = 0; from < newer; from += 1000) {
    const rows = Array.from({ length: 1000 }, (_, index) => {
      const id = problems + from + index + 1;
      const startMs = nowMs + (from + index) * 1000;
      return {
        place: placeOf(startMs, id),
        id,
        machine_id: index % 2 === 0 ? lateMachine : 2,
        facet,
        start_ms: startMs,
        end_ms: startMs + 1000,
        response_ms: null,
        span_class: 0,
        error_code: null,
        category: null,
        technician_name: null,
        vendor_name: null,
      };
    });
    await db.insertInto('ctp_fact').values(rows).execute();
  }
  await sql`analyze ctp_fact`.execute(db);
}
