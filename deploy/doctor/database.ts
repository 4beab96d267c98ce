// Examines the database that DATABASE_URL names: engine, version, rights and tables; runs no migration and creates no file.
import { existsSync, statSync } from 'node:fs';
import { type Kysely, sql } from 'kysely';
import { attachmentMigrations } from '../../nodes/attachments/schema.ts';
import { batchMigrations } from '../../nodes/batch/migrations.ts';
import type { Diagnosis } from '../../nodes/core/diagnosis.ts';
import { ctpMigrations, ctpRoom } from '../../nodes/ctp/migrations.ts';
import { equipmentMigrations } from '../../nodes/equipment/tables.ts';
import { healthMigrations } from '../../nodes/health/migrations.ts';
import { intakeMigrations, intakeRoom } from '../../nodes/production/intake-migrations.ts';
import { stateMigrations, stateRoom } from '../../nodes/production/state-tables.ts';
import { openReader } from '../../nodes/store/open-reader.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { RoomMigrations, StoreEngine } from '../../nodes/store/store.ts';
import { asStoreError, StoreError } from '../../nodes/store/store-error.ts';
import { parseStoreUrl } from '../../nodes/store/store-url.ts';
import type { OutsideSystem } from './examination.ts';
import { diagnoseMigrations } from './migration-state.ts';
import { diagnosePlace, formatBytes, urlForReading } from './sqlite-file.ts';

/** Longer than the store's own limit for a connection. */
const deadlineMs = 15_000;

/** What each room with tables brings, mapped by its name in the store. */
const rooms: ReadonlyMap<string, (engine: StoreEngine) => RoomMigrations> = new Map([
  ['batch', batchMigrations],
  ['health', healthMigrations],
  ['equipment', equipmentMigrations],
  ['attachments', attachmentMigrations],
  [ctpRoom, ctpMigrations],
  [intakeRoom, intakeMigrations],
  [stateRoom, stateMigrations],
]);

/** @param url checked already: `sqlite:PATH` or `postgres://...` */
export function databaseSystem(url: string): OutsideSystem {
  const address = parseStoreUrl(url);
  return {
    name: 'Database',
    location: address.shown,
    deadlineMs,
    examine: () => (address.engine === 'sqlite' ? diagnoseSqlite(address.path) : diagnosePostgres(address.url)),
  };
}

async function diagnoseSqlite(file: string): Promise<Diagnosis[]> {
  const place = diagnosePlace(file);
  if (place.verdict === 'fails') return [place];
  if (!existsSync(file)) {
    return [place, { check: 'file', verdict: 'works', found: 'not there yet; the first start makes it' }];
  }
  const size = formatBytes(statSync(file).size);
  return [
    place,
    ...(await reported('file', async () => {
      const db = openReader(urlForReading(file));
      try {
        const version = await firstText(db, sql`select sqlite_version() as text`);
        const tables = await diagnoseTables(db, 'sqlite');
        return [{ check: 'file', verdict: 'works', found: `SQLite ${version}, ${size}` }, ...tables];
      } finally {
        await db.destroy();
      }
    })),
  ];
}

async function diagnosePostgres(url: string): Promise<Diagnosis[]> {
  return reported('connection', async () => {
    const store = await openStore(url);
    try {
      const db = store.db<unknown>();
      const version = await firstText(db, sql`select current_setting('server_version') as text`);
      return [
        { check: 'connection', verdict: 'works', found: `PostgreSQL ${version}` },
        await diagnoseRights(db),
        ...(await diagnoseTables(db, 'postgres')),
      ];
    } finally {
      await store.close();
    }
  });
}

async function diagnoseRights(db: Kysely<unknown>): Promise<Diagnosis> {
  const check = 'rights';
  const schema = await firstText(db, sql`select coalesce(current_schema(), '') as text`);
  if (schema === '') {
    const advice = 'Give the user a search_path with a schema that exists.';
    return { check, verdict: 'fails', found: 'no schema to put tables in', advice };
  }
  const answer = await firstText(
    db,
    sql`select has_schema_privilege(current_schema(), 'CREATE')::text || ' ' || pg_is_in_recovery()::text as text`,
  );
  const [mayCreate, isStandby] = answer.split(' ');
  if (isStandby === 'true') {
    const advice = 'This server is a standby, which can only be read. Name the primary in DATABASE_URL.';
    return { check, verdict: 'fails', found: 'read only', advice };
  }
  if (mayCreate === 'true') return { check, verdict: 'works', found: `may make tables in schema ${schema}` };
  const user = await firstText(db, sql`select current_user::text as text`);
  const advice = `Let it: GRANT CREATE ON SCHEMA ${schema} TO ${user};`;
  return { check, verdict: 'fails', found: `${user} may not make tables in schema ${schema}`, advice };
}

async function diagnoseTables(db: Kysely<unknown>, engine: StoreEngine): Promise<Diagnosis[]> {
  const tables = new Set((await db.introspection.getTables()).map(({ name }) => name));
  const diagnoses: Diagnosis[] = [];
  for (const [room, migrations] of rooms) {
    const table = `${room}_migration`;
    const applied = tables.has(table) ? await appliedIn(db, table) : undefined;
    diagnoses.push(diagnoseMigrations(room, Object.keys(migrations(engine)), applied));
  }
  return diagnoses;
}

async function appliedIn(db: Kysely<unknown>, table: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(table)} order by name`.execute(db);
  return rows.map(({ name }) => name);
}

async function firstText(db: Kysely<unknown>, query: ReturnType<typeof sql>): Promise<string> {
  const { rows } = await query.execute(db);
  const [row] = rows;
  return typeof row === 'object' && row !== null && 'text' in row ? String(row.text) : '';
}

/** A fault of the database as one finding; the store's error already says what to do about it. */
async function reported(check: string, work: () => Promise<Diagnosis[]>): Promise<Diagnosis[]> {
  try {
    return await work();
  } catch (thrown) {
    const error = asStoreError(thrown);
    if (!(error instanceof StoreError)) throw thrown;
    const { message, hint } = error;
    const found = hint === undefined ? message : message.replace(hint, '').trim();
    return [{ check, verdict: 'fails', found, advice: hint ?? 'See the log of the database.' }];
  }
}
