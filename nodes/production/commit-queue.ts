// What waits for its commit, in the order it came: one row of the journal for all that waits, acknowledged once it is durable.
import { settleDelivery } from './deliveries.ts';
import { type Arrival, packArrivals } from './journal-body.ts';

export interface Waiting {
  readonly arrival: Arrival;
  readonly delivery: string | null;
  /** Told true when the arrival is durable and judged, false when it never will be. */
  readonly settled: ((ok: boolean) => void) | undefined;
}

/** A row of the journal. */
export interface JournalRow {
  readonly seq: number;
  readonly body: string;
}

/** What one row of the journal holds, while it is not judged yet. */
export interface Committed {
  readonly seq: number;
  /** Of the owner who committed it: whoever takes over afterwards judges it from the journal. */
  readonly epoch: number;
  readonly group: readonly Waiting[];
}

export class CommitQueue {
  readonly #append: (row: JournalRow, epoch: number) => Promise<void>;
  readonly #keepsRaw: boolean;
  #waiting: Waiting[] = [];
  /** On its way to the disk, or lost from sight by a fault: only the journal knows whether it arrived. */
  #flying: (JournalRow & { readonly group: readonly Waiting[] }) | undefined;

  /**
   * @param append makes a row durable; where it rejects, the row may be durable all the same
   * @param keepsRaw whether the text of each message must outlive a crash
   */
  constructor(append: (row: JournalRow, epoch: number) => Promise<void>, keepsRaw: boolean) {
    this.#append = append;
    this.#keepsRaw = keepsRaw;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#flying === undefined;
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  /**
   * Commits what waits by now as row `seq` and acknowledges it; undefined where nothing does. What comes meanwhile waits for the
   * next row. After a rejection `resume` has to come first.
   */
  async commit(seq: number, epoch: number): Promise<Committed | undefined> {
    const group = this.#waiting;
    if (group.length === 0) return undefined;
    const arrivals = group.map(({ arrival }) => arrival);
    const row = { seq, body: packArrivals(arrivals, this.#keepsRaw) };
    this.#waiting = [];
    this.#flying = { ...row, group };
    await this.#append(row, epoch);
    this.#flying = undefined;
    for (const { delivery } of group) settleDelivery(delivery, true);
    return { seq, epoch, group };
  }

  /** After a fault in the middle of a commit: what the journal has is settled, anything else waits again, in its old place. */
  resume(journal: readonly JournalRow[]): void {
    const flying = this.#flying;
    if (!flying) return;
    this.#flying = undefined;
    if (!journal.some(({ seq, body }) => seq === flying.seq && body === flying.body)) {
      this.#waiting = [...flying.group, ...this.#waiting];
      return;
    }
    for (const { delivery, settled } of flying.group) {
      settleDelivery(delivery, true);
      settled?.(true);
    }
  }

  /** Nothing of it will be committed by this process. */
  abandon(): void {
    const given = [...(this.#flying?.group ?? []), ...this.#waiting];
    this.#flying = undefined;
    this.#waiting = [];
    for (const { delivery, settled } of given) {
      settleDelivery(delivery, false);
      settled?.(false);
    }
  }
}
