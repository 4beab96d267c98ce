// Opens the store that DATABASE_URL names and keeps its tables up to date.
import { setTimeout as pause } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import { beforeAnswers } from '../core/answer-deadline.ts';
import { backoffDelayMs } from '../core/backoff.ts';
import { asError } from '../core/errors.ts';
import { Turns } from '../core/turns.ts';
import { patienceMs } from './deadlines.ts';
import { openPostgres } from './open-postgres.ts';
import { openSqlite, type SharedConnection } from './open-sqlite.ts';
import type { RoomMigrations, Store, StoreEngine, TransactionOptions } from './store.ts';
import { StoreError, type StoreFault } from './store-error.ts';
import { parseStoreUrl } from './store-url.ts';

export interface OpenStoreOptions {
  /** Told about faults that no query reports, such as a lost idle connection. */
  readonly onError?: (error: Error) => void;
}

/** A contended transaction is tried this often; each try commits at least one of the contenders. */
const transactionTries = 20;
/** PostgreSQL may report a lost race for the same key as a constraint; a second look tells a race from a rule. */
const constraintTries = 3;
const conflictBackoff = { firstMs: 5, capMs: 250 };

/** @param url `sqlite:PATH` or `postgres://user:password@host/database` */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<Store> {
  const address = parseStoreUrl(url);
  const opened =
    address.engine === 'sqlite'
      ? await openSqlite(address.path)
      : await openPostgres(address.url, options.onError ?? (() => {}));
  return new SqlStore(address.engine, address.shown, opened);
}

/** How often a transaction is tried in all when it ends with `fault`. */
function triesAfter(engine: StoreEngine, fault: StoreFault): number {
  if (fault === 'conflict') return transactionTries;
  return fault === 'constraint' && engine === 'postgres' ? constraintTries : 1;
}

class SqlStore implements Store {
  readonly engine: StoreEngine;
  readonly location: string;
  readonly #connection: SharedConnection;
  /** Migrations done or under way, mapped by room; a failed one is forgotten so that the next call tries again. */
  readonly #migrated = new Map<string, Promise<void>>();
  readonly #upToDate = new Set<string>();
  /** Mapped by the name that transactions give. */
  readonly #turns = new Map<string, Turns>();

  constructor(engine: StoreEngine, location: string, connection: SharedConnection) {
    this.engine = engine;
    this.location = location;
    this.#connection = connection;
  }

  db<Schema>(): Kysely<Schema> {
    return this.#connection.kysely as unknown as Kysely<Schema>;
  }

  reader<Schema>(): Kysely<Schema> {
    return this.#connection.reader as unknown as Kysely<Schema>;
  }

  async transaction<Schema, Result>(
    work: (transaction: Transaction<Schema>) => Promise<Result>,
    { turns }: TransactionOptions = {},
  ): Promise<Result> {
    this.#connection.scope.refuseInside('A second transaction');
    if (turns === undefined || this.engine === 'sqlite') return this.#transact(work);
    const queue = this.#turns.get(turns) ?? new Turns(1);
    this.#turns.set(turns, queue);
    // A turn only spares races. Whoever waits so long waits for a server that does not answer, and has a deadline there.
    return queue.take(() => this.#transact(work), patienceMs);
  }

  async #transact<Schema, Result>(work: (transaction: Transaction<Schema>) => Promise<Result>): Promise<Result> {
    const { scope } = this.#connection;
    for (let failures = 0; ; failures += 1) {
      try {
        const builder = this.db<Schema>().transaction();
        const begun = this.engine === 'postgres' ? builder.setIsolationLevel('serializable') : builder;
        return await begun.execute((transaction) => scope.run(() => work(transaction)));
      } catch (error) {
        if (!(error instanceof StoreError) || failures + 1 >= triesAfter(this.engine, error.fault)) throw error;
        await pause(backoffDelayMs(conflictBackoff, failures));
      }
    }
  }

  async migrate(room: string, migrations: RoomMigrations): Promise<void> {
    if (this.#upToDate.has(room)) return;
    this.#connection.scope.refuseInside(`Bringing the tables of ${room} up to date`);
    const running = this.#migrated.get(room) ?? this.#migrateRoom(room, migrations);
    this.#migrated.set(room, running);
    running.then(
      () => this.#upToDate.add(room),
      () => this.#migrated.delete(room),
    );
    return running;
  }

  async #migrateRoom(room: string, migrations: RoomMigrations): Promise<void> {
    if (!/^[a-z][a-z0-9_]*$/.test(room)) throw new StoreError('migration', `"${room}" can't name a room.`);
    const migrator = new Migrator({
      db: this.#connection.migrating,
      provider: { getMigrations: async () => ({ ...migrations }) },
      migrationTableName: `${room}_migration`,
      migrationLockTableName: `${room}_migration_lock`,
    });
    const { error, results } = await beforeAnswers(() => migrator.migrateToLatest());
    if (error === undefined) return;
    if (error instanceof StoreError && error.fault !== 'refused') throw error;
    const failed = results?.find((result) => result.status === 'Error')?.migrationName;
    throw new StoreError(
      'migration',
      `The tables of ${room} can't be brought up to date${failed ? ` (${failed})` : ''}: ${asError(error).message}.`,
      { hint: 'A database of a newer version needs that version of the package.', cause: error },
    );
  }

  close(): Promise<void> {
    return this.#connection.release();
  }
}
