// The events of production by their numbers, for a room that must learn of each exactly once: it remembers how far it has read.
import type { Clock } from '../core/clock.ts';
import type { Store } from '../store/store.ts';
import { migrateIntakeTables } from './intake-migrations.ts';
import type { ProductionEvent } from './messages.ts';
import type { IntakeSchema } from './tables.ts';

/** What lies after a number. */
export interface FedEvents {
  /** Oldest first. */
  readonly events: readonly ProductionEvent[];
  /** Everything up to here was read; where nothing is new, the number that was asked for. */
  readonly upTo: number;
}

/** Events of one reading: judged within a few milliseconds. */
const eventsAtOnce = 20;
/**
 * PostgreSQL gives numbers before it commits: one that is missing may belong to a transaction that is under way. After so long it
 * was rolled back; no transaction of the package takes a tenth of it.
 */
const missingForMs = 30_000;

export class EventFeed {
  readonly #store: Store;
  readonly #clock: Clock;
  /** The missing number that is waited for. */
  #missing: { readonly seq: number; readonly sinceMs: number } | undefined;

  private constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  static async open(store: Store, clock: Clock): Promise<EventFeed> {
    await migrateIntakeTables(store);
    return new EventFeed(store, clock);
  }

  /** Whether an event is one of this store: an engineer's own source may send others. */
  async has({ seq, machine, type }: Pick<ProductionEvent, 'seq' | 'machine' | 'type'>): Promise<boolean> {
    const found = await this.#store
      .db<IntakeSchema>()
      .selectFrom('production_event')
      .select('seq')
      .where('seq', '=', seq)
      .where('machine', '=', machine)
      .where('type', '=', type)
      .executeTakeFirst();
    return found !== undefined;
  }

  async after(seq: number): Promise<FedEvents> {
    const rows = await this.#store
      .db<IntakeSchema>()
      .selectFrom('production_event')
      .selectAll()
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(eventsAtOnce)
      .execute();
    const events: ProductionEvent[] = [];
    let upTo = seq;
    for (const row of rows) {
      if (row.seq !== upTo + 1 && !this.#isGone(upTo + 1)) break;
      events.push({ ...row, detail: JSON.parse(row.detail) as ProductionEvent['detail'] });
      upTo = row.seq;
    }
    return { events, upTo };
  }

  /** SQLite has one writer and gives no number twice: what is missing there was never committed. */
  #isGone(seq: number): boolean {
    if (this.#store.engine === 'sqlite') return true;
    const nowMs = this.#clock.monotonicMs();
    if (this.#missing?.seq !== seq) this.#missing = { seq, sinceMs: nowMs };
    return nowMs - this.#missing.sinceMs >= missingForMs;
  }
}
