// What was refused, and to whom: summed by the hour, so that somebody who knocks a million times leaves a few rows and not a million.
import { type Kysely, sql } from 'kysely';
import type { Clock } from '../core/clock.ts';
import type { Store } from '../store/store.ts';
import type { AccessSchema } from './schema.ts';

/** One kind of knock: these four together are one row in an hour. */
export interface Refusal {
  /** Such as `login-failed`, `token-wrong`, `command-refused`. */
  readonly type: string;
  /** Who asked, where that is known: `unknown` for anybody else. */
  readonly actor: string;
  /** What it was about: a login, an action, a path. */
  readonly subject: string | null;
  readonly address: string | null;
}

const hourMs = 60 * 60_000;
/** Longer than an investigation takes to begin. */
const keptMs = 90 * 24 * hourMs;
/** Rows of one hour; what comes beyond is summed in a last one, whoever sent it. */
const mostAnHour = 200;
/** Repeats are written together. */
const flushEveryMs = 5_000;
const longest = 200;

const others: Refusal = { type: 'refused-others', actor: 'unknown', subject: null, address: null };

interface Counted {
  readonly hour: string;
  readonly refusal: Refusal;
  /** Not yet in the store. */
  pending: number;
}

export class Refusals {
  readonly #store: Store;
  readonly #clock: Clock;
  /** Mapped by hour and kind. */
  readonly #counted = new Map<string, Counted>();
  #cancelFlush: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Counts one. The first of its kind in an hour is in the store when this resolves, its repeats a little later. */
  async note(given: Refusal): Promise<void> {
    const hour = new Date(Math.floor(this.#clock.now().getTime() / hourMs) * hourMs).toISOString();
    for (const [key, counted] of this.#counted) {
      if (counted.hour !== hour && counted.pending === 0) this.#counted.delete(key);
    }
    const cut = (text: string) => text.slice(0, longest);
    const refusal = {
      type: given.type,
      actor: cut(given.actor),
      subject: given.subject === null ? null : cut(given.subject),
      address: given.address,
    };
    const known = this.#counted.get(keyOf(hour, refusal));
    if (known) {
      this.#count(known);
      return;
    }
    const counted = this.#counted.size < mostAnHour ? refusal : others;
    const key = keyOf(hour, counted);
    const entry = this.#counted.get(key) ?? { hour, refusal: counted, pending: 0 };
    const isFirst = !this.#counted.has(key);
    this.#counted.set(key, entry);
    this.#count(entry);
    if (isFirst) await this.flush();
  }

  /** Writes what is counted only here; what can't be written now stays counted. */
  flush(): Promise<void> {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    this.#writing = this.#writing.catch(() => {}).then(() => this.#write());
    return this.#writing;
  }

  /** Drops what is older than it is kept. */
  async forgetOld(): Promise<void> {
    const before = new Date(this.#clock.now().getTime() - keptMs).toISOString();
    await this.#store.db<AccessSchema>().deleteFrom('access_refusal').where('hour', '<', before).execute();
  }

  close(): Promise<void> {
    return this.flush();
  }

  #count(entry: Counted): void {
    entry.pending += 1;
    this.#cancelFlush ??= this.#clock.after(flushEveryMs, () => {
      this.#cancelFlush = undefined;
      // The database is away: the numbers stay here, and go out with the next ones.
      this.flush().catch(() => {});
    });
  }

  async #write(): Promise<void> {
    const at = this.#clock.now().toISOString();
    const db = this.#store.db<AccessSchema>();
    for (const entry of this.#counted.values()) {
      const { pending } = entry;
      if (pending === 0) continue;
      entry.pending -= pending;
      await add(db, entry, pending, at).catch((error: unknown) => {
        entry.pending += pending;
        throw error;
      });
    }
  }
}

function keyOf(hour: string, { type, actor, subject, address }: Refusal): string {
  return JSON.stringify([hour, type, actor, subject, address]);
}

/** A key of texts, because a primary key holds no null. */
async function add(db: Kysely<AccessSchema>, { hour, refusal }: Counted, count: number, at: string): Promise<void> {
  const after_seq = sql<number>`(select coalesce(max(seq), 0) from access_audit)`;
  await db
    .insertInto('access_refusal')
    .values({ ...refusal, hour, kind: keyOf(hour, refusal), count, first_at: at, last_at: at, after_seq })
    .onConflict((conflict) =>
      conflict.column('kind').doUpdateSet({ count: sql`access_refusal.count + ${count}`, last_at: at, after_seq }),
    )
    .execute();
}
