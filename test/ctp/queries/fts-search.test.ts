// SQLite's full-text index is leapt through and not read: FTS5 takes only bounds that are integers, and its pages are short.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  type LogEvent,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';
import { plantTimeOf } from '../../../nodes/core/plant-time.ts';
import { ctpMigrations, ctpRoom } from '../../../nodes/ctp/migrations.ts';
import { FtsSearch } from '../../../nodes/ctp/queries/fts-search.ts';
import { problemsInOrder } from '../../../nodes/ctp/queries/problem-source.ts';
import type { CtpReadSchema } from '../../../nodes/ctp/queries/read-tables.ts';
import { rebuildLists } from '../../../nodes/ctp/queries/rebuild.ts';
import { openStore } from '../../../nodes/store/open-store.ts';
import type { Store } from '../../../nodes/store/store.ts';
import { dayMs, ReadWorld } from './read-world.ts';

const nowMs = Date.UTC(2026, 10, 21, 8);

describe('the walk through the full-text index of SQLite', () => {
  it('begins and ends at whole numbers of SQLite', async () => {
    const asked: CompiledQuery[] = [];
    const db = new Kysely<CtpReadSchema>({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (its) => new SqliteIntrospector(its),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
      log: ({ query }: LogEvent) => {
        asked.push(query);
      },
    });
    const question = { groups: [[{ term: 'mesin' }]], fromPlace: 1_000, toPlace: 2_000, limit: 26, counted: 1_000 };
    const { count } = await new FtsSearch(db).matches(question);
    await count;
    assert.deepEqual(
      asked.map(({ parameters }) => parameters.slice(0, 3)),
      [
        ['("mesin")', -2_000n, -1_000n],
        ['("mesin")', -2_000n, -1_000n],
      ],
    );
  });

  describe('in a log of before its pages were short', () => {
    let directory: string;
    let url: string;
    before(async () => {
      directory = mkdtempSync(join(tmpdir(), 'shopfloor-fts-'));
      url = `sqlite:${join(directory, 'store.sqlite')}`;
      const store = await openStore(url);
      const { '0005-search-pages': added, ...released } = ctpMigrations('sqlite');
      assert.ok(added);
      await store.migrate(ctpRoom, released);
      await sql`with recursive number (n) as (select 1 union all select n + 1 from number where n < 8000)
        insert into ctp_problem (machine_id, problem_ms, severity, problem_description, technician_type, start_ms, status,
          void_reason, parts, opening, open_since_ms, escalated, created_by, created_ms, updated_ms, version)
        select 1, ${nowMs}, 'slow', 'rol ' || n || case when n % 2 = 0 then ' genap' else ' ganjil' end, 'none', ${nowMs} - n * ${dayMs / 8},
          case when n % 5 = 0 then 'void' else 'ongoing' end, case when n % 5 = 0 then 'salah' end, '[]', 1, 0, 0, 'a', 0, 0, 1
        from number`.execute(store.db<unknown>());
      await rebuildLists(store, plantTimeOf('Asia/Jakarta'), () => problemsInOrder(store));
      assert.ok((await longestPage(store)) > 3_000);
      await store.close();
    });
    after(() => rmSync(directory, { recursive: true, force: true }));

    it('they are shortened, once and for what is added or rebuilt later, and everything is found again', async () => {
      const world = await ReadWorld.open('Asia/Jakarta', nowMs, url);
      for await (const problems of problemsInOrder(world.store))
        for (const problem of problems) world.problems.set(problem.id, problem);
      const ids = async (search: string, filter: object = {}) =>
        (await world.queries.list({ ...filter, search }, 'all')).data.map(({ id }) => id);
      const expectAll = async () => {
        assert.ok((await longestPage(world.store)) <= 600);
        assert.deepEqual(await ids('rol 7999'), [7999]);
        assert.deepEqual((await ids('genap rol')).slice(0, 5), [2, 4, 6, 8, 12]);
        assert.deepEqual((await ids('ganjil', { status: 'void' })).slice(0, 3), [5, 15, 25]);
        assert.deepEqual(await ids('rol 8000', { status: 'void' }), [8000]);
      };
      try {
        await expectAll();
        await world.rebuild();
        await expectAll();
      } finally {
        await world.close();
      }
    });
  });
});

/** Bytes of the longest page of postings. */
async function longestPage(store: Store): Promise<number> {
  const { rows } = await sql<{ longest: number }>`
    select max(length(block)) as longest from ctp_text_data`.execute(store.reader<unknown>());
  return rows[0]?.longest ?? 0;
}
