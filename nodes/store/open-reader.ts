// kysely over worker threads that read a SQLite file, so that a long query never holds up the event loop, nor the next query.
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
import { inTime } from './deadlines.ts';
import { emptyLists } from './empty-lists.ts';
import { type Rows, SqliteThread } from './open-sqlite-thread.ts';
import { processMs, type SqliteValue } from './sqlite-questions.ts';
import { StoreError } from './store-error.ts';
import { TypedErrorsDriver } from './typed-errors-driver.ts';

/** Longer than any page of a large plant takes on a slow disk. */
const readMs = 30_000;

/** A thread that reads; one that does not answer in time is replaced, because it can't be interrupted. */
export class ReadThread implements DatabaseConnection {
  readonly #thread: SqliteThread;

  /** @param file path, or a `file:` URL */
  constructor(file: string) {
    this.#thread = new SqliteThread({ file, isReader: true });
  }

  async read(sql: string, parameters: readonly SqliteValue[]): Promise<Rows> {
    const answer = this.#thread.ask({ kind: 'read', sql, parameters, untilMs: processMs() + readMs });
    try {
      return await inTime(answer, readMs);
    } catch (error) {
      if (error instanceof StoreError && error.fault === 'slow') this.#thread.giveUp(error);
      throw error;
    }
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    return (await this.read(sql, parameters as readonly SqliteValue[])) as unknown as QueryResult<Row>;
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  stop(): Promise<void> {
    return this.#thread.stop();
  }
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
