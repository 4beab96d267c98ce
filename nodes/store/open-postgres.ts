// Opens a PostgreSQL pool through the optional peer `pg`, with numbers instead of strings and no error that kills the process.
import { type Dialect, type Driver, Kysely, PostgresDialect } from 'kysely';
import type { PoolConfig, QueryConfig } from 'pg';
import { patienceMs, statementMs } from './deadlines.ts';
import { emptyLists } from './empty-lists.ts';
import { DeadlinePool } from './open-postgres-pool.ts';
import { ServerWatch } from './server-watch.ts';
import { StoreError } from './store-error.ts';
import { TransactionScope } from './transaction-scope.ts';
import { TypedErrorsDriver } from './typed-errors-driver.ts';

const poolSize = 10;
/** Longer than any pause between two statements of a transaction on a busy machine. */
const idleInTransactionMs = 30_000;
/** How long one look at a server that may be away waits for it; with the suspicion before it, less than an answer may take. */
const probeMs = 2_500;

/** Type ids of PostgreSQL that its driver hands over as text, because they can exceed a JavaScript number. */
const int8Oid = 20;
const numericOid = 1700;

export interface PostgresConnections {
  readonly kysely: Kysely<unknown>;
  /** A connection for migrations, whose statements take as long as they need. */
  readonly migrating: Kysely<unknown>;
  /** The same pool: PostgreSQL reads in a process of its own anyway. */
  readonly reader: Kysely<unknown>;
  readonly scope: TransactionScope;
  release(): Promise<void>;
}

/** @param onError told about a lost idle connection; the pool replaces it by itself */
export async function openPostgres(url: string, onError: (error: Error) => void): Promise<PostgresConnections> {
  const pg = await postgresModule();
  const watch = new ServerWatch(() => answers(pg, url));
  const pooled = (max: number, settings: readonly string[]) => {
    const pool = new pg.Pool({ ...poolConfig(pg, url, settings), max });
    pool.on('error', onError);
    // A connection that breaks while a transaction holds it rejects its query; without this listener it would also throw.
    pool.on('connect', (client) => client.on('error', () => {}));
    return new DeadlinePool(pool, watch);
  };
  const pool = pooled(poolSize, [
    `lock_timeout = ${patienceMs}`,
    // A process that stands still in a transaction holds up every other one: the server ends it.
    `idle_in_transaction_session_timeout = ${idleInTransactionMs}`,
  ]);
  // Migrations wait for each other.
  const migrations = pooled(1, []);
  const scope = new TransactionScope();
  const connected = (to: DeadlinePool, inScope?: TransactionScope) =>
    new Kysely<unknown>({
      dialect: typedErrors(new PostgresDialect({ pool: to }), inScope),
      plugins: [emptyLists],
    });
  let released: Promise<void> | undefined;
  return {
    kysely: connected(pool, scope),
    migrating: connected(migrations, scope),
    reader: connected(pool),
    scope,
    release: () => {
      watch.stop();
      // The pools themselves: kysely ends only one that has run a query.
      released ??= Promise.all([pool.end(), migrations.end()]).then(() => {});
      return released;
    },
  };
}

function poolConfig(pg: PostgresModule, url: string, own: readonly string[]): PoolConfig {
  const settings = [
    // Questions of pages read short ranges: to start helpers for one takes longer than the reading.
    'max_parallel_workers_per_gather = 0',
    // A little earlier than nobody waits for it any more, so that the server's own word for it arrives.
    `statement_timeout = ${statementMs - 1_000}`,
    ...own,
  ];
  return {
    connectionString: url,
    connectionTimeoutMillis: patienceMs,
    keepAlive: true,
    application_name: 'shopfloor',
    verify: (client, done) => {
      const text = settings.map((setting) => `set ${setting}`).join('; ');
      client.query({ text, query_timeout: probeMs } as QueryConfig).then(() => done(), done);
    },
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === int8Oid || oid === numericOid ? exactNumber : pg.types.getTypeParser(oid, format as 'text'),
    },
  };
}

/** Whether the server says anything, a refusal included, unless it says that it is going or not ready yet (class 57P). */
async function answers(pg: PostgresModule, url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: probeMs, query_timeout: probeMs });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('57P') && !code.startsWith('08');
  } finally {
    client.end().catch(() => {});
  }
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

type PostgresModule = Awaited<ReturnType<typeof postgresModule>>;

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
