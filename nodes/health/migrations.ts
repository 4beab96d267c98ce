// The health room's tables, first components and append-only rules, for both engines. Released migrations are never edited.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { declareCommandMemory } from '../store/memories.ts';
import type { RoomMigrations, StoreEngine } from '../store/store.ts';
import { firstComponents } from './index-model.ts';
import type { HealthSchema } from './tables.ts';

declareCommandMemory('health_command');

/** The migrations of this room for `engine`, by name. */
export function healthMigrations(engine: StoreEngine): RoomMigrations {
  return {
    '0001-health': health(engine),
    '0002-repair': repair(engine),
    '0003-open-stops': openStops,
    '0004-event-position': eventPosition,
    '0005-faults-of-rows': faultsOfRows,
    '0006-stops-by-start-and-cause': stopsByStartAndCause,
    '0007-last-calculated': lastCalculated,
    '0008-stops-of-imports': stopsOfImports,
  };
}

function health(engine: StoreEngine): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const statements = [...tables(engine), ...indexes, ...appendOnly(engine, ['health_transition', 'health_event'])];
      for (const statement of statements) await sql.raw(statement).execute(db);
      const rows = firstComponents.map((one) => ({
        ...one,
        retired: 0,
        model: null,
        version: 1,
        changed_at: new Date().toISOString(),
        changed_by: 'first data',
      }));
      await (db as Kysely<HealthSchema>).insertInto('health_component').values(rows).execute();
    },
  };
}

function repair(engine: StoreEngine): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of [...repairTables(engine), ...repairIndexes]) await sql.raw(statement).execute(db);
    },
  };
}

/** Stops that machines report and that have not ended. */
const openStops: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql
      .raw(`create table repair_open_stop (
        machine text primary key, cause text not null, state text not null, shift text not null, start_ms bigint not null)`)
      .execute(db);
  },
};

/** How far the events of production were learned from. */
const eventPosition: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql
      .raw('create table repair_position (id integer primary key check (id = 1), seq bigint not null)')
      .execute(db);
  },
};

/** Refused rows say why by codes, too, which pages put into words. */
const faultsOfRows: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw("alter table repair_import_refusal add column faults text not null default '[]'").execute(db);
  },
};

/** Years of stops are listed newest first from any place on, and counted by cause, without reading them. */
const stopsByStartAndCause: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('create index repair_stop_by_start on repair_stop (start_ms desc, seq)').execute(db);
    await sql.raw('create index repair_stop_by_cause on repair_stop (cause, class, minutes)').execute(db);
  },
};

/** When an index was last calculated, apart from when anything changed; of before it is known by the minute. */
const lastCalculated: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('alter table health_state add column calculated_ms bigint').execute(db);
    await sql
      .raw(`update health_state set calculated_ms = (
        select max(bucket_ms) from health_rollup
        where health_rollup.machine = health_state.machine and health_rollup.component = health_state.component
          and grain = 'minute' and samples > unknown)`)
      .execute(db);
  },
};

/** Which stops each import holds, also those that were known before, so that taking one back leaves what another file holds. */
const stopsOfImports: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [
      'alter table repair_import add column undone_at text',
      'alter table repair_import add column undone_by text',
      `create table repair_import_stop (
        import_id text not null references repair_import (id), fingerprint text not null, primary key (import_id, fingerprint))`,
      'create index repair_import_stop_by_stop on repair_import_stop (fingerprint)',
      `insert into repair_import_stop (import_id, fingerprint)
        select repair_import.id, repair_stop.fingerprint from repair_stop
        join repair_import on repair_stop.source = 'import:' || repair_import.id`,
    ]) {
      await sql.raw(statement).execute(db);
    }
  },
};

function repairTables(engine: StoreEngine): string[] {
  const sequence = sequenceOf(engine);
  const classes = "('repair', 'minor', 'setting', 'waiting', 'planned', 'other')";
  return [
    `create table repair_stop (
      seq ${sequence}, fingerprint text not null unique, machine text not null, shift text not null, order_name text not null,
      cause text not null, start_ms bigint not null, end_ms bigint not null, minutes double precision not null check (minutes > 0),
      class text not null check (class in ${classes}), source text not null, recorded_at text not null, check (end_ms > start_ms))`,
    `create table repair_cause (
      cause text primary key, class text not null check (class in ${classes}), changed_at text not null, changed_by text not null)`,
    `create table repair_estimate (
      id text primary key, alarm_id text unique, machine text not null, at_ms bigint not null, estimate text not null,
      actual_minutes double precision)`,
    `create table repair_import (
      id text primary key, name text not null, status text not null check (status in ('running', 'done', 'failed')),
      report text not null, started_at text not null, actor text not null)`,
    `create table repair_import_refusal (
      import_id text not null references repair_import (id), line integer not null, reason text not null, raw text not null,
      primary key (import_id, line))`,
    `create table repair_calibration (
      id integer primary key check (id = 1), repairs integer not null, mean_absolute_error_minutes double precision,
      coverage_percent double precision, at text not null)`,
  ];
}

const repairIndexes: readonly string[] = [
  'create index repair_stop_by_class on repair_stop (class, start_ms)',
  'create index repair_stop_by_source on repair_stop (source)',
  'create index repair_stop_by_machine on repair_stop (machine, start_ms)',
  'create index repair_estimate_by_machine on repair_estimate (machine, at_ms)',
];

function sequenceOf(engine: StoreEngine): string {
  return engine === 'sqlite' ? 'integer primary key autoincrement' : 'bigint generated always as identity primary key';
}

function tables(engine: StoreEngine): string[] {
  const sequence = sequenceOf(engine);
  return [
    `create table health_component (
      machine text not null, component text not null check (component <> ''), rpn integer not null check (rpn between 1 and 1000),
      retired integer not null check (retired in (0, 1)), model text, version integer not null, changed_at text not null,
      changed_by text not null, primary key (machine, component))`,
    `create table health_machine (
      machine text primary key, model text, last_window text, window_ms bigint not null)`,
    `create table health_input (
      machine text not null, component text not null, name text not null, value double precision,
      quality text not null check (quality in ('good', 'bad', 'stale')), planned integer not null check (planned in (0, 1)),
      at_ms bigint not null, primary key (machine, component, name))`,
    `create table health_state (
      machine text not null, component text not null, state text not null, inputs text not null, band text not null,
      at text not null, due_ms bigint not null, primary key (machine, component))`,
    `create table health_transition (
      seq ${sequence}, transition text not null unique, alarm_id text not null, machine text not null, component text not null,
      state text not null, at_ms bigint not null, alarm text not null)`,
    `create table health_outbox (seq ${sequence}, topic text not null, payload text not null)`,
    `create table health_rollup (
      machine text not null, component text not null, grain text not null check (grain in ('minute', 'hour')),
      bucket_ms bigint not null, samples integer not null, unknown integer not null, total double precision not null,
      least double precision, most double precision, smoothed double precision,
      primary key (machine, component, grain, bucket_ms))`,
    `create table health_event (
      seq ${sequence}, at text not null, actor text not null, type text not null, machine text not null, component text not null,
      detail text not null)`,
    `create table health_command (
      command_id text primary key, actor text not null, request text not null, reply text not null, at text not null)`,
  ];
}

const indexes: readonly string[] = [
  'create index health_state_due on health_state (due_ms)',
  'create index health_transition_by_time on health_transition (state, at_ms)',
  'create index health_transition_by_component on health_transition (machine, component, seq)',
  'create index health_rollup_by_age on health_rollup (grain, bucket_ms)',
];

/** History is append-only for whoever reaches the database, not only for this program. */
function appendOnly(engine: StoreEngine, names: readonly string[]): string[] {
  if (engine === 'sqlite') {
    return names.flatMap((table) =>
      ['update', 'delete'].map(
        (action) => `create trigger ${table}_no_${action} before ${action} on ${table}
          begin select raise(abort, '${table} is append-only'); end`,
      ),
    );
  }
  return names.flatMap((table) => [
    `create function ${table}_refuse() returns trigger language plpgsql as $$
      begin raise exception '${table} is append-only'; end $$`,
    `create trigger ${table}_no_change before update or delete on ${table} for each row execute function ${table}_refuse()`,
    `create trigger ${table}_no_truncate before truncate on ${table} for each statement execute function ${table}_refuse()`,
  ]);
}
