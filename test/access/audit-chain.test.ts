// The audit trail as a chain: one changed byte is found, whoever changed it, and nobody loses a line by writing at the same time.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { sql } from 'kysely';
import { Client } from 'pg';
import { Access } from '../../nodes/access/access.ts';
import { recordAudit } from '../../nodes/access/audit.ts';
import { chainStart, linkOf, verifyChain } from '../../nodes/access/audit-chain.ts';
import { type AccessSchema, accessMigrations } from '../../nodes/access/schema.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { adminPassword, cheap, onEachEngine, system } from './support/engines.ts';

const at = '2026-11-30T00:00:00.000Z';
const row = { at, actor: 'admin', type: 'user-locked', subject: 'budi', detail: '{"reason":"left"}', address: null };

describe('a link of the audit trail', () => {
  it('differs for every changed field, and keeps fields apart', () => {
    const link = linkOf(chainStart, row);
    for (const [field, value] of Object.entries({ ...row, subject: null, address: '' })) {
      const changed = { ...row, [field]: value === null ? '' : `${value}x` };
      assert.notEqual(linkOf(chainStart, changed), link, field);
    }
    assert.notEqual(linkOf(link, row), link);
    const text = fc.string();
    fc.assert(
      fc.property(text, text, text, text, (actor, type, other, more) => {
        const one = linkOf(chainStart, { ...row, actor, type });
        const two = linkOf(chainStart, { ...row, actor: other, type: more });
        assert.equal(one === two, actor === other && type === more);
      }),
    );
  });
});

onEachEngine('the chain of the audit trail', (world) => {
  /** What somebody with every right in the database does. */
  async function tamper(statement: string): Promise<void> {
    const { store } = await world().access.ready();
    const db = store.db<AccessSchema>();
    if (store.engine === 'postgres') {
      await sql.raw('alter table access_audit disable trigger all').execute(db);
      await sql.raw(statement).execute(db);
      await sql.raw('alter table access_audit enable trigger all').execute(db);
      return;
    }
    for (const operation of ['update', 'delete']) {
      await sql.raw(`drop trigger access_audit_no_${operation}`).execute(db);
    }
    await sql.raw(statement).execute(db);
  }
  const check = async () => verifyChain((await world().access.ready()).store.db<AccessSchema>());

  beforeEach(async () => {
    for (const login of ['ani', 'budi', 'citra']) await world().addUser(login);
  });

  it('is what was written, line for line', async () => {
    const { fault, rows, head } = await check();
    assert.deepEqual([fault, rows], [undefined, 4]);
    assert.match(head, /^[0-9a-f]{64}$/);
  });

  for (const [what, statement, seq] of [
    ['a changed byte of the detail', `update access_audit set detail = replace(detail, 'ani', 'anj') where seq = 2`, 2],
    ['another actor', `update access_audit set actor = 'nobody' where seq = 3`, 3],
    ['another time', `update access_audit set at = '2020-01-01T00:00:00.000Z' where seq = 1`, 1],
    ['an address that was none', `update access_audit set address = '' where seq = 3`, 3],
    ['a row that is gone', `delete from access_audit where seq = 2`, 3],
    ['the last row gone', `delete from access_audit where seq = 4`, undefined],
    ['every row gone', `delete from access_audit`, undefined],
    ['a hash that is taken away', `update access_audit set hash = null where seq = 3`, 3],
    ['another hash', `update access_audit set hash = '0' where seq = 4`, 4],
  ] as const) {
    it(`shows ${what}`, async () => {
      await tamper(statement);
      const { fault, wrongSeq } = await check();
      assert.ok(fault);
      assert.equal(wrongSeq, seq);
    });
  }

  it('loses and forks nothing when many write at once, in two processes', async () => {
    const { access, another, clock } = world();
    const stores = [(await access.ready()).store, (await another().ready()).store];
    await Promise.all(
      Array.from({ length: 40 }, (_, line) => {
        const store = stores[line % 2];
        assert.ok(store);
        return recordAudit(store, clock.now().toISOString(), system, { type: 'test', subject: String(line) });
      }),
    );
    assert.deepEqual([(await check()).fault, (await check()).rows], [undefined, 44]);
  });
});

onEachEngine('a trail of before it was a chain', (world) => {
  it('is covered from its first row on', async () => {
    const before = await openStore(world().url);
    const { '2026-11-21-accounts': accounts } = accessMigrations(before.engine);
    assert.ok(accounts);
    await before.migrate('access', { '2026-11-21-accounts': accounts });
    await sql
      .raw(`insert into access_audit (at, actor, type, subject, detail) values
      ('${at}', 'admin', 'login', 'admin', '{}'), ('${at}', 'admin', 'logout', null, '{}')`)
      .execute(before.db<AccessSchema>());
    await before.close();
    const store = await openStore(world().url);
    await store.migrate('access', accessMigrations(store.engine));
    const db = store.db<AccessSchema>();
    assert.deepEqual(await verifyChain(db).then(({ rows, fault }) => [rows, fault]), [2, undefined]);
    await recordAudit(store, at, system, { type: 'test', subject: null });
    assert.deepEqual(await verifyChain(db).then(({ rows, fault }) => [rows, fault]), [3, undefined]);
    if (store.engine === 'postgres') await sql.raw('alter table access_audit disable trigger all').execute(db);
    else await sql.raw('drop trigger access_audit_no_update').execute(db);
    await sql.raw(`update access_audit set actor = 'nobody' where seq = 1`).execute(db);
    assert.equal((await verifyChain(db)).wrongSeq, 3);
    await store.close();
  });
});

describe('the audit trail on PostgreSQL, given to a role of its own', function () {
  this.timeout(60_000);
  let server: PostgresServer;
  let access: Access;
  let plant: Client;
  let url: string;

  before(async function () {
    server = await startPostgres(this);
    url = await server.newDatabase();
    const superuser = new Client({ connectionString: url });
    await superuser.connect();
    const role = `plant_${process.pid}`;
    await superuser.query(`create role ${role} login`);
    await superuser.query(`alter schema public owner to ${role}`);
    await superuser.end();
    const asPlant = new URL(url);
    asPlant.username = role;
    access = new Access({ openStore: () => openStore(asPlant.toString()), cost: cheap, adminPassword });
    await access.ready();
    const file = join(import.meta.dirname, '../../docs/operations/audit-trail-role.sql');
    const { status, stderr } = spawnSync('psql', ['-v', `running=${role}`, '-f', file, url], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    plant = new Client({ connectionString: asPlant.toString() });
    await plant.connect();
  });
  after(async () => {
    await plant?.end();
    await access?.close();
    server?.stop();
  });

  it('still takes lines from the running plant', async () => {
    const { logins, store } = await access.ready();
    await logins.open({ login: 'admin', password: adminPassword, address: '10.0.0.9', shared: false });
    assert.equal((await verifyChain(store.db<AccessSchema>())).fault, undefined);
  });

  for (const statement of [
    `update access_audit set actor = 'nobody'`,
    'delete from access_audit',
    'truncate access_audit',
    'drop table access_audit',
    'alter table access_audit disable trigger all',
    'alter table access_audit drop column hash',
    'drop trigger access_audit_append_only on access_audit',
    `create or replace function access_audit_append_only() returns trigger language plpgsql as $$ begin return null; end $$`,
    'drop schema public cascade',
    'set session_replication_role = replica',
  ]) {
    it(`refuses the running role: ${statement.slice(0, 60)}`, async () => {
      // PostgreSQL's class of refusals for want of a right.
      await assert.rejects(plant.query(statement), { code: '42501' });
    });
  }
});
