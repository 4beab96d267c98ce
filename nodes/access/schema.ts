// Tables of the access room, and how both engines get them.
import type { Generated, Kysely } from 'kysely';
import { sql } from 'kysely';
import type { RoomMigrations, StoreEngine } from '../store/store.ts';
import { readChain } from './audit-chain.ts';
import { afterDays, mostTokenDays, oneTimeDays } from './lifetimes.ts';

export type SessionKind = 'page' | 'editor';

/** Instants are ISO 8601 in UTC, so that they sort as text on both engines. */
export interface AccessSchema {
  access_user: {
    id: string;
    /** Lower case. */
    login: string;
    name: string;
    language: string;
    password_hash: string;
    pin_hash: string | null;
    /** Digits of the PIN; null for one of before this was kept. */
    pin_digits: Generated<number | null>;
    badge_hash: string | null;
    must_change_password: number;
    /** When a one-time password stops working. */
    one_time_until: Generated<string | null>;
    /** 1: an administrator made it the account of a tablet that people share. */
    shared_device: Generated<number>;
    locked_at: string | null;
    version: number;
    created_at: string;
    last_login_at: string | null;
  };
  access_user_role: { user_id: string; role: string };
  access_user_department: { user_id: string; department: string };
  access_user_machine: { user_id: string; machine: string };
  access_session: {
    /** Digest of the cookie; the cookie itself is nowhere. */
    id: string;
    /** Whose account opened it: a person, or a tablet. */
    account_id: string;
    /** Who works at a shared tablet right now. */
    person_id: string | null;
    shared: number;
    created_at: string;
    seen_at: string;
    person_seen_at: string | null;
    /** When the person at a shared tablet last gave the password. */
    person_password_at: string | null;
    /** `editor`: the token of Node-RED's editor, which opens no page; `page`: a cookie, which opens no editor. */
    kind: SessionKind;
    address: string;
  };
  access_token: {
    id: string;
    name: string;
    digest: string;
    /** JSON array of actions. */
    scopes: string;
    created_at: string;
    created_by: string;
    last_used_at: string | null;
    revoked_at: string | null;
    /** Null for one of before tokens had an end. */
    expires_at: string | null;
  };
  access_attempt: { subject: string; failures: number; last_at: string; blocked_until: string | null };
  access_audit: {
    seq: Generated<number>;
    at: string;
    actor: string;
    type: string;
    subject: string | null;
    detail: string;
    address: string | null;
    /** Over the row and the hash before it; null for rows of before the trail was a chain. */
    hash: string | null;
  };
  /** One row: the newest hash of the trail and how many rows it covers. */
  access_audit_head: { id: number; hash: string; links: number };
  /** What was refused, summed by the hour. */
  access_refusal: {
    seq: Generated<number>;
    /** Its kind in its hour, as one text. */
    kind: string;
    hour: string;
    type: string;
    actor: string;
    subject: string | null;
    address: string | null;
    count: number;
    first_at: string;
    last_at: string;
    /** Newest row of the trail at the last one, for the order of what happened at one instant. */
    after_seq: number;
  };
  access_secret: { name: string; value: string };
  /** Browsers from which a user has logged in, by the digest of their cookie. */
  access_device: { digest: string; user_id: string; seen_at: string };
}

export function accessMigrations(engine: StoreEngine): RoomMigrations {
  return {
    '2026-11-21-accounts': { up: (db) => createTables(db as Kysely<unknown>, engine) },
    '2026-11-30-doors': { up: (db) => addDoors(db as Kysely<unknown>) },
    '2026-11-30-known-devices': { up: (db) => addDevices(db as Kysely<unknown>) },
    '2026-11-30-audit-chain': { up: (db) => addChain(db as Kysely<AccessSchema>) },
    '2026-11-30-refusals': { up: (db) => addRefusals(db as Kysely<unknown>, engine) },
    '2026-11-30-endings': { up: (db) => addEndings(db as Kysely<AccessSchema>, new Date()) },
  };
}

/** How long PINs are, which accounts are tablets, when the password was given, and when tokens and one-time passwords end. */
async function addDoors(db: Kysely<unknown>): Promise<void> {
  const columns = [
    ['access_user', 'pin_digits integer'],
    ['access_user', 'one_time_until text'],
    ['access_user', 'shared_device integer not null default 0'],
    ['access_session', 'person_password_at text'],
    ['access_session', "kind text not null default 'page'"],
    ['access_token', 'expires_at text'],
  ];
  for (const [table, column] of columns) await sql.raw(`alter table ${table} add column ${column}`).execute(db);
}

/** The rows that are there keep their form: the head covers them from the beginning on. */
async function addChain(db: Kysely<AccessSchema>): Promise<void> {
  await sql.raw('alter table access_audit add column hash text').execute(db);
  await db.schema
    .createTable('access_audit_head')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('links', 'integer', (column) => column.notNull())
    .execute();
  const { head, rows } = await readChain(db);
  await db.insertInto('access_audit_head').values({ id: 1, hash: head, links: rows }).execute();
}

async function addRefusals(db: Kysely<unknown>, engine: StoreEngine): Promise<void> {
  await db.schema
    .createTable('access_refusal')
    .addColumn('seq', engine === 'sqlite' ? 'integer' : 'bigint', (column) =>
      engine === 'sqlite' ? column.primaryKey().autoIncrement() : column.primaryKey().generatedAlwaysAsIdentity(),
    )
    .addColumn('kind', 'text', (column) => column.notNull().unique())
    .addColumn('hour', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('subject', 'text')
    .addColumn('address', 'text')
    .addColumn('count', 'integer', (column) => column.notNull())
    .addColumn('first_at', 'text', (column) => column.notNull())
    .addColumn('last_at', 'text', (column) => column.notNull())
    .addColumn('after_seq', engine === 'sqlite' ? 'integer' : 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('access_refusal_last').on('access_refusal').column('last_at').execute();
  await db.schema.createIndex('access_refusal_hour').on('access_refusal').column('hour').execute();
  await db.schema.createIndex('access_audit_at').on('access_audit').columns(['at', 'seq']).execute();
}

/** What was given without an end before gets one, counted from today. */
async function addEndings(db: Kysely<AccessSchema>, now: Date): Promise<void> {
  await db
    .updateTable('access_user')
    .set({ one_time_until: afterDays(now, oneTimeDays) })
    .where('must_change_password', '=', 1)
    .execute();
  await db
    .updateTable('access_token')
    .set({ expires_at: afterDays(now, mostTokenDays) })
    .where('revoked_at', 'is', null)
    .execute();
}

async function addDevices(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('access_device')
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull().references('access_user.id'))
    .addColumn('seen_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('access_device_key', ['digest', 'user_id'] as never)
    .execute();
}

async function createTables(db: Kysely<unknown>, engine: StoreEngine): Promise<void> {
  await db.schema
    .createTable('access_user')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('login', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('language', 'text', (column) => column.notNull())
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('pin_hash', 'text')
    .addColumn('badge_hash', 'text', (column) => column.unique())
    .addColumn('must_change_password', 'integer', (column) => column.notNull())
    .addColumn('locked_at', 'text')
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('last_login_at', 'text')
    .execute();
  for (const [table, column] of [
    ['access_user_role', 'role'],
    ['access_user_department', 'department'],
    ['access_user_machine', 'machine'],
  ] as const) {
    await db.schema
      .createTable(table)
      .addColumn('user_id', 'text', (definition) => definition.notNull().references('access_user.id'))
      .addColumn(column, 'text', (definition) => definition.notNull())
      .addPrimaryKeyConstraint(`${table}_key`, ['user_id', column] as never)
      .execute();
  }
  await db.schema
    .createTable('access_session')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', (column) => column.notNull().references('access_user.id'))
    .addColumn('person_id', 'text', (column) => column.references('access_user.id'))
    .addColumn('shared', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('seen_at', 'text', (column) => column.notNull())
    .addColumn('person_seen_at', 'text')
    .addColumn('address', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('access_token')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull().unique())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('last_used_at', 'text')
    .addColumn('revoked_at', 'text')
    .execute();
  await db.schema
    .createTable('access_attempt')
    .addColumn('subject', 'text', (column) => column.primaryKey())
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addColumn('last_at', 'text', (column) => column.notNull())
    .addColumn('blocked_until', 'text')
    .execute();
  await db.schema
    .createTable('access_secret')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
  await createAudit(db, engine);
}

/** The audit trail can be written and read, never changed: the database itself refuses. */
async function createAudit(db: Kysely<unknown>, engine: StoreEngine): Promise<void> {
  await db.schema
    .createTable('access_audit')
    .addColumn('seq', engine === 'sqlite' ? 'integer' : 'bigint', (column) =>
      engine === 'sqlite' ? column.primaryKey().autoIncrement() : column.primaryKey().generatedAlwaysAsIdentity(),
    )
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('subject', 'text')
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('address', 'text')
    .execute();
  if (engine === 'sqlite') {
    for (const operation of ['update', 'delete']) {
      await sql
        .raw(
          `create trigger access_audit_no_${operation} before ${operation} on access_audit
           begin select raise(abort, 'the audit trail is append-only'); end`,
        )
        .execute(db);
    }
    return;
  }
  await sql
    .raw(
      `create function access_audit_append_only() returns trigger language plpgsql as
       $$ begin raise exception 'the audit trail is append-only'; end $$`,
    )
    .execute(db);
  await sql
    .raw(
      `create trigger access_audit_append_only before update or delete or truncate on access_audit
       for each statement execute function access_audit_append_only()`,
    )
    .execute(db);
}
