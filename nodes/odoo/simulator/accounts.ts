// Who may log in to the simulated Odoo, and what each protocol accepts as a secret.
import { PythonFault } from './python-fault.ts';

export interface Account {
  readonly login: string;
  readonly password: string;
  readonly apiKey: string;
  readonly rights: 'manufacturing' | 'none';
}

/** Odoo's first ordinary user id. */
const firstUserId = 2;

export class Accounts {
  readonly #database: string;
  #accounts: readonly Account[];

  constructor(database: string, accounts: readonly Account[]) {
    this.#database = database;
    this.#accounts = accounts;
  }

  /** Replaces passwords or keys while the server runs, as an administrator may. */
  replace(accounts: readonly Account[]): void {
    this.#accounts = accounts;
  }

  /** The uid, or false for a wrong login or secret; a wrong database is a fault. */
  authenticate(database: unknown, login: unknown, secret: unknown): number | false {
    this.#checkDatabase(database);
    const index = this.#accounts.findIndex((account) => account.login === login && holds(account, secret));
    return index < 0 ? false : index + firstUserId;
  }

  /** The account behind an `execute_kw`. */
  authorise(database: unknown, uid: unknown, secret: unknown): Account {
    this.#checkDatabase(database);
    const account = typeof uid === 'number' ? this.#accounts[uid - firstUserId] : undefined;
    if (!account && typeof uid === 'number') {
      throw new PythonFault(
        'MissingError',
        `Record does not exist or has been deleted.\n(Record: res.users(${uid},), User: 1)`,
      );
    }
    if (!account || !holds(account, secret)) throw new PythonFault('AccessDenied', 'Access Denied');
    return account;
  }

  /** JSON-2 takes API keys only. */
  byApiKey(header: string | undefined): Account | undefined {
    const key = /^bearer\s+(.+)$/i.exec(header ?? '')?.[1];
    return this.#accounts.find((account) => account.apiKey !== '' && account.apiKey === key);
  }

  hosts(database: string): boolean {
    return database === this.#database;
  }

  #checkDatabase(database: unknown): void {
    if (database === this.#database) return;
    throw new PythonFault(
      'OperationalError',
      `connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: FATAL:  database "${String(database)}" does not exist`,
    );
  }
}

function holds(account: Account, secret: unknown): boolean {
  return typeof secret === 'string' && secret !== '' && (secret === account.password || secret === account.apiKey);
}
