// Opens a SQLite file through node:sqlite with the settings a ledger needs; one connection for each file and process.
import { mkdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { asError } from '../core/errors.ts';
import { emptyLists } from './empty-lists.ts';
import { openReader } from './open-reader.ts';
import { NodeSqliteDialect } from './sqlite-dialect.ts';
import { asStoreError, StoreError } from './store-error.ts';
import { TransactionScope } from './transaction-scope.ts';

/** How long a write waits for another process (a backup, the doctor) before it is refused. */
const busyTimeoutMs = 5_000;

export interface SharedConnection {
  readonly kysely: Kysely<unknown>;
  /** Reads only; of SQLite in threads of its own, of PostgreSQL the same pool. */
  readonly reader: Kysely<unknown>;
  readonly scope: TransactionScope;
  /** Gives one use back; the last one closes the file. */
  release(): Promise<void>;
}

interface OpenFile extends Omit<SharedConnection, 'release'> {
  users: number;
}

/** Open files of this process, mapped by real path. */
const openFiles = new Map<string, OpenFile>();

/** Opens `path`, or shares the connection that is open already. Creates directory and file. */
export async function openSqlite(path: string): Promise<SharedConnection> {
  const { DatabaseSync: Database } = await sqliteModule();
  const file = realFile(path);
  const known = openFiles.get(file);
  const entry = known ?? openFile(opened(Database, file), file);
  openFiles.set(file, entry);
  entry.users += 1;
  let released = false;
  return {
    kysely: entry.kysely,
    reader: entry.reader,
    scope: entry.scope,
    release: async () => {
      if (released) return;
      released = true;
      entry.users -= 1;
      if (entry.users > 0) return;
      openFiles.delete(file);
      await entry.reader.destroy();
      // A driver that never ran a query has nothing that destroy() would close.
      await entry.kysely.getExecutor().provideConnection(async () => {});
      await entry.kysely.destroy();
    },
  };
}

function openFile(database: DatabaseSync, file: string): OpenFile {
  const scope = new TransactionScope();
  const kysely = new Kysely<unknown>({ dialect: new NodeSqliteDialect(database, scope), plugins: [emptyLists] });
  return { kysely, reader: openReader(file), scope, users: 0 };
}

function opened(Database: typeof DatabaseSync, file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new Database(file);
    database.exec(`
      pragma busy_timeout = ${busyTimeoutMs};
      pragma journal_mode = wal;
      pragma synchronous = full;
      pragma foreign_keys = on;
    `);
    return database;
  } catch (error) {
    database?.close();
    const fault = asStoreError(error);
    if (fault instanceof StoreError)
      throw new StoreError(fault.fault, `${file} can't be opened: ${asError(error).message}.`, { cause: error });
    throw fault;
  }
}

/** The one name of a file, whatever links lead to it, so that it is opened once. */
function realFile(path: string): string {
  const absolute = resolve(path);
  try {
    mkdirSync(dirname(absolute), { recursive: true });
    return join(realpathSync(dirname(absolute)), basename(absolute));
  } catch (error) {
    throw new StoreError('damaged', `The directory of ${absolute} can't be created.`, {
      hint: 'Check the path in DATABASE_URL, and that this user may write there.',
      cause: error,
    });
  }
}

async function sqliteModule(): Promise<typeof import('node:sqlite')> {
  try {
    return await import('node:sqlite');
  } catch (error) {
    throw new StoreError('driver-missing', `Node.js ${process.version} has no SQLite built in.`, {
      hint: 'Use Node.js 22.13 or newer (24 is best), start it with --experimental-sqlite, or set DATABASE_URL to a PostgreSQL server.',
      cause: error,
    });
  }
}
