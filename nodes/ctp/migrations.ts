// The problem log's tables, append-only rules and first data, for both engines. Released migrations are never edited.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { commandsKeptMs, declareMemory } from '../store/memories.ts';
import type { RoomMigrations, StoreEngine } from '../store/store.ts';
import { firstCategories } from './messages.ts';
import {
  postingMigration,
  readModelMigration,
  searchPagesMigration,
  searchVendorMigration,
} from './queries/read-migrations.ts';

declareMemory({ table: 'ctp_command', key: 'command_id', at: 'at_ms', form: 'ms', keptMs: commandsKeptMs });

/** Name of the room in the store. */
export const ctpRoom = 'ctp';

/** The migrations of this room for `engine`, by name. */
export function ctpMigrations(engine: StoreEngine): RoomMigrations {
  return {
    '0001-problem-log': problemLog(engine),
    '0002-reading-side': readModelMigration(engine),
    '0003-code-trail': codeTrail(engine),
    '0004-machine-life': machineLife(),
    ...(engine === 'postgres'
      ? { '0005-search-postings': postingMigration, '0006-search-vendor': searchVendorMigration }
      : { '0005-search-pages': searchPagesMigration }),
  };
}

function problemLog(engine: StoreEngine): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const statements = [...tables(engine), ...indexes, ...appendOnly(engine, ['ctp_event', 'ctp_status_history'])];
      for (const statement of statements) await sql.raw(statement).execute(db);
      await firstData(db);
    },
  };
}

/** Who added, renamed or retired a code of the plant's lists. */
function codeTrail(engine: StoreEngine): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const table = `create table ctp_code_event (
        seq ${idOf(engine)}, at_ms bigint not null, actor text not null, via text not null, kind text not null, code text not null,
        type text not null check (type in ('added', 'retired')), label text)`;
      for (const statement of [table, ...appendOnly(engine, ['ctp_code_event'])]) await sql.raw(statement).execute(db);
    },
  };
}

/** When each machine was in use, as its events tell. */
function machineLife(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await sql`create table ctp_machine_life (
        machine_id bigint not null references ctp_machine (id), nth integer not null, from_ms bigint not null, to_ms bigint,
        primary key (machine_id, nth), check (to_ms is null or to_ms >= from_ms))`.execute(db);
      const { rows: added } = await sql<{ machine_id: number; at_ms: number }>`
        select machine_id, at_ms from ctp_status_history where nth = 1 order by machine_id`.execute(db);
      const { rows: changed } = await sql<{ machine_id: number; at_ms: number; detail: string }>`
        select machine_id, at_ms, detail from ctp_event where type = 'machine-changed' order by seq`.execute(db);
      for (const { machine_id, at_ms } of added) {
        const spans: { from: number; to: number | null }[] = [{ from: at_ms, to: null }];
        for (const event of changed.filter((each) => each.machine_id === machine_id)) {
          const { retired } = JSON.parse(event.detail) as { readonly retired?: { readonly new: unknown } };
          const last = spans.at(-1);
          if (retired?.new === 1 && last) last.to = Math.max(last.from, event.at_ms);
          if (retired?.new === 0) spans.push({ from: event.at_ms, to: null });
        }
        for (const [index, { from, to }] of spans.entries()) {
          await sql`insert into ctp_machine_life (machine_id, nth, from_ms, to_ms)
            values (${machine_id}, ${index + 1}, ${from}, ${to})`.execute(db);
        }
      }
    },
  };
}

function idOf(engine: StoreEngine): string {
  return engine === 'sqlite' ? 'integer primary key autoincrement' : 'bigint generated always as identity primary key';
}

const statusWords = "('active', 'maintenance', 'cleaning', 'offline')";

function tables(engine: StoreEngine): string[] {
  const id = idOf(engine);
  return [
    `create table ctp_machine (
      id ${id}, name text not null unique, nickname text not null unique, kind text not null, description text,
      retired integer not null check (retired in (0, 1)),
      derived_status text not null check (derived_status in ${statusWords}), status text not null check (status in ${statusWords}),
      status_since_ms bigint not null, manual_status text check (manual_status in ('maintenance', 'cleaning', 'offline')),
      manual_reason text, manual_by text, manual_at_ms bigint, version integer not null,
      check ((manual_status is null) = (manual_reason is null) and (manual_status is null) = (manual_by is null)
        and (manual_status is null) = (manual_at_ms is null)))`,
    `create table ctp_problem (
      id ${id}, machine_id bigint not null references ctp_machine (id), problem_ms bigint not null,
      error_code text, category text, severity text not null check (severity in ('stop', 'slow', 'minor')),
      problem_description text not null, solution text,
      technician_type text not null check (technician_type in ('lokal', 'vendor', 'none')), technician_name text, vendor_name text,
      start_ms bigint not null, response_ms bigint, end_ms bigint,
      status text not null check (status in ('ongoing', 'completed', 'reopened', 'void')), void_reason text,
      parts text not null, same_kind text, opening integer not null check (opening >= 1), open_since_ms bigint not null,
      escalated integer not null, created_by text not null, created_ms bigint not null, updated_ms bigint not null,
      version integer not null check (version >= 1),
      check (end_ms is null or end_ms >= start_ms), check (response_ms is null or response_ms >= start_ms),
      check (response_ms is null or end_ms is null or response_ms <= end_ms),
      check (status = 'void' or (status = 'completed') = (end_ms is not null)),
      check ((status = 'void') = (void_reason is not null)))`,
    `create table ctp_event (
      seq ${id}, problem_id bigint references ctp_problem (id), machine_id bigint not null references ctp_machine (id),
      at_ms bigint not null, actor text not null, via text not null, type text not null, reason text, detail text not null)`,
    `create table ctp_status_history (
      seq ${id}, machine_id bigint not null references ctp_machine (id), nth integer not null, at_ms bigint not null,
      status text not null, derived_status text not null, manual_status text,
      problem_id bigint references ctp_problem (id), actor text not null, reason text)`,
    `create table ctp_notice (
      id ${id}, kind text not null, problem_id bigint not null references ctp_problem (id),
      machine_id bigint not null references ctp_machine (id), dedupe_key text not null unique,
      payload text not null, created_ms bigint not null, told_ms bigint)`,
    `create table ctp_command (
      command_id text primary key, actor text not null, request text not null, reply text not null, at_ms bigint not null)`,
    `create table ctp_code (
      kind text not null check (kind in ('error_code', 'category')), code text not null, label text not null,
      retired integer not null check (retired in (0, 1)), primary key (kind, code))`,
  ];
}

const indexes: readonly string[] = [
  // Also the index of what is open: it stays small however many problems there are.
  `create index ctp_problem_open on ctp_problem (machine_id, severity, start_ms) where status in ('ongoing', 'reopened')`,
  `create unique index ctp_problem_one_open_of_a_kind on ctp_problem (machine_id, same_kind)
    where status in ('ongoing', 'reopened') and same_kind is not null`,
  'create index ctp_event_by_problem on ctp_event (problem_id, seq) where problem_id is not null',
  'create unique index ctp_status_history_by_machine on ctp_status_history (machine_id, nth)',
  'create index ctp_notice_waiting on ctp_notice (id) where told_ms is null',
];

/** History is append-only for whoever reaches the database, not only for this program. */
function appendOnly(engine: StoreEngine, histories: readonly string[]): string[] {
  return histories.flatMap((table) => {
    if (engine === 'sqlite') {
      return ['update', 'delete'].map(
        (action) => `create trigger ${table}_no_${action} before ${action} on ${table}
          begin select raise(abort, '${table} is append-only'); end`,
      );
    }
    return [
      `create function ${table}_refuse() returns trigger language plpgsql as $$
        begin raise exception '${table} is append-only'; end $$`,
      `create trigger ${table}_no_change before update or delete on ${table} for each row execute function ${table}_refuse()`,
      `create trigger ${table}_no_truncate before truncate on ${table} for each statement execute function ${table}_refuse()`,
    ];
  });
}

/** The department's three machines, all running, and the categories that a plant begins with. */
async function firstData(db: Kysely<unknown>): Promise<void> {
  const now = Date.now();
  for (const [name, nickname] of [
    ['CTP 1 Suprasetter', 'suprasetter'],
    ['CTP 2 Platesetter', 'platesetter'],
    ['CTP 3 Trendsetter', 'trendsetter'],
  ]) {
    await sql`insert into ctp_machine (name, nickname, kind, retired, derived_status, status, status_since_ms, version)
      values (${name}, ${nickname}, 'ctp', 0, 'active', 'active', ${now}, 1)`.execute(db);
  }
  await sql`insert into ctp_status_history (machine_id, nth, at_ms, status, derived_status, actor)
    select id, 1, status_since_ms, status, derived_status, 'system' from ctp_machine order by id`.execute(db);
  for (const category of firstCategories) {
    await sql`insert into ctp_code (kind, code, label, retired)
      values ('category', ${category}, ${category}, 0)`.execute(db);
  }
}
