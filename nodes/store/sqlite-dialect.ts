// kysely over node:sqlite: cached statements, transactions that take the write lock at once, and DDL inside transactions.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type SqliteStatement,
} from 'kysely';
import type { TransactionScope } from './transaction-scope.ts';
import { TypedErrorsDriver } from './typed-errors-driver.ts';

/** More distinct statements than all rooms have; beyond it the oldest is prepared again. */
const cachedStatements = 500;

/** The methods that kysely needs of a database, over node:sqlite. */
export function kyselyDatabase(database: DatabaseSync): SqliteDatabase {
  /** Mapped by SQL text, oldest use first. */
  const cache = new Map<string, SqliteStatement>();
  return {
    close: () => {
      cache.clear();
      database.close();
    },
    prepare: (sql) => {
      const statement = cache.get(sql) ?? kyselyStatement(database.prepare(sql), sql);
      cache.delete(sql);
      cache.set(sql, statement);
      if (cache.size > cachedStatements) cache.delete(cache.keys().next().value ?? '');
      return statement;
    },
  };
}

function kyselyStatement(statement: StatementSync, sql: string): SqliteStatement {
  const bound = (parameters: readonly unknown[]) => parameters as (null | number | bigint | string | Uint8Array)[];
  return {
    reader: isReader(statement, sql),
    all: (parameters) => statement.all(...bound(parameters)),
    run: (parameters) => statement.run(...bound(parameters)),
    iterate: (parameters) => statement.iterate(...bound(parameters)),
  };
}

/** Node below 22.16 can't tell the columns of a statement; its text tells. */
function isReader(statement: StatementSync, sql: string): boolean {
  if (typeof statement.columns === 'function') return statement.columns().length > 0;
  return /^\s*(select|with|pragma|values|explain)\b/i.test(sql) || /\breturning\b/i.test(sql);
}

class LockingSqliteDriver extends SqliteDriver {
  readonly #database: DatabaseSync;
  /** Settles when everyone who asked so far has given the connection back. */
  #queue: Promise<void> = Promise.resolve();
  #giveBack: () => void = () => {};

  constructor(database: DatabaseSync) {
    super({ database: kyselyDatabase(database) });
    this.#database = database;
  }

  /** One at a time, in the order of asking. */
  override async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#queue;
    let giveBack = () => {};
    this.#queue = new Promise((resolve) => {
      giveBack = resolve;
    });
    await before;
    this.#giveBack = giveBack;
    return super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    this.#giveBack();
  }

  /** IMMEDIATE, so that two processes never meet at the upgrade of a read lock, where SQLite can only refuse. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  /** SQLite has rolled back by itself after a full disk or an I/O error; a second rollback would hide that error. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.isTransaction === false) return;
    try {
      await connection.executeQuery(CompiledQuery.raw('rollback'));
    } catch (error) {
      if (!/no transaction is active/.test(String(error))) throw error;
    }
  }
}

class LedgerSqliteAdapter extends SqliteAdapter {
  /** The driver itself queues whoever asks: kysely's own queue can't refuse one who would wait for himself. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }

  /** SQLite's DDL is transactional; with IMMEDIATE this makes migrations of two processes wait for each other. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

export class NodeSqliteDialect implements Dialect {
  readonly #database: DatabaseSync;
  readonly #scope: TransactionScope | undefined;

  constructor(database: DatabaseSync, scope?: TransactionScope) {
    this.#database = database;
    this.#scope = scope;
  }

  createDriver(): Driver {
    return new TypedErrorsDriver(new LockingSqliteDriver(this.#database), this.#scope);
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
