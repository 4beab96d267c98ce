// What SQLite as a ledger's database must do by itself.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { parseStoreUrl } from '../../nodes/store/store-url.ts';

interface Schema {
  note: { id: number; text: string };
}

describe('a SQLite store', () => {
  let directory: string;
  let stores: Store[];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'shopfloor-sqlite-'));
    stores = [];
  });
  afterEach(async () => {
    for (const store of stores) await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const open = async (path: string): Promise<Store> => {
    const store = await openStore(`sqlite:${path}`);
    stores.push(store);
    return store;
  };
  const pragma = async (store: Store, name: string): Promise<unknown> => {
    const { rows } = await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(store.db());
    return Object.values(rows[0] ?? {})[0];
  };

  it('writes ahead, syncs every commit, waits for others and keeps foreign keys', async () => {
    const store = await open(join(directory, 'a.sqlite'));
    assert.equal(await pragma(store, 'journal_mode'), 'wal');
    assert.equal(await pragma(store, 'synchronous'), 2);
    assert.equal(await pragma(store, 'busy_timeout'), 5000);
    assert.equal(await pragma(store, 'foreign_keys'), 1);
  });

  it('opens one connection for a file, whatever path leads to it, until its last user has closed', async () => {
    const one = await open(join(directory, 'a.sqlite'));
    symlinkSync(directory, join(directory, 'link'));
    const other = await open(join(directory, 'link', 'a.sqlite'));
    await sql`create temp table only_here (id integer)`.execute(one.db());
    await sql`select * from only_here`.execute(other.db());
    await one.close();
    await sql`select * from only_here`.execute(other.db());
    await other.close();
    const fresh = await open(join(directory, 'a.sqlite'));
    await assert.rejects(sql`select * from only_here`.execute(fresh.db()), { code: 'store-refused' });
  });

  it('says that the disk is full, keeps the old rows, and works again once there is room', async () => {
    const store = await open(join(directory, 'a.sqlite'));
    await sql`create table note (id integer primary key, text text)`.execute(store.db());
    await store.db<Schema>().insertInto('note').values({ id: 1, text: 'first' }).execute();
    const pages = Number(await pragma(store, 'page_count'));
    await pragma(store, `max_page_count = ${pages}`);
    const write = () =>
      store.transaction<Schema, void>(async (transaction) => {
        await transaction.updateTable('note').set({ text: 'changed' }).execute();
        await transaction
          .insertInto('note')
          .values({ id: 2, text: 'x'.repeat(100_000) })
          .execute();
      });
    await assert.rejects(write(), { code: 'store-full', httpStatus: 503 });
    const rows = await store.db<Schema>().selectFrom('note').selectAll().execute();
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [{ id: 1, text: 'first' }],
    );
    await pragma(store, 'max_page_count = 1000000');
    await write();
  });

  it('reports a lock of another process as busy', async () => {
    const path = join(directory, 'a.sqlite');
    const store = await open(path);
    await sql`create table note (id integer primary key, text text)`.execute(store.db());
    await pragma(store, 'busy_timeout = 10');
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    await assert.rejects(
      store.transaction<Schema, void>(async (transaction) => {
        await transaction.insertInto('note').values({ id: 1, text: '' }).execute();
      }),
      { code: 'store-busy' },
    );
    other.exec('rollback');
    other.close();
  });

  it('names the file that is no database, and the directory that is none', async () => {
    const path = join(directory, 'letter.txt');
    writeFileSync(path, 'Dear database, this is a letter and not one of yours. '.repeat(50));
    await assert.rejects(openStore(`sqlite:${path}`), (error) => {
      assert(error instanceof Error);
      assert.match(error.message, /letter\.txt can't be opened/);
      return true;
    });
    await assert.rejects(openStore(`sqlite:${join(path, 'below.sqlite')}`), { code: 'store-damaged' });
  });

  it('goes on beyond its cache of prepared statements', async () => {
    const store = await open(join(directory, 'a.sqlite'));
    await sql`create table note (id integer primary key, text text)`.execute(store.db());
    for (let id = 1; id <= 600; id += 1) {
      await sql`insert into note (id, text) values (${id}, ${sql.lit(`text ${id}`)})`.execute(store.db());
    }
    const { rows } = await sql<{ n: number }>`select count(*) as n from note`.execute(store.db());
    assert.equal(rows[0]?.n, 600);
  });
});

describe('the address of a store', () => {
  it('is a SQLite path or a PostgreSQL address', () => {
    assert.deepEqual(parseStoreUrl('sqlite:data/a.sqlite'), {
      engine: 'sqlite',
      path: 'data/a.sqlite',
      shown: 'sqlite:data/a.sqlite',
    });
    assert.equal(parseStoreUrl('sqlite:///var/a.sqlite').shown, 'sqlite:/var/a.sqlite');
    assert.equal(parseStoreUrl('postgresql://host/db').engine, 'postgres');
  });

  it('never shows a password', () => {
    assert.equal(parseStoreUrl('postgres://ani:geheim@host/db').shown, 'postgres://ani:***@host/db');
    assert.equal(parseStoreUrl('postgres://host/db?password=geheim').shown, 'postgres://host/db?password=***');
  });

  it('is refused with an example, and without repeating what may be a secret', () => {
    for (const url of ['', 'mysql://ani:geheim@host/db', 'sqlite:', 'postgres://ani:geheim@ho st/db', 'geheim']) {
      assert.throws(
        () => parseStoreUrl(url),
        (error) => {
          assert(error instanceof Error);
          assert.match(error.message, /postgres:\/\/user:password@host/);
          assert(!error.message.includes('geheim'));
          return true;
        },
      );
    }
  });
});
