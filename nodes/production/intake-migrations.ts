// The tables of intake and counting for both engines. Released migrations are never edited.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { declareCommandMemory } from '../store/memories.ts';
import type { RoomMigrations, Store, StoreEngine } from '../store/store.ts';

declareCommandMemory('production_command');

/** Name of these tables in the store. */
export const intakeRoom = 'production_intake';

/** The migrations of intake and counting for `engine`, by name. */
export function intakeMigrations(engine: StoreEngine): RoomMigrations {
  return {
    '0001-intake': intake(engine),
    '0002-messages-of-one-machine': messagesOfOneMachine,
    '0003-clock-of-quarantine': clockOfQuarantine,
    '0004-journal-as-it-is': journalAsItIs(engine),
    '0005-silent-shifts': silentShifts(engine),
    '0006-unheard-pieces': unheardPieces,
    '0007-marks': marks(engine),
  };
}

/** Brings the tables up to date; every node that reads or writes them asks first. */
export function migrateIntakeTables(store: Store): Promise<void> {
  return store.migrate(intakeRoom, intakeMigrations(store.engine));
}

function intake(engine: StoreEngine): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of [...tables(engine), ...indexes, ...appendOnly(engine)])
        await sql.raw(statement).execute(db);
    },
  };
}

/** The newest messages of a machine that has been silent for long lie under those of all others. */
const messagesOfOneMachine: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('create index production_message_by_machine on production_message (machine, id)').execute(db);
  },
};

/** A message that is judged again keeps the time that the intake's own clock settings gave it. */
const clockOfQuarantine: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('alter table production_quarantine add column source_ms bigint').execute(db);
    await sql.raw('alter table production_quarantine add column clock_trusted integer').execute(db);
  },
};

/** PostgreSQL would compress a commit's row, which takes as long as its fsync, for a row that is gone within a second. */
function journalAsItIs(engine: StoreEngine): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      if (engine === 'sqlite') return;
      await sql`alter table production_journal alter column body set storage external`.execute(db);
    },
  };
}

/**
 * Shifts without a message get a record from now on. Machines that were heard are in use; what they did not say before the plant's
 * newest message stays as it was. A plant with several trackers notes its machines as they speak: nothing says whose each one is.
 */
function silentShifts(engine: StoreEngine): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await sql.raw('alter table production_shift add column silent integer not null default 0').execute(db);
      await sql
        .raw(
          `create table production_attendance (
            machine text primary key, line text not null, closed_ms bigint not null)${engine === 'sqlite' ? ' without rowid' : ''}`,
        )
        .execute(db);
      await sql
        .raw(
          `insert into production_attendance (machine, line, closed_ms)
            select counter.machine, owner.line, newest.at_ms
            from production_counter as counter
            join production_machine as machine on machine.id = counter.machine and machine.active = 1
            cross join (select max(last_source_ms) as at_ms from production_counter) as newest
            cross join (select max(line) as line from production_owner having count(*) = 1) as owner
            where counter.last_source_ms is not null`,
        )
        .execute(db);
    },
  };
}

/** Pieces of before are taken as heard; each machine was heard last when its counter was. */
const unheardPieces: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const table of ['production_minute', 'production_hour', 'production_day', 'production_shift']) {
      await sql.raw(`alter table ${table} add column unheard bigint not null default 0`).execute(db);
    }
    await sql.raw('alter table production_counter add column heard_ms bigint').execute(db);
    await sql.raw('alter table production_counter add column silent_until_ms bigint').execute(db);
    await sql.raw('update production_counter set heard_ms = last_source_ms').execute(db);
  },
};

/** What was counted before has no marks: the next reading of a machine begins them, and an older one changes nothing. */
function marks(engine: StoreEngine): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await sql.raw('alter table production_counter add column marks text').execute(db);
      await sql
        .raw(
          `create table production_mark (
            machine text not null, era integer not null, start_ms bigint not null, body text not null,
            primary key (machine, era, start_ms))${engine === 'sqlite' ? ' without rowid' : ''}`,
        )
        .execute(db);
      await sql.raw('create index production_mark_by_age on production_mark (start_ms)').execute(db);
    },
  };
}

function tables(engine: StoreEngine): string[] {
  const sqlite = engine === 'sqlite';
  const numbered = sqlite ? 'integer primary key autoincrement' : 'bigint generated always as identity primary key';
  // SQLite keeps such a table in the order of its key: a range of one machine is one stretch of the file.
  const inKeyOrder = sqlite ? ' without rowid' : '';
  const span = (name: string) => `create table ${name} (
      machine text not null, start_ms bigint not null, production bigint not null, defects bigint not null,
      primary key (machine, start_ms))${inKeyOrder}`;
  return [
    `create table production_machine (
      id text primary key, name text not null, machine_group text not null, counter_modulus bigint check (counter_modulus > 1),
      max_per_hour bigint check (max_per_hour > 0), ideal_per_hour bigint check (ideal_per_hour > 0),
      shift_target bigint check (shift_target >= 0), active integer not null check (active in (0, 1)),
      updated_at text not null, updated_by text not null)`,
    `create table production_counter (
      machine text primary key, epoch bigint not null, last_production bigint, last_defects bigint, last_source_ms bigint,
      last_sequence bigint, last_clock_trusted integer not null, last_arrived_ms bigint, order_name text not null,
      total_production bigint not null, total_defects bigint not null,
      messages bigint not null, duplicates bigint not null, late bigint not null)`,
    span('production_minute'),
    span('production_hour'),
    span('production_day'),
    `create table production_shift (
      machine text not null, shift_date text not null, shift text not null, start_ms bigint not null, end_ms bigint not null,
      production bigint not null, defects bigint not null, closed_at text, revision integer not null,
      announced_revision integer, primary key (machine, shift_date, shift))${inKeyOrder}`,
    `create table production_order (
      machine text not null, order_name text not null, production bigint not null, defects bigint not null,
      first_ms bigint not null, last_ms bigint not null, primary key (machine, order_name))${inKeyOrder}`,
    `create table production_correction (
      id text primary key, machine text not null, shift_date text not null, shift text not null, booked_ms bigint not null,
      order_name text not null, production bigint not null, defects bigint not null, actor text not null,
      reason text not null, at text not null)`,
    `create table production_event (
      seq ${numbered}, machine text not null, at text not null, type text not null, actor text not null, reason text,
      detail text not null)`,
    `create table production_quarantine (
      id ${numbered}, source text not null, machine text, code text not null, message text not null, raw text not null,
      raw_cut integer not null check (raw_cut in (0, 1)), arrived_ms bigint not null,
      status text not null check (status in ('waiting', 'replayed', 'dismissed')), attempts integer not null,
      decided_by text, decided_at text, reason text)`,
    `create table production_refusal_count (
      day text not null, code text not null, count bigint not null, primary key (day, code))`,
    `create table production_seen (
      machine text not null, message_id text not null, seen_ms bigint not null, primary key (machine, message_id))${inKeyOrder}`,
    `create table production_message (
      id ${numbered}, machine text not null, source_ms bigint not null, arrived_ms bigint not null, raw text not null)`,
    `create table production_owner (
      line text primary key, number integer not null unique, epoch bigint not null, folded_seq bigint not null)`,
    // In SQLite exactly this type makes the key the row's own number: one page for each commit.
    `create table production_journal (seq ${sqlite ? 'integer' : 'bigint'} primary key, body text not null)`,
    `create table production_command (
      command_id text primary key, actor text not null, request text not null, reply text not null, at text not null)`,
  ];
}

const indexes: readonly string[] = [
  'create index production_shift_open on production_shift (end_ms) where closed_at is null',
  'create index production_shift_unannounced on production_shift (machine) where closed_at is not null and (announced_revision is null or announced_revision < revision)',
  'create index production_shift_by_date on production_shift (shift_date, shift)',
  'create index production_event_by_machine on production_event (machine, seq)',
  "create index production_quarantine_waiting on production_quarantine (id) where status = 'waiting'",
  'create index production_seen_by_age on production_seen (seen_ms)',
  'create index production_message_by_age on production_message (arrived_ms)',
  'create index production_correction_by_machine on production_correction (machine, booked_ms)',
];

/** History is append-only for whoever reaches the database, not only for this program. */
function appendOnly(engine: StoreEngine): string[] {
  const history = ['production_event', 'production_correction'];
  if (engine === 'sqlite') {
    return history.flatMap((table) =>
      ['update', 'delete'].map(
        (action) => `create trigger ${table}_no_${action} before ${action} on ${table}
        begin select raise(abort, '${table} is append-only'); end`,
      ),
    );
  }
  return [
    `create function production_history_refuse() returns trigger language plpgsql as $$
      begin raise exception '% is append-only', tg_table_name; end $$`,
    ...history.flatMap((table) => [
      `create trigger ${table}_no_change before update or delete on ${table} for each row execute function production_history_refuse()`,
      `create trigger ${table}_no_truncate before truncate on ${table} for each statement execute function production_history_refuse()`,
    ]),
  ];
}
