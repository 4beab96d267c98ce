// Tables of the equipment room: each reported failure once, its append-only history, and replies of commands.
import { type Generated, type Kysely, sql } from 'kysely';
import { declareCommandMemory } from '../store/memories.ts';
import type { RoomMigrations, StoreEngine } from '../store/store.ts';

declareCommandMemory('equipment_command');

export interface FailureTable {
  id: Generated<number>;
  plc: string;
  /** JSON of the record's words without its read flag: what makes two looks the same report. */
  content: string;
  code: string;
  name: string;
  info: string;
  happened_at: string | null;
  read_at: string;
  /** JSON list. */
  doubts: string;
  /** When the PLC was told that it is read. */
  flagged_at: string | null;
  resolved_at: string | null;
  resolved_by: string | null;
  resolution_notes: string | null;
}

export interface FailureEventTable {
  seq: Generated<number>;
  failure_id: number;
  at: string;
  actor: string;
  via: string;
  type: string;
  note: string | null;
}

export interface EquipmentSchema {
  equipment_failure: FailureTable;
  equipment_event: FailureEventTable;
  equipment_command: { command_id: string; actor: string; request: string; reply: string; at: string };
}

export function equipmentMigrations(engine: StoreEngine): RoomMigrations {
  return {
    '0001-failures': {
      async up(db: Kysely<unknown>): Promise<void> {
        for (const statement of [...tables(engine), ...appendOnly(engine)]) await sql.raw(statement).execute(db);
      },
    },
  };
}

function tables(engine: StoreEngine): string[] {
  const sequence =
    engine === 'sqlite' ? 'integer primary key autoincrement' : 'bigint generated always as identity primary key';
  const number = engine === 'sqlite' ? 'integer' : 'bigint';
  return [
    `create table equipment_failure (
      id ${sequence}, plc text not null, content text not null, code text not null, name text not null, info text not null,
      happened_at text, read_at text not null, doubts text not null, flagged_at text, resolved_at text, resolved_by text,
      resolution_notes text)`,
    'create index equipment_failure_content on equipment_failure (plc, content)',
    'create index equipment_failure_open on equipment_failure (id) where resolved_at is null',
    `create table equipment_event (
      seq ${sequence}, failure_id ${number} not null references equipment_failure (id), at text not null,
      actor text not null, via text not null, type text not null, note text)`,
    'create index equipment_event_of on equipment_event (failure_id, seq)',
    `create table equipment_command (
      command_id text primary key, actor text not null, request text not null, reply text not null, at text not null)`,
  ];
}

/** History is append-only for whoever reaches the database, not only for this program. */
function appendOnly(engine: StoreEngine): string[] {
  if (engine === 'sqlite') {
    return ['update', 'delete'].map(
      (action) => `create trigger equipment_event_no_${action} before ${action} on equipment_event
        begin select raise(abort, 'equipment_event is append-only'); end`,
    );
  }
  return [
    `create function equipment_event_refuse() returns trigger language plpgsql as $$
      begin raise exception 'equipment_event is append-only'; end $$`,
    'create trigger equipment_event_no_change before update or delete on equipment_event for each row execute function equipment_event_refuse()',
    'create trigger equipment_event_no_truncate before truncate on equipment_event for each statement execute function equipment_event_refuse()',
  ];
}
