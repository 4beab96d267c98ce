// Worker thread that holds one connection to a SQLite file: one statement at a time, so that the disk and locks stop this thread alone.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import {
  type FlatRows,
  processMs,
  type SqliteFailure,
  type SqliteOpening,
  type SqliteQuestion,
  type SqliteReply,
  type SqliteThreadData,
  sqliteBusy,
} from './sqlite-questions.ts';

/** More distinct statements than all rooms and pages have; beyond it the oldest is prepared again. */
const cachedStatements = 500;
/** Pages of 4 KiB that a reader keeps in memory: 64 MB hold the upper levels of the indexes of a million rows. */
const readerKibibytes = 65_536;
/** The most that a statement waits for another process; a transaction waits no longer than somebody waits for it. */
const busyTimeoutMs = 5_000;

const pragmas = {
  reader: `pragma busy_timeout = ${busyTimeoutMs}; pragma query_only = on; pragma cache_size = -${readerKibibytes}`,
  writer: `pragma busy_timeout = ${busyTimeoutMs}; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on`,
};

interface Statement {
  readonly prepared: StatementSync;
  readonly isReader: boolean;
}

class Connection {
  readonly #database: DatabaseSync;
  /** Mapped by SQL text, oldest use first. */
  readonly #statements = new Map<string, Statement>();

  constructor({ file, isReader }: SqliteThreadData) {
    this.#database = new DatabaseSync(file, { readOnly: isReader });
    this.#database.exec(isReader ? pragmas.reader : pragmas.writer);
  }

  close(): void {
    this.#database.close();
  }

  answer(question: SqliteQuestion): SqliteReply {
    try {
      return this.#answer(question);
    } catch (error) {
      return { id: question.id, failed: failureOf(error) };
    }
  }

  #answer(question: SqliteQuestion): SqliteReply {
    const { id, kind, untilMs } = question;
    switch (kind) {
      case 'begin':
        this.#begin(untilMs);
        return { id, changed: { changes: 0, lastId: 0 } };
      case 'commit':
        this.#prepared('commit').prepared.run();
        return { id, changed: { changes: 0, lastId: 0 } };
      case 'rollback':
        this.#rollback();
        return { id, changed: { changes: 0, lastId: 0 } };
      case 'change':
        return this.#change(question);
      default:
        return this.#run(question);
    }
  }

  /** IMMEDIATE, so that two processes never meet at the upgrade of a read lock, where SQLite can only refuse. */
  #begin(untilMs: number): void {
    const leftMs = Math.floor(untilMs - processMs());
    if (leftMs < 0) throw tooLate();
    const ownMs = Number(Object.values(this.#prepared('pragma busy_timeout').prepared.get() ?? {})[0]);
    if (leftMs < ownMs) this.#database.exec(`pragma busy_timeout = ${leftMs}`);
    try {
      this.#prepared('begin immediate').prepared.run();
    } finally {
      if (leftMs < ownMs) this.#database.exec(`pragma busy_timeout = ${ownMs}`);
    }
    if (processMs() <= untilMs) return;
    this.#rollback();
    throw tooLate();
  }

  /** SQLite has rolled back by itself after a full disk or an I/O error. */
  #rollback(): void {
    if (this.#database.isTransaction === false) return;
    try {
      this.#prepared('rollback').prepared.run();
    } catch (error) {
      if (!/no transaction is active/.test(String(error))) throw error;
    }
  }

  #change(question: SqliteQuestion): SqliteReply {
    this.#begin(question.untilMs);
    try {
      const reply = this.#run(question);
      this.#prepared('commit').prepared.run();
      return reply;
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  #run({ id, sql, parameters }: SqliteQuestion): SqliteReply {
    const { prepared, isReader } = this.#prepared(sql);
    if (isReader) return { id, rows: flattened(prepared.all(...parameters)) };
    const { changes, lastInsertRowid } = prepared.run(...parameters);
    return { id, changed: { changes, lastId: lastInsertRowid } };
  }

  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql);
    const statement = known ?? this.#prepare(sql);
    this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > cachedStatements) this.#statements.delete(this.#statements.keys().next().value ?? '');
    return statement;
  }

  #prepare(sql: string): Statement {
    const prepared = this.#database.prepare(sql);
    return { prepared, isReader: isReading(prepared, sql) };
  }
}

/** Node below 22.16 can't tell the columns of a statement; its text tells. */
function isReading(statement: StatementSync, sql: string): boolean {
  if (typeof statement.columns === 'function') return statement.columns().length > 0;
  return /^\s*(select|with|pragma|values|explain)\b/i.test(sql) || /\breturning\b/i.test(sql);
}

function flattened(rows: readonly Readonly<Record<string, unknown>>[]): FlatRows {
  const columns = Object.keys(rows[0] ?? {});
  const values: unknown[] = [];
  for (const row of rows) for (const column of columns) values.push(row[column]);
  return { columns, values };
}

/** As SQLite says it of a lock, because nothing was changed here either. */
function tooLate(): Error {
  return Object.assign(new Error('database is locked'), { errcode: sqliteBusy });
}

function failureOf(error: unknown): SqliteFailure {
  const errcode = error instanceof Error && 'errcode' in error ? Number(error.errcode) : undefined;
  return { message: error instanceof Error ? error.message : String(error), errcode };
}

function open(): Connection | undefined {
  try {
    const connection = new Connection(workerData as SqliteThreadData);
    parentPort?.postMessage({ opened: true } satisfies SqliteOpening);
    return connection;
  } catch (error) {
    parentPort?.postMessage({ refused: failureOf(error) } satisfies SqliteOpening);
    return undefined;
  }
}

const connection = open();
parentPort?.on('message', (question: SqliteQuestion | 'close') => {
  if (question !== 'close') {
    if (connection) parentPort?.postMessage(connection.answer(question));
    return;
  }
  connection?.close();
  parentPort?.close();
});
