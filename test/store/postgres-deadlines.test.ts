// A PostgreSQL server that stands still, and one whose tables another program has locked: every question is answered in time.
import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { Client } from 'pg';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { StoreError } from '../../nodes/store/store-error.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

interface Schema {
  note: { id: number; text: string };
}

const answerMs = 5_000;
/** By itself, after the fault has ended. */
const backMs = 10_000;

describe('a PostgreSQL store', function () {
  this.timeout(90_000);
  let server: PostgresServer;
  let url: string;
  let store: Store;
  before(async function () {
    server = await startPostgres(this);
  });
  after(() => server?.stop());
  beforeEach(async () => {
    url = await server.newDatabase();
    store = await openStore(url);
    await sql`create table note (id integer primary key, text text)`.execute(store.db());
    await add(0);
  });
  afterEach(() => store.close());

  const add = (id: number) => store.db<Schema>().insertInto('note').values({ id, text: 'x' }).execute();
  const addInTransaction = (id: number) =>
    store.transaction<Schema, unknown>(
      (transaction) => transaction.insertInto('note').values({ id, text: 'x' }).execute(),
      { turns: 'notes' },
    );
  const ids = async (from: 'db' | 'reader' = 'db') =>
    (await store[from]<Schema>().selectFrom('note').select('id').orderBy('id').execute()).map(({ id }) => id);
  const timed = async (work: () => Promise<unknown>): Promise<{ readonly ms: number; readonly code: string }> => {
    const beganMs = performance.now();
    const code = await work().then(
      () => 'done',
      (error: unknown) => (error instanceof StoreError ? error.code : String(error)),
    );
    return { ms: performance.now() - beganMs, code };
  };
  const comesBack = async () => {
    const until = performance.now() + backMs;
    for (;;) {
      const { code } = await timed(() => ids());
      if (code === 'done') return;
      assert.ok(performance.now() < until, `still ${code}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  it('refuses everything within five seconds while the server stands still, soon at once, and comes back by itself', async () => {
    const goOn = server.freeze();
    try {
      const asked = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          timed(
            [() => ids(), () => ids('reader'), () => add(index + 1), () => addInTransaction(index + 1)][index % 4] ??
              ids,
          ),
        ),
      );
      assert.deepEqual([...new Set(asked.map(({ code }) => code))], ['store-unreachable']);
      assert.ok(Math.max(...asked.map(({ ms }) => ms)) < answerMs, JSON.stringify(asked));
      const next = await timed(() => ids());
      assert.equal(next.code, 'store-unreachable');
      assert.ok(next.ms < 200, `${next.ms} ms`);
    } finally {
      goOn();
    }
    await comesBack();
    assert.equal((await timed(() => addInTransaction(1_000))).code, 'done');
    assert.ok((await ids()).includes(1_000));
  });

  it('closes while the server stands still', async () => {
    const goOn = server.freeze();
    try {
      const { ms } = await timed(() => store.close());
      assert.ok(ms < answerMs, `${ms} ms`);
    } finally {
      goOn();
    }
  });

  it('refuses as busy what waits for a lock of another program, and goes on once it is gone', async () => {
    const other = new Client({ connectionString: url });
    await other.connect();
    try {
      await other.query('begin; lock table note in access exclusive mode');
      const asked = await Promise.all([timed(() => ids()), timed(() => add(1)), timed(() => addInTransaction(2))]);
      assert.deepEqual(
        asked.map(({ code }) => code),
        ['store-busy', 'store-busy', 'store-busy'],
      );
      assert.ok(Math.max(...asked.map(({ ms }) => ms)) < answerMs, JSON.stringify(asked));
      await other.query('rollback');
      await comesBack();
      assert.deepEqual(await ids(), [0]);
    } finally {
      await other.end();
    }
  });

  it('says by name that the server ended a statement for taking too long', async () => {
    const asked = store.transaction(async (transaction) => {
      await sql`set local statement_timeout = 100`.execute(transaction);
      await sql`select pg_sleep(30)`.execute(transaction);
    });
    await assert.rejects(asked, { code: 'store-slow', httpStatus: 503 });
    assert.deepEqual(await ids(), [0]);
  });

  it('lets a migration, or a job, take as long as it needs', async () => {
    await store.migrate('patient', {
      '0001': { up: async (db) => void (await sql`select pg_sleep(5)`.execute(db)) },
    });
    await sql`select pg_sleep(5)`.execute(store.db());
    assert.deepEqual(await ids(), [0]);
  });
});
