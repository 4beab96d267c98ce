import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { freePort } from '../../../deploy/free-port.ts';
import { batchMigrations } from '../../../nodes/batch/migrations.ts';
import { openStore } from '../../../nodes/store/open-store.ts';
import type { Store } from '../../../nodes/store/store.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { Plant } from './support/visit.ts';

describe('the doctor at a SQLite database', () => {
  const plant = new Plant();

  const file = (): string => join(plant.home, 'plant.sqlite');
  const visitDatabase = () => plant.visit({ DATABASE_URL: `sqlite:${file()}` });
  async function migratedStore(): Promise<Store> {
    const store = await openStore(`sqlite:${file()}`);
    plant.whenOver(() => store.close());
    await store.migrate('batch', batchMigrations('sqlite'));
    return store;
  }
  /** Names and contents of everything in the folder. */
  const folderState = () =>
    readdirSync(plant.home).map((name) => [name, readFileSync(join(plant.home, name)).toString('base64')]);

  it('tells its version and that its tables are up to date, and leaves every byte as it is', async () => {
    await (await migratedStore()).close();
    const before = folderState();
    const { healthy, text } = await visitDatabase();
    assert.match(text, /works +file +SQLite 3\.\d+\.\d+, \d+ KiB/);
    assert.match(text, /works +tables of batch +up to date/);
    assert.equal(healthy, true);
    assert.deepEqual(folderState(), before);
  });

  it('looks at it while the plant runs, with what was committed a moment ago', async () => {
    const store = await migratedStore();
    await sql`delete from batch_migration where name <> '0001-ledger'`.execute(store.db());
    const { healthy, text } = await visitDatabase();
    assert.match(text, /doubtful +tables of batch +0002-\S+(?:,\s+\d{4}-[\w-]+)*\s+still to come/);
    assert.equal(healthy, true);
    const { rows } = await sql<{ name: string }>`select name from batch_migration`.execute(store.db());
    assert.deepEqual(
      rows.map(({ name }) => name),
      ['0001-ledger'],
    );
  });

  it('refuses tables of a newer version', async () => {
    const store = await migratedStore();
    await sql`insert into batch_migration (name, timestamp) values ('9999-later', '2030')`.execute(store.db());
    const { healthy, text } = await visitDatabase();
    assert.match(text, /fails +tables of batch +made by another version, which knows 9999-later/);
    assert.equal(healthy, false);
  });

  it('takes no other file for a database, and leaves it as it is', async () => {
    writeFileSync(file(), 'minutes of a meeting\n'.repeat(100));
    const before = folderState();
    const { healthy, text } = await visitDatabase();
    assert.match(text, /fails +file .*not a database/);
    assert.equal(healthy, false);
    assert.deepEqual(folderState(), before);
  });

  it('says when the folder can not be written', async () => {
    writeFileSync(join(plant.home, 'a-file'), '');
    const { healthy, text } = await plant.visit({
      DATABASE_URL: `sqlite:${join(plant.home, 'a-file', 'plant.sqlite')}`,
    });
    assert.match(text, /fails +folder/);
    assert.equal(healthy, false);
  });
});

describe('the doctor at a PostgreSQL database', () => {
  const plant = new Plant();

  let server: PostgresServer;
  before(async function () {
    server = await startPostgres(this);
  });
  after(function () {
    this.timeout(60_000);
    server?.stop();
  });

  it('tells version, rights and tables, and makes none', async () => {
    const url = await server.newDatabase();
    const { healthy, text } = await plant.visit({ DATABASE_URL: url });
    assert.match(text, /works +connection +PostgreSQL \d+/);
    assert.match(text, /works +rights +may make tables in schema public/);
    assert.match(text, /works +tables of batch +none yet; the next start makes them/);
    assert.equal(healthy, true);
    const store = await openStore(url);
    plant.whenOver(() => store.close());
    assert.deepEqual(await store.db().introspection.getTables(), []);
    await store.migrate('batch', batchMigrations('postgres'));
    assert.match((await plant.visit({ DATABASE_URL: url })).text, /works +tables of batch +up to date/);
  });

  it('says which right is missing and how to give it', async () => {
    const url = new URL(await server.newDatabase());
    const store = await openStore(url.href);
    plant.whenOver(() => store.close());
    const user = `reader_${process.pid}`;
    await sql`create role ${sql.ref(user)} login password 'only-reads'`.execute(store.db());
    await sql`revoke create on schema public from public`.execute(store.db());
    plant.whenOver(() => sql`drop role ${sql.ref(user)}`.execute(store.db()));
    url.username = user;
    url.password = 'only-reads';
    const { healthy, text } = await plant.visit({ DATABASE_URL: url.href });
    assert.match(text, new RegExp(`-> Let it: GRANT CREATE ON SCHEMA public TO ${user};`));
    assert.equal(healthy, false);
  });

  it('says when nobody is there', async () => {
    const { healthy, text } = await plant.visit({ DATABASE_URL: `postgres://127.0.0.1:${await freePort()}/plant` });
    assert.match(text, /fails +connection +The database does not answer/);
    assert.equal(healthy, false);
  });
});
