// One contract that both engines keep.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { inList } from '../../nodes/store/empty-lists.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { RoomMigrations, Store } from '../../nodes/store/store.ts';
import { StoreError } from '../../nodes/store/store-error.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

interface Schema {
  account: { id: number; balance: number };
}

const accounts: RoomMigrations = {
  '0001': {
    up: async (db) => {
      await sql`create table account (id integer primary key, balance bigint not null check (balance >= 0))`.execute(
        db,
      );
      await sql`insert into account (id, balance) values (1, 100), (2, 100)`.execute(db);
    },
  },
};

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`the store on ${engine}`, () => {
    let server: PostgresServer | undefined;
    let directory: string;
    let url: string;
    let store: Store;
    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
    });
    after(function () {
      this.timeout(60_000);
      server?.stop();
    });
    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), 'shopfloor-store-'));
      url = (await server?.newDatabase()) ?? `sqlite:${join(directory, 'deep', 'er', 'store.sqlite')}`;
      store = await openStore(url);
    });
    afterEach(async () => {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    });

    const balance = async (id: number, from = store): Promise<number | undefined> => {
      const row = await from
        .db<Schema>()
        .selectFrom('account')
        .select('balance')
        .where('id', '=', id)
        .executeTakeFirst();
      return row?.balance;
    };

    it('finds nothing in an empty list and everything outside of it, whoever writes the question', async () => {
      await store.migrate('accounts', accounts);
      for (const db of [store.db<Schema>(), store.reader<Schema>()]) {
        const idsOf = (rows: readonly { readonly id: number }[]) => rows.map(({ id }) => id);
        const accountsOf = db.selectFrom('account').select('id').orderBy('id');
        assert.deepEqual(idsOf(await accountsOf.where('id', 'in', []).execute()), []);
        assert.deepEqual(idsOf(await accountsOf.where('id', 'not in', []).execute()), [1, 2]);
        const byHand = (some: readonly number[]) =>
          sql<{ id: number }>`select id from account where id in (${inList(some)})`.execute(db);
        assert.deepEqual(idsOf((await byHand([])).rows), []);
        assert.deepEqual(idsOf((await byHand([2])).rows), [2]);
      }
      const changed = await store.transaction<Schema, readonly bigint[]>(async (transaction) => {
        const updated = await transaction
          .updateTable('account')
          .set({ balance: 0 })
          .where('id', 'in', [])
          .executeTakeFirstOrThrow();
        const deleted = await transaction.deleteFrom('account').where('id', 'in', []).executeTakeFirstOrThrow();
        return [updated.numUpdatedRows, deleted.numDeletedRows];
      });
      assert.deepEqual(changed, [0n, 0n]);
      assert.equal(await balance(1), 100);
    });
    const transfer = (amount: number, turns?: string, begun: () => unknown = () => {}, from = store): Promise<void> => {
      const options = turns === undefined ? {} : { turns };
      return from.transaction<Schema, void>(async (transaction) => {
        begun();
        const row = await transaction
          .selectFrom('account')
          .select('balance')
          .where('id', '=', 1)
          .executeTakeFirstOrThrow();
        await new Promise((resolve) => setImmediate(resolve));
        await transaction
          .updateTable('account')
          .set({ balance: row.balance - amount })
          .where('id', '=', 1)
          .execute();
        await transaction
          .updateTable('account')
          .set((account) => ({ balance: account('balance', '+', amount) }))
          .where('id', '=', 2)
          .execute();
      }, options);
    };

    it('reads what is committed, and never what is not yet', async () => {
      await store.migrate('accounts', accounts);
      const seen = () => store.reader<Schema>().selectFrom('account').select('balance').where('id', '=', 1).execute();
      await store.transaction<Schema, void>(async (transaction) => {
        await transaction.updateTable('account').set({ balance: 7 }).where('id', '=', 1).execute();
        assert.deepEqual(await seen(), [{ balance: 100 }]);
      });
      assert.deepEqual(await seen(), [{ balance: 7 }]);
    });

    it('answers a wrong read with the typed error, and the next one all the same', async () => {
      await store.migrate('accounts', accounts);
      const wrong = sql`select nothing from nowhere`.execute(store.reader<Schema>());
      await assert.rejects(wrong, StoreError);
      assert.equal((await store.reader<Schema>().selectFrom('account').selectAll().execute()).length, 2);
    });

    it('answers a short read while a long one is under way', async function () {
      this.timeout(30_000);
      const order: string[] = [];
      const count = async (name: string, to: number) => {
        await sql`with recursive up (n) as (select 1 union all select n + 1 from up where n < ${sql.lit(to)})
          select max(n) from up`.execute(store.reader());
        order.push(name);
      };
      await Promise.all([count('long', 2_000_000), count('short', 10)]);
      assert.deepEqual(order, ['short', 'long']);
    });

    it('keeps what a transaction committed and nothing of one that failed', async () => {
      await store.migrate('bank', accounts);
      await transfer(30);
      await assert.rejects(
        store.transaction<Schema, void>(async (transaction) => {
          await transaction.updateTable('account').set({ balance: 0 }).execute();
          throw new Error('changed my mind');
        }),
        /changed my mind/,
      );
      assert.deepEqual([await balance(1), await balance(2)], [70, 130]);
    });

    it('refuses to wait for the transaction that asks, and serves everyone again once it is over', async () => {
      await store.migrate('bank', accounts);
      const beside: Record<string, () => Promise<unknown>> = {
        'a query': () => balance(1),
        'a second transaction': () => store.transaction<Schema, void>(async () => {}),
        'tables of another room': () => store.migrate('later', { '0001': { up: async () => {} } }),
      };
      for (const [what, ask] of Object.entries(beside)) {
        await assert.rejects(
          store.transaction<Schema, void>(async (transaction) => {
            await transaction.updateTable('account').set({ balance: 0 }).execute();
            await ask();
          }),
          { code: 'store-refused', message: /beside the transaction/ },
          what,
        );
        assert.equal(await balance(1), 100, what);
        await ask();
      }
      await store.transaction<Schema, void>(() => store.migrate('bank', accounts));
    });

    it('asks outside again from what a transaction left behind', async () => {
      await store.migrate('bank', accounts);
      const over = new EventEmitter();
      let late: Promise<number | undefined> | undefined;
      await store.transaction<Schema, void>(async () => {
        late = once(over, 'over').then(() => balance(1));
      });
      over.emit('over');
      assert.equal(await late, 100);
    });

    it('loses no update among transactions that meet', async function () {
      this.timeout(30_000);
      await store.migrate('bank', accounts);
      await Promise.all(Array.from({ length: 12 }, () => transfer(1)));
      assert.deepEqual([await balance(1), await balance(2)], [88, 112]);
    });

    it('runs each of those that take turns once, in the order of asking', async function () {
      this.timeout(30_000);
      await store.migrate('bank', accounts);
      const runs: number[] = [];
      const all = Array.from({ length: 20 }, (_, person) => transfer(1, 'bank', () => runs.push(person)));
      await Promise.all(all);
      assert.deepEqual(
        runs,
        all.map((_, person) => person),
      );
      assert.deepEqual([await balance(1), await balance(2)], [80, 120]);
    });

    it('loses no update to a process that takes its turns elsewhere', async function () {
      this.timeout(30_000);
      await store.migrate('bank', accounts);
      const elsewhere = await openStore(url);
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => transfer(1, 'bank', undefined, index % 2 === 0 ? store : elsewhere)),
      );
      await elsewhere.close();
      assert.deepEqual([await balance(1), await balance(2)], [80, 120]);
    });

    it('goes on with the next turn after one that failed', async () => {
      await store.migrate('bank', accounts);
      const failed = transfer(1000, 'bank');
      const next = transfer(1, 'bank');
      await assert.rejects(failed, { code: 'store-constraint' });
      await next;
      assert.equal(await balance(1), 99);
    });

    it('gives counts, sums and large integers as exact numbers', async () => {
      await store.migrate('bank', accounts);
      const large = Number.MAX_SAFE_INTEGER;
      await store.db<Schema>().insertInto('account').values({ id: 3, balance: large }).execute();
      const counted = await store
        .db<Schema>()
        .selectFrom('account')
        .select((select) => [select.fn.countAll<number>().as('n'), select.fn.max('balance').as('most')])
        .executeTakeFirstOrThrow();
      assert.deepEqual({ ...counted }, { n: 3, most: large });
      const { sum } = await store
        .db<Schema>()
        .selectFrom('account')
        .select((select) => select.fn.sum<number>('balance').as('sum'))
        .where('id', '<', 3)
        .executeTakeFirstOrThrow();
      assert.equal(sum, 200);
    });

    it('names a rule of the tables that refused a row', async () => {
      await store.migrate('bank', accounts);
      await assert.rejects(store.db<Schema>().updateTable('account').set({ balance: -1 }).execute(), (error) => {
        assert(error instanceof StoreError);
        assert.equal(error.fault, 'constraint');
        return true;
      });
    });

    it('runs each migration once, in order, for each room by itself', async () => {
      await store.migrate('bank', accounts);
      const later: RoomMigrations = {
        ...accounts,
        '0002': { up: async (db) => void (await sql`update account set balance = balance + 1`.execute(db)) },
      };
      const again = await openStore(url);
      await again.migrate('bank', later);
      await again.migrate('bank', later);
      await again.migrate('other', {
        '0001': { up: async (db) => void (await sql`create table other (id integer)`.execute(db)) },
      });
      assert.equal(await balance(1, again), 101);
      await again.close();
    });

    it('keeps nothing of a migration that fails, and tries it again at the next call', async () => {
      let broken = true;
      const migrations: RoomMigrations = {
        '0001': {
          up: async (db) => {
            await sql`create table half (id integer)`.execute(db);
            if (broken) throw new Error('out of luck');
          },
        },
      };
      await assert.rejects(store.migrate('bank', migrations), (error) => {
        assert(error instanceof StoreError);
        assert.equal(error.fault, 'migration');
        assert.match(error.message, /0001.*out of luck/);
        return true;
      });
      broken = false;
      await store.migrate('bank', migrations);
      await sql`select * from half`.execute(store.db());
    });

    it('refuses a database that a newer version has migrated', async () => {
      await store.migrate('bank', { ...accounts, '0002': { up: async () => {} } });
      const older = await openStore(url);
      await assert.rejects(older.migrate('bank', accounts), { code: 'store-migration' });
      await older.close();
    });

    it('migrates once when two processes start at the same moment', async function () {
      this.timeout(30_000);
      const script = new URL('./migrating-process.ts', import.meta.url);
      const processes = [1, 2, 3].map(() => fork(script, [url], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
      const ready = processes.map((child) => once(child, 'message'));
      await Promise.all(ready);
      const exits = processes.map((child) => once(child, 'exit'));
      for (const child of processes) child.send('go');
      for (const exit of exits) assert.equal((await exit)[0], 0);
      const { rows } = await sql<{ n: number }>`select count(*) as n from started`.execute(store.db());
      assert.equal(rows[0]?.n, 1);
    });

    it('may be closed twice', async () => {
      await store.close();
      await store.close();
    });
  });
}

describe('the PostgreSQL pool', () => {
  let server: PostgresServer;
  before(async function () {
    server = await startPostgres(this);
  });
  after(function () {
    this.timeout(60_000);
    server?.stop();
  });

  it('survives a restart of the server and goes on with new connections', async () => {
    const faults: Error[] = [];
    const store = await openStore(await server.newDatabase(), { onError: (error) => faults.push(error) });
    await sql`select 1`.execute(store.db());
    await server.cutConnections();
    await waitUntil(async () => {
      try {
        await sql`select 1`.execute(store.db());
        return true;
      } catch {
        return false;
      }
    });
    await store.close();
  });

  it('lets transactions of other turns, and of none, pass one that takes its time', async () => {
    const store = await openStore(await server.newDatabase());
    await store.migrate('bank', accounts);
    const ends = new EventEmitter();
    const ended = once(ends, 'slow');
    const slow = store.transaction<Schema, void>(
      async (transaction) => {
        await transaction.selectFrom('account').select('id').execute();
        await ended;
      },
      { turns: 'bank' },
    );
    const quick = async () => 'done';
    assert.equal(await store.transaction(quick, { turns: 'other' }), 'done');
    assert.equal(await store.transaction(quick), 'done');
    ends.emit('slow');
    await slow;
    await store.close();
  });

  it('reports a lost connection inside a transaction as a typed error', async () => {
    const store = await openStore(await server.newDatabase());
    await assert.rejects(
      store.transaction(async (transaction) => {
        await sql`select 1`.execute(transaction);
        await server.cutConnections();
        await sql`select 1`.execute(transaction);
      }),
      { code: 'store-unreachable' },
    );
    await store.close();
  });

  it('reports a server that is not there as unreachable, without the password', async () => {
    const store = await openStore('postgres://someone:secret@127.0.0.1:1/none');
    await assert.rejects(sql`select 1`.execute(store.db()), (error) => {
      assert(error instanceof StoreError);
      assert.equal(error.fault, 'unreachable');
      assert(!error.message.includes('secret'));
      return true;
    });
    assert.equal(store.location, 'postgres://someone:***@127.0.0.1:1/none');
    await store.close();
  });
});

async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}
