// kysely over worker threads that read a SQLite file, so that a long query never holds up the event loop, nor the next query.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { emptyLists } from './empty-lists.ts';
import type { FlatRows, ReadReply, ReadRequest } from './open-read-worker.ts';
import { TypedErrorsDriver } from './typed-errors-driver.ts';

interface Waiting {
  readonly resolve: (rows: readonly Readonly<Record<string, unknown>>[]) => void;
  readonly reject: (error: Error) => void;
}

/** The thread starts with the first query and ends with `destroy`; a thread that died is replaced at the next query. */
class ReadThread implements DatabaseConnection {
  readonly #file: string;
  /** Queries without an answer, mapped by id. */
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(file: string) {
    this.#file = file;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const worker = this.#worker ?? this.#start();
    this.#worker = worker;
    this.#lastId += 1;
    const id = this.#lastId;
    const rows = await new Promise<readonly Readonly<Record<string, unknown>>[]>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({
        id,
        sql: query.sql,
        parameters: query.parameters as ReadRequest['parameters'],
      } satisfies ReadRequest);
    });
    return { rows: rows as unknown as Row[] };
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
    this.#failAll(new Error('The store was closed.'));
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./open-read-worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: this.#file,
    });
    worker.unref();
    worker.on('message', (reply: ReadReply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      // Nobody waits: the thread need not keep the process alive.
      if (this.#waiting.size === 0) worker.unref();
      if ('values' in reply) waiting?.resolve(rowsOf(reply));
      else
        waiting?.reject(Object.assign(new Error(reply.message), { code: 'ERR_SQLITE_ERROR', errcode: reply.errcode }));
    });
    worker.on('error', (error) => {
      this.#worker = undefined;
      this.#failAll(error);
    });
    return worker;
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function rowsOf({ columns, values }: FlatRows): readonly Readonly<Record<string, unknown>>[] {
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

/** A page and its count, or two people: more would only wait for the machine's cores. */
const mostThreads = 2;

class ReadOnlyDriver implements Driver {
  readonly #threads: readonly ReadThread[];
  /** Queries that each thread has, mapped by thread. */
  readonly #queries = new Map<DatabaseConnection, number>();

  constructor(file: string) {
    this.#threads = Array.from({ length: mostThreads }, () => new ReadThread(file));
  }

  async init(): Promise<void> {}

  /** The least busy thread; the first where none is, so that a second one only starts when it is needed. */
  async acquireConnection(): Promise<DatabaseConnection> {
    const queriesOf = (thread: ReadThread) => this.#queries.get(thread) ?? 0;
    const thread = this.#threads.reduce((best, other) => (queriesOf(other) < queriesOf(best) ? other : best));
    this.#queries.set(thread, queriesOf(thread) + 1);
    return thread;
  }

  async beginTransaction(): Promise<void> {
    throw new TypeError('A reader has no transactions.');
  }

  async commitTransaction(): Promise<void> {}

  async rollbackTransaction(): Promise<void> {}

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#queries.set(connection, (this.#queries.get(connection) ?? 1) - 1);
  }

  async destroy(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }
}

class ReaderAdapter extends SqliteAdapter {
  /** Readers disturb nobody, so kysely need not let them in one by one. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class ReaderDialect implements Dialect {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  createDriver(): Driver {
    return new TypedErrorsDriver(new ReadOnlyDriver(this.#file));
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): SqliteAdapter {
    return new ReaderAdapter();
  }

  createIntrospector(db: Kysely<unknown>): SqliteIntrospector {
    return new SqliteIntrospector(db);
  }
}

/** A query builder that reads `file` in threads of its own. */
export function openReader(file: string): Kysely<unknown> {
  return new Kysely<unknown>({ dialect: new ReaderDialect(file), plugins: [emptyLists] });
}
