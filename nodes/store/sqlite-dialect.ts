// kysely over threads that hold SQLite's connections: reads beside the writer, changes one after the other, DDL inside transactions.
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { statementMs } from './deadlines.ts';
import type { Rows } from './open-sqlite-thread.ts';
import type { SqliteValue } from './sqlite-questions.ts';
import type { SqliteTransaction, SqliteWriter } from './sqlite-writer.ts';
import type { TransactionScope } from './transaction-scope.ts';
import { TypedErrorsDriver } from './typed-errors-driver.ts';

/** Reads what is committed. */
export type SqliteReading = (sql: string, parameters: readonly SqliteValue[]) => Promise<Rows>;

export interface LedgerDialectParts {
  readonly writer: SqliteWriter;
  /** For queries outside a transaction: they wait neither for writers nor for their locks. */
  readonly read: SqliteReading;
  readonly scope: TransactionScope;
}

/** What changes rows or tables; anything else, such as a pragma, can't run in a transaction of its own, or need not. */
const changing = /^\s*(insert|update|delete|replace|with|create|alter|drop)\b/i;

/** Takes the writer only for the statement or transaction that needs it. */
class LedgerConnection implements DatabaseConnection {
  readonly #parts: LedgerDialectParts;
  #transaction: SqliteTransaction | undefined;

  constructor(parts: LedgerDialectParts) {
    this.#parts = parts;
  }

  async executeQuery<Row>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<Row>> {
    const values = parameters as readonly SqliteValue[];
    return (await this.#answer(sql, values, query.kind)) as unknown as QueryResult<Row>;
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  async begin(): Promise<void> {
    this.#transaction = await this.#parts.writer.begin();
  }

  async commit(): Promise<void> {
    await this.#transaction?.commit();
    this.#transaction = undefined;
  }

  async rollback(): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    await transaction?.rollback();
  }

  /** Text of a query that kysely did not build may need what only the writer has, such as its temporary tables. */
  #answer(sql: string, values: readonly SqliteValue[], kind: string): Promise<Rows> {
    if (this.#transaction) return this.#transaction.run(sql, values);
    if (kind === 'SelectQueryNode') return this.#parts.read(sql, values);
    const isText = kind === 'RawNode';
    return this.#parts.writer.run(
      changing.test(sql) ? 'change' : 'statement',
      sql,
      values,
      // Written by hand is also what changes many rows at once.
      isText ? statementMs : undefined,
    );
  }
}

class LedgerDriver implements Driver {
  readonly #parts: LedgerDialectParts;

  constructor(parts: LedgerDialectParts) {
    this.#parts = parts;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new LedgerConnection(this.#parts);
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await ledgerOf(connection).begin();
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await ledgerOf(connection).commit();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await ledgerOf(connection).rollback();
  }

  async releaseConnection(): Promise<void> {}

  /** The threads belong to the file, which closes them. */
  async destroy(): Promise<void> {}
}

function ledgerOf(connection: DatabaseConnection): LedgerConnection {
  if (connection instanceof LedgerConnection) return connection;
  throw new TypeError('This connection is of another driver.');
}

class LedgerSqliteAdapter extends SqliteAdapter {
  /** The writer itself queues whoever asks: kysely's own queue can't refuse one who would wait for himself. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }

  /** SQLite's DDL is transactional; with IMMEDIATE this makes migrations of two processes wait for each other. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

export class LedgerSqliteDialect implements Dialect {
  readonly #parts: LedgerDialectParts;

  constructor(parts: LedgerDialectParts) {
    this.#parts = parts;
  }

  createDriver(): Driver {
    return new TypedErrorsDriver(new LedgerDriver(this.#parts), this.#parts.scope);
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): SqliteAdapter {
    return new LedgerSqliteAdapter();
  }

  createIntrospector(db: Kysely<unknown>): SqliteIntrospector {
    return new SqliteIntrospector(db);
  }
}
