// A kysely driver around another one that turns every fault of the database into a StoreError, also waiting for oneself.
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult, TransactionSettings } from 'kysely';
import { asStoreError } from './store-error.ts';
import type { TransactionScope } from './transaction-scope.ts';

class TypedErrorsConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;

  constructor(inner: DatabaseConnection) {
    this.inner = inner;
  }

  executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    return typed(() => this.inner.executeQuery<Row>(query));
  }

  streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    return this.inner.streamQuery<Row>(query, chunkSize);
  }
}

export class TypedErrorsDriver implements Driver {
  readonly #inner: Driver;
  readonly #scope: TransactionScope | undefined;
  /** The wrapper of each connection of the inner driver, so that one connection keeps one identity. */
  readonly #wrappers = new WeakMap<DatabaseConnection, TypedErrorsConnection>();

  /** @param scope of the transactions that hold a connection while they run; none for connections that no transaction holds */
  constructor(inner: Driver, scope?: TransactionScope) {
    this.#inner = inner;
    this.#scope = scope;
  }

  init(): Promise<void> {
    return typed(() => this.#inner.init());
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    this.#scope?.refuseInside('A connection');
    const connection = await typed(() => this.#inner.acquireConnection());
    const wrapper = this.#wrappers.get(connection) ?? new TypedErrorsConnection(connection);
    this.#wrappers.set(connection, wrapper);
    return wrapper;
  }

  beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    return typed(() => this.#inner.beginTransaction(innerOf(connection), settings));
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return typed(() => this.#inner.commitTransaction(innerOf(connection)));
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return typed(() => this.#inner.rollbackTransaction(innerOf(connection)));
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return typed(() => this.#inner.releaseConnection(innerOf(connection)));
  }

  destroy(): Promise<void> {
    return typed(() => this.#inner.destroy());
  }
}

function innerOf(connection: DatabaseConnection): DatabaseConnection {
  return connection instanceof TypedErrorsConnection ? connection.inner : connection;
}

async function typed<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (thrown) {
    throw asStoreError(thrown);
  }
}
