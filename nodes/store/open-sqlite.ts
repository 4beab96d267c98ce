// Opens a SQLite file through node:sqlite with the settings a ledger needs; one connection for each file and process.
import { mkdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Kysely } from 'kysely';
import { asError } from '../core/errors.ts';
import { changeMs, inTime, Patience } from './deadlines.ts';
import { emptyLists } from './empty-lists.ts';
import { openReader, ReadThread } from './open-reader.ts';
import { SqliteThread } from './open-sqlite-thread.ts';
import { LedgerSqliteDialect } from './sqlite-dialect.ts';
import { SqliteWriter } from './sqlite-writer.ts';
import { asStoreError, StoreError } from './store-error.ts';
import { TransactionScope } from './transaction-scope.ts';
import { WriteTurns } from './write-turns.ts';

export interface SharedConnection {
  readonly kysely: Kysely<unknown>;
  /** The same tables for migrations: without a deadline. */
  readonly migrating: Kysely<unknown>;
  /** Reads only; of SQLite in threads of its own, of PostgreSQL the same pool. */
  readonly reader: Kysely<unknown>;
  readonly scope: TransactionScope;
  /** Gives one use back; the last one closes the file. */
  release(): Promise<void>;
}

interface OpenFile extends Omit<SharedConnection, 'release'> {
  /** Resolves when the file is open. */
  readonly opening: Promise<void>;
  close(): Promise<void>;
  users: number;
}

/** Open files of this process, mapped by real path. */
const openFiles = new Map<string, OpenFile>();

/** A writer is let finish what it has begun when its file is closed. */
const closeWithinMs = 3_000;

/** Opens `path`, or shares the connection that is open already. Creates directory and file. */
export async function openSqlite(path: string): Promise<SharedConnection> {
  await checkSqlite();
  const file = realFile(path);
  const entry = openFiles.get(file) ?? openFile(file);
  openFiles.set(file, entry);
  entry.users += 1;
  let released = false;
  const release = async () => {
    if (released) return;
    released = true;
    entry.users -= 1;
    if (entry.users > 0) return;
    if (openFiles.get(file) === entry) openFiles.delete(file);
    await entry.close();
  };
  try {
    await entry.opening;
  } catch (error) {
    await release();
    const fault = asStoreError(error);
    if (!(fault instanceof StoreError)) throw fault;
    throw new StoreError(fault.fault, `${file} can't be opened: ${asError(error).message}.`, { cause: error });
  }
  const { kysely, migrating, reader, scope } = entry;
  return { kysely, migrating, reader, scope, release };
}

function openFile(file: string): OpenFile {
  const scope = new TransactionScope();
  const thread = new SqliteThread({ file, isReader: false });
  // Of its own: what a request asks in passing must not wait behind the long questions of pages.
  const quick = new ReadThread(file);
  const reader = openReader(file);
  const turns = new WriteTurns();
  const patience = new Patience();
  const read = quick.read.bind(quick);
  const connected = (hasDeadlines: boolean) =>
    new Kysely<unknown>({
      dialect: new LedgerSqliteDialect({
        writer: new SqliteWriter({ thread, turns, patience, hasDeadlines }),
        read,
        scope,
      }),
      plugins: [emptyLists],
    });
  const kysely = connected(true);
  const migrating = connected(false);
  return {
    kysely,
    migrating,
    reader,
    scope,
    opening: inTime(thread.open(), changeMs),
    users: 0,
    close: async () => {
      // Whoever asks afterwards is refused; whoever asked before is answered first.
      const over = turns.take(closeWithinMs).catch(() => {});
      await Promise.all([kysely, migrating].map(closed));
      await over;
      await Promise.all([reader.destroy(), quick.stop(), thread.stop()]);
    },
  };
}

/** A driver that never ran a query has nothing that destroy() would close. */
async function closed(kysely: Kysely<unknown>): Promise<void> {
  await kysely.getExecutor().provideConnection(async () => {});
  await kysely.destroy();
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

async function checkSqlite(): Promise<void> {
  try {
    await import('node:sqlite');
  } catch (error) {
    throw new StoreError('driver-missing', `Node.js ${process.version} has no SQLite built in.`, {
      hint: 'Use Node.js 22.13 or newer (24 is best), start it with --experimental-sqlite, or set DATABASE_URL to a PostgreSQL server.',
      cause: error,
    });
  }
}
