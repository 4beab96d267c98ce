// Faults of the database as typed errors, the same for both engines.
import { type RefusalStatus, ShopfloorError, type ShopfloorErrorOptions } from '../core/errors.ts';

/**
 * `full` no room on the disk; `busy` another process holds the write lock; `slow` disk or server have not answered in time; `conflict` a concurrent transaction won;
 * `unreachable` no connection; `damaged` the file or disk can't be read or written; `constraint` a rule of the tables refused a
 * row; `content` a value is none that the column can hold; `driver-missing` the engine's driver is not installed; `invalid-url` the address is not one; `migration` tables and
 * program do not fit; `refused` any other refusal of the database.
 */
export type StoreFault =
  | 'full'
  | 'busy'
  | 'slow'
  | 'conflict'
  | 'unreachable'
  | 'damaged'
  | 'constraint'
  | 'content'
  | 'driver-missing'
  | 'invalid-url'
  | 'migration'
  | 'refused';

const statusOf: Readonly<Record<StoreFault, RefusalStatus>> = {
  full: 503,
  busy: 503,
  slow: 503,
  conflict: 409,
  unreachable: 503,
  damaged: 503,
  constraint: 500,
  content: 500,
  'driver-missing': 503,
  'invalid-url': 400,
  migration: 500,
  refused: 500,
};

const hints: Partial<Readonly<Record<StoreFault, string>>> = {
  full: 'Free space where the database lives; nothing was changed.',
  busy: 'Another program holds the database; nothing was changed.',
  slow: 'Look at the disk and at what else uses it. Whether a change was made is not known: ask, or repeat it with its commandId.',
  unreachable: 'Check that the database server runs and that its address and password are right.',
  damaged: 'Check the disk and its permissions, and restore the last backup if the file is damaged.',
};

export class StoreError extends ShopfloorError {
  readonly fault: StoreFault;

  constructor(fault: StoreFault, message: string, options: ShopfloorErrorOptions = {}) {
    const hint = options.hint ?? hints[fault];
    super(`store-${fault}`, statusOf[fault], message, { ...options, ...(hint !== undefined && { hint }) });
    this.fault = fault;
  }
}

/** A text with the character NUL, which PostgreSQL can't hold: refused once for every room, as the sender's fault that it is. */
export class NulRefused extends ShopfloorError {
  constructor(cause?: unknown) {
    super('nul-character', 400, 'A text holds the character NUL (U+0000), which no text of people or machines needs.', {
      hint: 'Send it without.',
      cause,
    });
  }
}

/** Of a text with NUL, and of JSON that a statement looks into: character_not_in_repertoire, untranslatable_character. */
const nulCodes: ReadonlySet<string> = new Set(['22021', '22P05']);

/** SQLite's primary result codes, https://www.sqlite.org/rescode.html */
const sqliteFaults: Readonly<Record<number, StoreFault>> = {
  5: 'busy',
  6: 'busy',
  8: 'damaged',
  10: 'damaged',
  11: 'damaged',
  13: 'full',
  14: 'damaged',
  18: 'content',
  19: 'constraint',
  20: 'content',
  25: 'content',
  26: 'damaged',
};

/** PostgreSQL's SQLSTATE codes and classes, https://www.postgresql.org/docs/current/errcodes-appendix.html */
const postgresFaults: readonly (readonly [prefix: string, fault: StoreFault])[] = [
  ['40001', 'conflict'],
  ['40P01', 'conflict'],
  ['53100', 'full'],
  ['55P03', 'busy'],
  ['57014', 'slow'],
  ['25P03', 'unreachable'],
  ['53', 'unreachable'],
  ['08', 'unreachable'],
  ['57P', 'unreachable'],
  ['28', 'unreachable'],
  ['3D000', 'unreachable'],
  ['58', 'damaged'],
  ['XX', 'damaged'],
  ['22', 'content'],
  ['23', 'constraint'],
  ['54', 'content'],
];

/**
 * Whether it comes again for as long as the same is written, on a database that is well: a rule of the tables, a value that they
 * can't hold, or rows that the program can't read. Then another try is no remedy, and leaving out what is at fault is one.
 */
export function isContentFault(thrown: unknown): thrown is Error {
  if (thrown instanceof NulRefused) return true;
  if (thrown instanceof StoreError) return thrown.fault === 'constraint' || thrown.fault === 'content';
  return thrown instanceof Error && !(thrown instanceof ShopfloorError);
}

/** A driver's error as a StoreError that keeps it as its cause; anything that is not a driver's error stays as it is. */
export function asStoreError(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof ShopfloorError) return thrown;
  if ('errcode' in thrown && typeof thrown.errcode === 'number') {
    const fault = sqliteFaults[thrown.errcode & 0xff] ?? 'refused';
    return new StoreError(fault, `SQLite: ${thrown.message}.`, { cause: thrown });
  }
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  if (nulCodes.has(code)) return new NulRefused(thrown);
  if (/^[0-9A-Z]{5}$/.test(code)) {
    const fault = postgresFaults.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'refused';
    return new StoreError(fault, `PostgreSQL: ${thrown.message}.`, { cause: thrown });
  }
  if (/^E[A-Z]+$/.test(code) || /connection|timeout/i.test(thrown.message)) {
    return new StoreError('unreachable', `The database does not answer: ${thrown.message}.`, { cause: thrown });
  }
  return thrown;
}
