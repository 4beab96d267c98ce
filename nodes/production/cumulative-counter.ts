// The tracker itself: commits what arrives, judges it, folds it into the totals, and begins anew with the tables after any fault.
import { backoffDelayMs } from '../core/backoff.ts';
import { begunInTime } from '../core/begun-in-time.ts';
import { pause } from '../core/clock.ts';
import { asError, ShopfloorError } from '../core/errors.ts';
import { isContentFault } from '../store/store-error.ts';
import { CommitQueue, type Committed, type Waiting } from './commit-queue.ts';
import type { CounterParts } from './counter-parts.ts';
import { settleDelivery } from './deliveries.ts';
import type { Arrival } from './journal-body.ts';
import { LineLedger } from './line-ledger.ts';
import type { ReadingBatch } from './messages.ts';
import { OwnershipLost } from './owned-journal.ts';
import type { TrackerStore } from './tracker-store.ts';

/** Acknowledged readings become totals at the latest this much later: five times a second is at once for a reader. */
const foldAfterMs = 200;
/** Half of what may pass until it counts again once a fault has ended. */
const backoff = { firstMs: 100, capMs: 5_000 };

export class CumulativeCounter {
  readonly #parts: CounterParts;
  readonly #ledger: LineLedger;
  readonly #stopping = new AbortController();
  readonly #queue: CommitQueue;
  /** The work under way; one at a time. */
  #running: Promise<void> = Promise.resolve();
  #isPumping = false;
  #cancelFold: (() => void) | undefined;
  /** The time to fold came while the pump was running: it folds. */
  #isFoldLate = false;
  /** What stops the counting for the moment. */
  #fault: Error | undefined;
  /** The fold that runs beside the commits of the pump. */
  #folding: Promise<void> | undefined;

  constructor(parts: CounterParts) {
    this.#parts = parts;
    this.#ledger = new LineLedger(parts, (journal) => this.#queue.resume(journal));
    const { journal } = this.#ledger.tables;
    this.#queue = new CommitQueue((row, epoch) => journal.append(row, epoch), parts.settings.rawMs > 0);
  }

  /** Commits a batch with everything else that waits; settles its delivery once it is durable. */
  take(batch: ReadingBatch): void {
    const refused = batch.refused.map((one) => ({ ...one, replayOf: null }));
    this.#enqueue({
      arrival: { readings: batch.readings, refused, replayOf: null },
      delivery: batch.delivery,
      settled: undefined,
    });
  }

  /** Resolves when `arrival` is durable and judged; false when the tracker ended before. */
  commit(arrival: Arrival): Promise<boolean> {
    return new Promise((resolve) => this.#enqueue({ arrival, delivery: null, settled: resolve }));
  }

  /** Everything acknowledged becomes totals now. Rejects when that can't be done at the moment. */
  fold(): Promise<void> {
    return this.#asked(() =>
      this.#owned(async () => {
        await this.#ledger.ready();
        await this.#fold();
      }),
    );
  }

  /** Closes the shifts that are over, hands over their records, lets others look at the clock, and forgets what is old. */
  tick(): Promise<void> {
    return this.#exclusive(() =>
      this.#owned(async () => {
        await this.#ledger.ready();
        await this.#fold();
        await this.#ledger.look();
      }),
    );
  }

  /**
   * Runs `work` on the tables as the one who counts, with everything folded before; what it changes is read anew afterwards.
   * For what a person decides.
   */
  decide<Result>(work: (store: TrackerStore, epoch: number) => Promise<Result>): Promise<Result> {
    return this.#asked(async () => {
      try {
        return await this.#owned(async () => {
          await this.#ledger.ready();
          await this.#fold();
          return work(this.#ledger.tables, this.#ledger.epoch);
        });
      } finally {
        this.#ledger.forget();
        await this.#ledger.ready().catch(() => {});
        await this.#ledger.announce().catch(() => {});
      }
    });
  }

  /**
   * Where another tracker has taken over meanwhile, takes over again and begins anew, once; also where the content of a machine was
   * refused, which beginning anew sets aside.
   */
  async #owned<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (thrown) {
      if (!isMendedAnew(thrown)) throw thrown;
      this.#ledger.forget();
      return work();
    }
  }

  /** Ends; what is not committed is not acknowledged, what is committed is folded if the database lets it. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The tracker was closed.'));
    this.#cancelFold?.();
    await this.#running.catch(() => {});
    this.#queue.abandon();
    if (this.#ledger.isLoaded) await this.#fold().catch(() => {});
  }

  /** Machines whose messages are refused one after the other, or set aside. */
  get shutOut(): readonly string[] {
    return this.#ledger.shutOut;
  }

  get shiftAt() {
    return this.#ledger.shiftAt;
  }

  #enqueue(waiting: Waiting): void {
    if (this.#stopping.signal.aborted) {
      settleDelivery(waiting.delivery, false);
      waiting.settled?.(false);
      return;
    }
    this.#queue.add(waiting);
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#exclusive(() => this.#pump()).catch(() => {});
  }

  /**
   * Commits what waits, in one row for all of it, until nothing does. While one group is on its way to the disk, the one before is
   * judged, and what was judged is folded.
   */
  async #pump(): Promise<void> {
    let durable: Committed | undefined;
    try {
      for (let failures = 0; !this.#stopping.signal.aborted; ) {
        try {
          if (!this.#ledger.isLoaded) {
            await this.#foldEnded();
            await this.#ledger.ready();
          }
          if (durable || !this.#queue.isEmpty) {
            const committing = this.#commit();
            try {
              if (durable) await this.#judgeCommitted(durable);
            } finally {
              durable = await committing;
            }
          } else if (this.#folding) await this.#foldEnded();
          if (failures > 0) this.#tellFault(undefined);
          failures = 0;
          if (!this.#ledger.isEmpty && (this.#isFoldLate || this.#ledger.isLarge)) await this.#foldBeside();
          else {
            this.#foldSoon();
            if (!durable && this.#queue.isEmpty && !this.#folding) return;
          }
        } catch (thrown) {
          this.#ledger.forget();
          // Only let a rival breathe that goes on with taking over.
          if (!isMendedAnew(thrown) || failures > 0) this.#tellFault(asError(thrown));
          if (!isMendedAnew(thrown) || failures > 0) await this.#pause(failures);
          failures += 1;
        }
      }
    } finally {
      this.#isPumping = false;
      tellDurable(durable);
      await this.#foldEnded().catch(() => {});
    }
  }

  /** Begins a fold that goes on beside the commits; one at a time, so that what waits in memory stays bounded. */
  async #foldBeside(): Promise<void> {
    await this.#foldEnded();
    this.#folding = this.#fold();
    // Its fault is met where it is awaited.
    this.#folding.catch(() => {});
  }

  async #foldEnded(): Promise<void> {
    const folding = this.#folding;
    this.#folding = undefined;
    await folding;
  }

  async #commit(): Promise<Committed | undefined> {
    const committed = await this.#queue.commit(this.#ledger.lastSeq + 1, this.#ledger.epoch);
    if (committed) this.#ledger.lastSeq = committed.seq;
    return committed;
  }

  async #judgeCommitted(committed: Committed): Promise<void> {
    try {
      // Whoever took over since then, this process included, has judged it from the journal.
      if (committed.epoch !== this.#ledger.epoch) return;
      const arrivals = committed.group.map(({ arrival }) => arrival);
      await this.#ledger.judge(arrivals, committed.seq);
    } finally {
      tellDurable(committed);
    }
  }

  #tellFault(fault: Error | undefined): void {
    this.#fault = fault;
    this.#parts.onFault?.(fault);
  }

  #pause(failures: number): Promise<void> {
    return pause(this.#parts.clock, backoffDelayMs(backoff, failures), this.#stopping.signal).catch(() => {});
  }

  #foldSoon(): void {
    if (this.#cancelFold || this.#ledger.isEmpty) return;
    this.#cancelFold = this.#parts.clock.after(foldAfterMs, () => {
      this.#cancelFold = undefined;
      if (this.#isPumping) this.#isFoldLate = true;
      else this.#exclusive(() => this.#foldOrReload()).catch(() => {});
    });
  }

  async #foldOrReload(): Promise<void> {
    for (let failures = 0; !this.#stopping.signal.aborted; failures += 1) {
      try {
        await this.#ledger.ready();
        await this.#fold();
        if (failures > 0) this.#tellFault(undefined);
        return;
      } catch (thrown) {
        this.#ledger.forget();
        if (!isMendedAnew(thrown) || failures > 0) this.#tellFault(asError(thrown));
        if (!isMendedAnew(thrown) || failures > 0) await this.#pause(failures);
      }
    }
  }

  async #fold(): Promise<void> {
    this.#cancelFold?.();
    this.#cancelFold = undefined;
    this.#isFoldLate = false;
    await this.#ledger.fold();
  }

  /** Somebody waits for it: refused, and not done, where the tracker waits for its database. */
  #asked<Result>(work: () => Promise<Result>): Promise<Result> {
    return begunInTime(
      (turn) => this.#exclusive(turn),
      work,
      () =>
        this.#fault &&
        new ShopfloorError('tracker-busy', 503, `The tracker waits for its database: ${this.#fault.message}`, {
          hint: 'What arrives is kept, and this was not done: try again.',
          cause: this.#fault,
        }),
    );
  }

  /** One work after the other; after a fault the next one reads the tables anew. */
  #exclusive<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#running.then(work).catch((thrown: unknown) => {
      this.#ledger.forget();
      throw thrown;
    });
    this.#running = result.then(
      () => {},
      () => {},
    );
    return result;
  }
}

/** No fault of the database: beginning anew takes the line over again, or sets aside what is refused. */
function isMendedAnew(thrown: unknown): boolean {
  return thrown instanceof OwnershipLost || isContentFault(thrown);
}

/** Where judging failed, whoever reads next has it judged from the journal first: durable either way. */
function tellDurable(committed: Committed | undefined): void {
  for (const { settled } of committed?.group ?? []) settled?.(true);
}
