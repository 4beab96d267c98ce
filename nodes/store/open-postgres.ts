// Opens a PostgreSQL pool through the optional peer `pg`, with numbers instead of strings and no error that kills the process.
import { type Dialect, type Driver, Kysely, PostgresDialect } from 'kysely';
import type { Pool, PoolConfig } from 'pg';
import { emptyLists } from './empty-lists.ts';
import { StoreError } from './store-error.ts';
import { TransactionScope } from './transaction-scope.ts';
import { TypedErrorsDriver } from './typed-errors-driver.ts';

/** A server that answers nothing must not hold a task for ever; longer than any migration of a filled database. */
const queryTimeoutMs = 120_000;
const connectTimeoutMs = 10_000;
const poolSize = 10;

/** Type ids of PostgreSQL that its driver hands over as text, because they can exceed a JavaScript number. */
const int8Oid = 20;
const numericOid = 1700;

export interface PostgresConnections {
  readonly kysely: Kysely<unknown>;
  /** The same pool: PostgreSQL reads in a process of its own anyway. */
  readonly reader: Kysely<unknown>;
  readonly scope: TransactionScope;
  release(): Promise<void>;
}

/** @param onError told about a lost idle connection; the pool replaces it by itself */
export async function openPostgres(url: string, onError: (error: Error) => void): Promise<PostgresConnections> {
  const pg = await postgresModule();
  const config: PoolConfig = {
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
    application_name: 'shopfloor',
    // Questions of pages read short ranges: to start helpers for one takes longer than the reading.
    verify: (client, done) => {
      client.query('set max_parallel_workers_per_gather = 0').then(() => done(), done);
    },
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === int8Oid || oid === numericOid ? exactNumber : pg.types.getTypeParser(oid, format as 'text'),
    },
  };
  const pool = new pg.Pool(config);
  pool.on('error', onError);
  // A connection that breaks while a transaction holds it rejects its query; without this listener it would also throw.
  pool.on('connect', (client) => client.on('error', () => {}));
  const scope = new TransactionScope();
  const kysely = new Kysely<unknown>({
    dialect: typedErrors(new PostgresDialect({ pool }), scope),
    plugins: [emptyLists],
  });
  const reader = new Kysely<unknown>({ dialect: typedErrors(new PostgresDialect({ pool })), plugins: [emptyLists] });
  let released: Promise<void> | undefined;
  return {
    kysely,
    reader,
    scope,
    release: () => {
      released ??= endOf(pool);
      return released;
    },
  };
}

/** Ends the pool itself: kysely ends only a pool that has run a query. */
async function endOf(pool: Pool): Promise<void> {
  await pool.end();
}

/** Counts and sums as numbers on both engines; a value that a number can't hold exactly is an error, not a wrong figure. */
function exactNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new StoreError('refused', `The database returned ${text}, which is too large to be exact.`);
  }
  return value;
}

function typedErrors(dialect: PostgresDialect, scope?: TransactionScope): Dialect {
  return {
    createDriver: (): Driver => new TypedErrorsDriver(dialect.createDriver(), scope),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  };
}

async function postgresModule() {
  try {
    return (await import('pg')).default;
  } catch (error) {
    throw new StoreError('driver-missing', 'PostgreSQL needs the package `pg`, which is not installed.', {
      hint: 'Run `npm install pg` in the Node-RED user directory, or use sqlite:PATH.',
      cause: error,
    });
  }
}
