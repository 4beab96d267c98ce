// What crosses between the thread that answers requests and the threads that hold SQLite's connections.

/** One statement; ids are the asking thread's own. */
export interface SqliteQuestion {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly SqliteValue[];
  /**
   * `read` and `statement` run as they are. `change` is a transaction of its own. `begin`, `commit` and `rollback` are those of a
   * transaction of many statements; a rollback of what is over already is fine.
   */
  readonly kind: 'read' | 'statement' | 'change' | 'begin' | 'commit' | 'rollback';
  /** By `processMs`: after it nobody waits for the lock any more, so nothing is begun. */
  readonly untilMs: number;
}

export type SqliteValue = null | number | bigint | string | Uint8Array;

/** Rows as their columns' names and all values, row by row: one list crosses to the other thread in a third of the time of its rows. */
export interface FlatRows {
  readonly columns: readonly string[];
  readonly values: readonly unknown[];
}

export interface Changed {
  readonly changes: number | bigint;
  readonly lastId: number | bigint;
}

export interface SqliteFailure {
  readonly message: string;
  /** SQLite's extended result code; undefined for a fault that is not SQLite's own. */
  readonly errcode: number | undefined;
}

export type SqliteReply =
  | { readonly id: number; readonly rows: FlatRows }
  | { readonly id: number; readonly changed: Changed }
  | { readonly id: number; readonly failed: SqliteFailure };

/** Said once, before any reply: whether the file is open. */
export type SqliteOpening = { readonly opened: true } | { readonly refused: SqliteFailure };

/** What a thread is given when it starts. */
export interface SqliteThreadData {
  /** Path, or a `file:` URL. */
  readonly file: string;
  readonly isReader: boolean;
}

/** SQLITE_BUSY, https://www.sqlite.org/rescode.html#busy */
export const sqliteBusy = 5;

/** Milliseconds that run alike in all threads of this process and never backwards. */
export function processMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
