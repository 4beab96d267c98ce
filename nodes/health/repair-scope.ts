// Where records of repairs are read and written: each query for itself, or all of them in one transaction.
import type { Kysely, Transaction } from 'kysely';
import type { Store } from '../store/store.ts';
import type { RepairSchema } from './repair-tables.ts';
import type { HealthSchema } from './tables.ts';

type Schema = RepairSchema & HealthSchema;

export class RepairScope {
  readonly #store: Store;
  readonly #transaction: Transaction<Schema> | undefined;

  constructor(store: Store, transaction?: Transaction<Schema>) {
    this.#store = store;
    this.#transaction = transaction;
  }

  get db(): Kysely<Schema> {
    return this.#transaction ?? this.#store.db<Schema>();
  }

  /** What is committed, beside the event loop; not inside a transaction. */
  get reader(): Kysely<Schema> {
    return this.#store.reader<Schema>();
  }

  inTransaction<Result>(work: (scope: RepairScope) => Promise<Result>): Promise<Result> {
    return this.#store.transaction<Schema, Result>((transaction) => work(new RepairScope(this.#store, transaction)));
  }
}
