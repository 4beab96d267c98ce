// Worker thread that reads a SQLite file: one statement at a time, on a connection of its own that can't write.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** Asked by the thread that answers requests. */
export interface ReadRequest {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly (null | number | bigint | string | Uint8Array)[];
}

/** Rows as their columns' names and all values, row by row: one list crosses to the other thread in a third of the time of its rows. */
export interface FlatRows {
  readonly columns: readonly string[];
  readonly values: readonly unknown[];
}

export type ReadReply =
  | ({ readonly id: number } & FlatRows)
  | { readonly id: number; readonly message: string; readonly errcode: number | undefined };

/** More distinct statements than all pages have; beyond it the oldest is prepared again. */
const cachedStatements = 200;
/** Pages of 4 KiB that stay in memory: 64 MB hold the upper levels of the indexes of a million rows. */
const cacheKibibytes = 65_536;

const database = new DatabaseSync(workerData as string, { readOnly: true });
database.exec(`pragma busy_timeout = 5000; pragma query_only = on; pragma cache_size = -${cacheKibibytes}`);
/** Mapped by SQL text, oldest use first. */
const statements = new Map<string, StatementSync>();

function prepared(sql: string): StatementSync {
  const statement = statements.get(sql) ?? database.prepare(sql);
  statements.delete(sql);
  statements.set(sql, statement);
  if (statements.size > cachedStatements) statements.delete(statements.keys().next().value ?? '');
  return statement;
}

function answer({ id, sql, parameters }: ReadRequest): ReadReply {
  try {
    return { id, ...flattened(prepared(sql).all(...parameters)) };
  } catch (error) {
    const errcode = error instanceof Error && 'errcode' in error ? Number(error.errcode) : undefined;
    return { id, message: error instanceof Error ? error.message : String(error), errcode };
  }
}

function flattened(rows: readonly Readonly<Record<string, unknown>>[]): FlatRows {
  const columns = Object.keys(rows[0] ?? {});
  const values: unknown[] = [];
  for (const row of rows) for (const column of columns) values.push(row[column]);
  return { columns, values };
}

parentPort?.on('message', (request: ReadRequest) => parentPort?.postMessage(answer(request)));
