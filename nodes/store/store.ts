// What every room sees of the database: one store for the process, whichever engine is behind it.
import type { Kysely, Transaction } from 'kysely';
import type { Migration } from 'kysely/migration';

export type StoreEngine = 'sqlite' | 'postgres';

/** Migrations of one room by name; names sort in the order they were written and a released one is never edited. */
export type RoomMigrations = Readonly<Record<string, Migration>>;

export interface TransactionOptions {
  /**
   * Transactions of this process that name the same turns run one after the other, in the order of asking; others don't wait for them.
   * For those that change the same rows: on PostgreSQL they would lose races against each other and run again and again, as
   * they still do against another process. On SQLite all of them take turns anyway.
   */
  readonly turns?: string;
}

export interface Store {
  readonly engine: StoreEngine;
  /** Where it is, without any secret: for logs and the doctor. */
  readonly location: string;
  /** The query builder over a room's own tables. Inside `transaction` use the transaction's; this one is refused there. */
  db<Schema>(): Kysely<Schema>;
  /**
   * Runs `work` in one transaction and commits it, or rolls all of it back and rejects. SQLite takes its write lock at the
   * beginning; PostgreSQL is serializable and runs `work` again after a serialization failure, so `work` must have no
   * effect outside the database. Inside a transaction another one, `db` and an unfinished `migrate` are refused (StoreError
   * `refused`): they would wait for the transaction that waits for them.
   */
  transaction<Schema, Result>(
    work: (transaction: Transaction<Schema>) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>;
  /**
   * Queries that only read, off the event loop: a page of a million rows stalls no flow. They see what is committed; inside a
   * transaction use the transaction.
   */
  reader<Schema>(): Kysely<Schema>;
  /** Brings the tables of `room` up to date; safe to call from several nodes and processes at once. */
  migrate(room: string, migrations: RoomMigrations): Promise<void>;
  /** Gives the store back; the connection ends with its last user. */
  close(): Promise<void>;
}
