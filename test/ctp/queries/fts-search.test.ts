// A page far back in SQLite's full-text index is leapt to: FTS5 takes bounds that are integers and reads all that lies before others.
import assert from 'node:assert/strict';
import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  type LogEvent,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { FtsSearch } from '../../../nodes/ctp/queries/fts-search.ts';
import type { CtpReadSchema } from '../../../nodes/ctp/queries/read-tables.ts';

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
});
