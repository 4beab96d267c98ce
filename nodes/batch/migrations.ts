// The ledger's tables, append-only event rule and report views, for both engines. Released migrations are never edited.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { commandsKeptMs, declareCommandMemory, declareMemory } from '../store/memories.ts';
import type { RoomMigrations, StoreEngine } from '../store/store.ts';
import { reportViews } from './report-views.ts';

declareCommandMemory('batch_command');
declareMemory({ table: 'watched_write', key: 'seq', at: 'at', form: 'iso', keptMs: commandsKeptMs });

/** The migrations of this room for `engine`, by name. */
export function batchMigrations(engine: StoreEngine): RoomMigrations {
  return {
    '0001-ledger': ledger(engine),
    '0002-report-views': views(engine),
    '0003-order-id-and-reason': orderIdAndReason,
    '0004-weighings': weighings(engine),
  };
}

function ledger(engine: StoreEngine): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of [...tables(engine), ...indexes, ...appendOnly(engine)])
        await sql.raw(statement).execute(db);
    },
  };
}

function views(engine: StoreEngine): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of reportViews(engine)) await sql.raw(statement).execute(db);
    },
  };
}

/** A person may name an order by its id in Odoo, and is told why a posting waits. */
const orderIdAndReason: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('create index batch_by_order_id on batch (order_id)').execute(db);
    await sql.raw('alter table batch_outbox add column wait_reason text').execute(db);
  },
};

/** Manual weighings that the PLC reports: each once, and what became of it. */
function weighings(engine: StoreEngine): Migration {
  const sequence =
    engine === 'sqlite' ? 'integer primary key autoincrement' : 'bigint generated always as identity primary key';
  const statements = [
    `create table batch_weighing (
      id ${sequence}, line text not null, plc text not null, content text not null, slot integer not null,
      reported_order text not null, reported_product_id bigint not null, reported_centi_kg bigint not null, doubts text not null,
      read_at text not null, flagged_at text, order_name text not null, product_id bigint not null,
      mass_centi_kg bigint not null check (mass_centi_kg > 0),
      status text not null check (status in ('held', 'taken', 'discarded')), hold_code text, hold_message text,
      batch_id text references batch (id), taken_at text, decided_by text, decided_at text, reason text,
      check ((status = 'taken') = (batch_id is not null) and (status = 'taken') = (taken_at is not null)))`,
    'create index batch_weighing_by_plc on batch_weighing (line, plc, id)',
    "create index batch_weighing_held on batch_weighing (line, id) where status = 'held'",
  ];
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of statements) await sql.raw(statement).execute(db);
    },
  };
}

function tables(engine: StoreEngine): string[] {
  const sequence =
    engine === 'sqlite' ? 'integer primary key autoincrement' : 'bigint generated always as identity primary key';
  return [
    `create table batch (
      id text primary key, line text not null, order_id bigint not null, order_name text not null,
      plc_order_name text not null, plc_name text not null, plc_bom_code text not null, plc_finished_goods text not null,
      attempt integer not null check (attempt >= 1), slot integer check (slot between 1 and 10), queue_id text, offered_at text,
      state text not null check (state in ('queued', 'written', 'running', 'finished', 'pushing', 'archived', 'failed',
        'quarantined', 'cancelled')),
      state_since text not null, product_id bigint not null, product_name text not null, bom_code text not null,
      unit_id bigint not null, unit_name text not null, unit_centi_kg double precision not null, scheduled_start text,
      planned_centi_kg bigint not null, finished_centi_kg bigint, carried_finished_centi_kg bigint not null,
      last_read_at text, last_changed_at text, flag_cycles integer not null, implausible_cycles integer not null,
      watch_only integer not null check (watch_only in (0, 1)), closes_failure integer not null check (closes_failure in (0, 1)),
      released integer not null check (released in (0, 1)),
      version integer not null, created_at text not null, ended_at text,
      ended_as text check (ended_as in ('completed', 'failed', 'cancelled', 'watched')), ended_seq integer, notes text,
      check ((ended_at is null) = (ended_as is null) and (ended_at is null) = (ended_seq is null)),
      check ((state in ('archived', 'cancelled')) = (ended_at is not null)))`,
    `create table batch_component (
      batch_id text not null references batch (id), equipment integer not null, name text not null, move_id bigint,
      product_id bigint, unit_id bigint, unit_name text, unit_centi_kg double precision, target_centi_kg bigint not null,
      actual_centi_kg bigint check (actual_centi_kg >= 0), carried_centi_kg bigint not null check (carried_centi_kg >= 0),
      primary key (batch_id, equipment))`,
    `create table batch_event (
      seq ${sequence}, batch_id text not null references batch (id), order_name text not null, line text not null, slot integer,
      at text not null, actor text not null, via text not null, type text not null, from_state text, to_state text not null,
      version integer not null, reason text, data text)`,
    `create table batch_outbox (
      id text primary key, batch_id text not null references batch (id), kind text not null check (kind in ('push', 'record',
        'cancel')),
      status text not null check (status in ('waiting', 'pushing', 'held', 'verified', 'watched', 'withdrawn')),
      payload text not null, attempts integer not null, next_attempt_at text not null, created_at text not null, last_error text,
      hold_code text, hold_message text, hold_deviations text, accepted_by text, settled_at text)`,
    `create table batch_attempt (
      batch_id text not null references batch (id), attempt integer not null, line text not null, plc_name text not null,
      slot integer, consumed_centi_kg bigint not null, primary key (batch_id, attempt))`,
    `create table batch_command (
      command_id text primary key, actor text not null, request text not null, reply text not null, at text not null)`,
    `create table watched_write (
      seq ${sequence}, line text not null, at text not null, kind text not null, order_name text, payload text not null)`,
    `create table batch_alarm_state (
      line text not null, code text not null, alarm_key text not null, slot integer, order_name text, since text not null,
      message text not null, primary key (line, code, alarm_key))`,
  ];
}

const indexes: readonly string[] = [
  'create unique index batch_one_open_per_order on batch (order_id) where ended_at is null',
  "create unique index batch_one_per_slot on batch (line, slot) where state in ('written', 'running')",
  'create index batch_open on batch (line) where ended_at is null',
  'create unique index batch_history on batch (line, ended_seq) where ended_seq is not null',
  'create index batch_search on batch (line, ended_seq, order_name) where ended_seq is not null',
  'create index batch_by_order on batch (order_name)',
  'create index batch_by_plc_name on batch (plc_name)',
  'create index batch_by_queue on batch (queue_id)',
  'create index batch_event_by_batch on batch_event (batch_id, seq)',
  "create unique index batch_outbox_one_open on batch_outbox (batch_id) where status in ('waiting', 'pushing', 'held')",
  'create index batch_outbox_by_batch on batch_outbox (batch_id)',
  'create index batch_attempt_by_name on batch_attempt (plc_name)',
  'create index watched_write_by_line on watched_write (line, seq)',
];

/** History is append-only for whoever reaches the database, not only for this program. */
function appendOnly(engine: StoreEngine): string[] {
  if (engine === 'sqlite') {
    return ['update', 'delete'].map(
      (action) => `create trigger batch_event_no_${action} before ${action} on batch_event
        begin select raise(abort, 'batch_event is append-only'); end`,
    );
  }
  return [
    `create function batch_event_refuse() returns trigger language plpgsql as $$
      begin raise exception 'batch_event is append-only'; end $$`,
    'create trigger batch_event_no_change before update or delete on batch_event for each row execute function batch_event_refuse()',
    'create trigger batch_event_no_truncate before truncate on batch_event for each statement execute function batch_event_refuse()',
  ];
}
