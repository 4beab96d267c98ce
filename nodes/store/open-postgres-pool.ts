// A pool of PostgreSQL connections in which nothing waits for ever: neither for a connection, nor for an answer, nor for its end.
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { patienceMs, statementMs } from './deadlines.ts';
import type { ServerWatch } from './server-watch.ts';
import { asStoreError, NulRefused, StoreError } from './store-error.ts';

/** A statement without an answer for this long makes one look whether the server is there. */
const suspiciousMs = 1_000;
/** A server that does not answer does not confirm the end of a connection either. */
const endMs = 2_000;

export class DeadlinePool implements PostgresPool {
  readonly options: object;
  readonly #pool: Pool;
  readonly #watch: ServerWatch;

  constructor(pool: Pool, watch: ServerWatch) {
    this.#pool = pool;
    this.#watch = watch;
    this.options = pool.options;
  }

  async connect(): Promise<PostgresPoolClient> {
    if (this.#watch.isDown) throw noAnswer();
    const connecting = this.#pool.connect();
    try {
      const client = await this.#connected(connecting);
      return new DeadlineClient(client, this.#watch) as unknown as PostgresPoolClient;
    } catch (error) {
      connecting.then(
        (client) => client.release(),
        () => {},
      );
      this.#watch.suspect();
      throw asStoreError(error);
    }
  }

  async end(): Promise<void> {
    const ended = this.#pool.end();
    let timer: NodeJS.Timeout | undefined;
    const given = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, endMs);
    });
    await Promise.race([ended, given]).finally(() => clearTimeout(timer));
    ended.catch(() => {});
  }

  #connected(connecting: Promise<PoolClient>): Promise<PoolClient> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(noAnswer()), patienceMs);
      const forget = this.#watch.whenDown(() => reject(noAnswer()));
      connecting.then(resolve, reject).finally(() => {
        clearTimeout(timer);
        forget();
      });
    });
  }
}

/** The connection of one user at a time; one that left a question unanswered is not used again. */
class DeadlineClient {
  readonly #client: PoolClient;
  readonly #watch: ServerWatch;
  #isBroken = false;

  constructor(client: PoolClient, watch: ServerWatch) {
    this.#client = client;
    this.#watch = watch;
  }

  get processID(): number | undefined {
    return (this.#client as { processID?: number }).processID;
  }

  query(sql: string, parameters: unknown[]): Promise<unknown> {
    if (this.#isBroken) return Promise.reject(noAnswer());
    if (parameters.some(holdsNul)) return Promise.reject(new NulRefused());
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#isBroken = true;
        reject(noAnswer());
      };
      const suspicious = setInterval(() => this.#watch.suspect(), suspiciousMs);
      const late = setTimeout(giveUp, statementMs);
      const forget = this.#watch.whenDown(giveUp);
      this.#client
        .query(sql, parameters)
        .then(resolve, reject)
        .finally(() => {
          clearInterval(suspicious);
          clearTimeout(late);
          forget();
        });
    });
  }

  release(destroy = false): void {
    this.#client.release(destroy || this.#isBroken);
  }
}

function holdsNul(value: unknown): boolean {
  return typeof value === 'string' ? value.includes('\u0000') : Array.isArray(value) && value.some(holdsNul);
}

function noAnswer(): StoreError {
  return new StoreError('unreachable', 'The database server does not answer.');
}
