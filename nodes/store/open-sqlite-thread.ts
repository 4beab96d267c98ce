// A connection to a SQLite file in a worker thread, seen from the thread that answers requests.
import { once } from 'node:events';
import { extname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { QueryResult } from 'kysely';
import type {
  FlatRows,
  SqliteFailure,
  SqliteOpening,
  SqliteQuestion,
  SqliteReply,
  SqliteThreadData,
} from './sqlite-questions.ts';
import { StoreError } from './store-error.ts';

export type Rows = QueryResult<Readonly<Record<string, unknown>>>;

interface Waiting {
  readonly resolve: (result: Rows) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that holds a hanging disk may never end: what waits for it goes on without it. */
const endWithinMs = 4_000;

/** The thread starts with the first question and ends with `stop`; one that died is replaced at the next question. */
export class SqliteThread {
  readonly #data: SqliteThreadData;
  readonly #endMs: number;
  /** Questions without an answer, mapped by id. */
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #opened: Promise<void> = Promise.resolve();
  #lastId = 0;
  #generation = 0;

  /** @param endLimitMs how long `stop` waits for a thread that is in the middle of something */
  constructor(data: SqliteThreadData, endLimitMs: number = endWithinMs) {
    this.#data = data;
    this.#endMs = endLimitMs;
  }

  /** Grows with each thread that is started: a transaction ends with the thread that began it. */
  get generation(): number {
    return this.#generation;
  }

  /** Resolves when the file is open; rejects with SQLite's own error where it can't be opened. */
  async open(): Promise<void> {
    this.#worker ??= this.#start();
    try {
      await this.#opened;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Settles when the thread has answered, however long that takes. */
  ask(question: Omit<SqliteQuestion, 'id'>): Promise<Rows> {
    const worker = this.#worker ?? this.#start();
    this.#worker = worker;
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise<Rows>((resolve, reject) => {
      worker.postMessage({ ...question, id } satisfies SqliteQuestion);
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
    });
  }

  /** Closes the file and ends the thread; one that hangs is left behind. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    if (!worker) return;
    worker.postMessage('close');
    worker.ref();
    const patience = new AbortController();
    await Promise.race([once(worker, 'exit'), wait(this.#endMs, undefined, { signal: patience.signal })]);
    patience.abort();
    this.#failAll(new StoreError('unreachable', 'The store was closed.'));
    worker.unref();
    worker.terminate().catch(() => {});
  }

  /** Ends the thread in the middle of what it does: only for one that can't have begun to change anything. */
  giveUp(reason: Error): void {
    const worker = this.#worker;
    this.#worker = undefined;
    worker?.unref();
    worker?.terminate().catch(() => {});
    this.#failAll(reason);
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./open-sqlite-worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: this.#data,
    });
    this.#generation += 1;
    this.#opened = new Promise((resolve, reject) => {
      worker.once('message', (opening: SqliteOpening) => {
        if (this.#waiting.size === 0) worker.unref();
        if ('opened' in opening) resolve();
        else reject(errorOf(opening.refused));
      });
      worker.once('error', (error) => reject(ended(error)));
    });
    this.#opened.catch((error: Error) => this.#lost(worker, error));
    worker.on('message', (reply: SqliteReply | SqliteOpening) => {
      if ('id' in reply) this.#settle(worker, reply);
    });
    worker.on('error', (error) => this.#lost(worker, ended(error)));
    return worker;
  }

  #settle(worker: Worker, reply: SqliteReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    // Nobody waits: the thread need not keep the process alive.
    if (this.#waiting.size === 0) worker.unref();
    if ('rows' in reply) waiting?.resolve({ rows: rowsOf(reply.rows) });
    else if ('failed' in reply) waiting?.reject(errorOf(reply.failed));
    else {
      const { changes, lastId } = reply.changed;
      waiting?.resolve({ rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastId) });
    }
  }

  #lost(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    worker.unref();
    worker.terminate().catch(() => {});
    this.#failAll(error);
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** No fault of the statement that it worked on: the same may go well in another thread. */
function ended(error: Error): StoreError {
  return new StoreError('unreachable', `The thread of the database has ended: ${error.message}.`, {
    hint: 'Another one is started with the next question.',
    cause: error,
  });
}

function errorOf({ message, errcode }: SqliteFailure): Error {
  return Object.assign(new Error(message), errcode !== undefined && { code: 'ERR_SQLITE_ERROR', errcode });
}

function rowsOf({ columns, values }: FlatRows): Readonly<Record<string, unknown>>[] {
  const rows: Record<string, unknown>[] = [];
  for (let at = 0; at < values.length; at += columns.length) {
    const row: Record<string, unknown> = {};
    columns.forEach((column, index) => {
      row[column] = values[at + index];
    });
    rows.push(row);
  }
  return rows;
}
