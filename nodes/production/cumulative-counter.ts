// The tracker itself: commits what arrives, judges it, folds it into the totals, and begins anew with the tables after any fault.
import { backoffDelayMs } from '../core/backoff.ts';
import { type Clock, pause } from '../core/clock.ts';
import { asError } from '../core/errors.ts';
import { plantTimeOf } from '../core/plant-time.ts';
import type { Store } from '../store/store.ts';
import type { ShiftCalendar } from './calendar-contract.ts';
import { CommitQueue, type Committed, type Waiting } from './commit-queue.ts';
import { settleDelivery } from './deliveries.ts';
import type { ParticipantContext, TrackerParticipant, TrackerSweep } from './intake-contract.ts';
import { migrateIntakeTables } from './intake-migrations.ts';
import { type Arrival, unpackArrivals } from './journal-body.ts';
import { MachineRegister } from './machine-register.ts';
import type { ProductionEvent, ReadingBatch, ShiftTotal } from './messages.ts';
import { OwnershipLost } from './owned-journal.ts';
import { announce, closeShifts } from './shift-closing.ts';
import { shiftTotalOf } from './total-books.ts';
import type { TrackerSettings } from './tracker-settings.ts';
import { TrackerStore } from './tracker-store.ts';
import { forgetOld } from './tracker-upkeep.ts';
import { UnfoldedCounts } from './unfolded-counts.ts';

export interface CounterParts {
  readonly store: Store;
  readonly calendar: ShiftCalendar;
  readonly settings: TrackerSettings;
  readonly clock: Clock;
  /** Called in order, inside the transaction that books. */
  readonly participants?: readonly TrackerParticipant[];
  readonly sweeps?: readonly TrackerSweep[];
  /** After each commit of totals: what they are now, and what happened. */
  readonly onBooked?: (totals: readonly ShiftTotal[], events: readonly ProductionEvent[]) => void;
  /** The record of a shift that closed, or of a closed one that was corrected; once for each revision. */
  readonly onClosed?: (total: ShiftTotal) => void;
  /** What stops the counting for the moment; undefined once it goes on. */
  readonly onFault?: (fault: Error | undefined) => void;
}

/** Acknowledged readings become totals at the latest this much later: five times a second is at once for a reader. */
const foldAfterMs = 200;
const backoff = { firstMs: 100, capMs: 10_000 };

export class CumulativeCounter {
  readonly #parts: CounterParts;
  readonly #store: TrackerStore;
  readonly #register: MachineRegister;
  readonly #plant;
  readonly #stopping = new AbortController();
  #unfolded: UnfoldedCounts;
  #epoch = 0;
  /** The last row of the journal. */
  #lastSeq = 0;
  /** False until the tables were read, and again after a fault. */
  #isLoaded = false;
  readonly #queue: CommitQueue;
  /** The work under way; one at a time. */
  #running: Promise<void> = Promise.resolve();
  #isPumping = false;
  #cancelFold: (() => void) | undefined;
  /** The time to fold came while the pump was running: it folds. */
  #isFoldLate = false;
  /** The fold that runs beside the commits of the pump. */
  #folding: Promise<void> | undefined;

  constructor(parts: CounterParts) {
    this.#parts = parts;
    this.#plant = plantTimeOf(parts.calendar.timeZone);
    this.#store = new TrackerStore(parts.store, parts.settings.line, this.#plant);
    this.#register = new MachineRegister(this.#store, parts.settings, parts.clock);
    this.#queue = new CommitQueue((row, epoch) => this.#store.journal.append(row, epoch), parts.settings.rawMs > 0);
    this.#unfolded = this.#newUnfolded();
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
    return this.#exclusive(() =>
      this.#owned(async () => {
        await this.#ready();
        await this.#fold();
      }),
    );
  }

  /** Closes the shifts that are over, hands over their records, lets others look at the clock, and forgets what is old. */
  tick(): Promise<void> {
    return this.#exclusive(() => this.#owned(() => this.#tick()));
  }

  async #tick(): Promise<void> {
    await this.#ready();
    await this.#fold();
    const nowMs = this.#now();
    const { settings, store } = this.#parts;
    const events = await this.#store.journal.asOwner(this.#epoch, async (transaction) => {
      const closed = await closeShifts(transaction, nowMs, settings.closeDelayMs);
      const swept = [];
      for (const sweep of this.#parts.sweeps ?? []) {
        swept.push(...(await sweep(transaction as never, this.#context(nowMs))));
      }
      return this.#store.recordEvents(transaction, [...closed, ...swept]);
    });
    this.#parts.onBooked?.([], events);
    await this.#announce();
    await forgetOld(store, settings, nowMs);
    this.#unfolded.counting.forgetSeen(nowMs);
  }

  /**
   * Runs `work` on the tables as the one who counts, with everything folded before; what it changes is read anew afterwards.
   * For what a person decides.
   */
  decide<Result>(work: (store: TrackerStore, epoch: number) => Promise<Result>): Promise<Result> {
    return this.#exclusive(async () => {
      try {
        return await this.#owned(async () => {
          await this.#ready();
          await this.#fold();
          return work(this.#store, this.#epoch);
        });
      } finally {
        this.#isLoaded = false;
        await this.#ready().catch(() => {});
        await this.#announce().catch(() => {});
      }
    });
  }

  /** Where another tracker has taken over meanwhile, takes over again and begins anew, once. */
  async #owned<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (thrown) {
      if (!(thrown instanceof OwnershipLost)) throw thrown;
      this.#isLoaded = false;
      return work();
    }
  }

  /** Ends; what is not committed is not acknowledged, what is committed is folded if the database lets it. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The tracker was closed.'));
    this.#cancelFold?.();
    await this.#running.catch(() => {});
    this.#queue.abandon();
    if (this.#isLoaded) await this.#fold().catch(() => {});
  }

  /** Machines whose messages are refused one after the other. */
  get shutOut(): readonly string[] {
    return this.#unfolded.shutOut;
  }

  get shiftAt() {
    return (machine: string, atMs: number) => this.#unfolded.counting.shiftAt(machine, atMs);
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
          if (!this.#isLoaded) {
            await this.#foldEnded();
            await this.#ready();
          }
          if (durable || !this.#queue.isEmpty) {
            const committing = this.#commit();
            try {
              if (durable) await this.#judgeCommitted(durable);
            } finally {
              durable = await committing;
            }
          } else if (this.#folding) await this.#foldEnded();
          if (failures > 0) this.#parts.onFault?.(undefined);
          failures = 0;
          if (!this.#unfolded.isEmpty && (this.#isFoldLate || this.#unfolded.isLarge)) await this.#foldBeside();
          else {
            this.#foldSoon();
            if (!durable && this.#queue.isEmpty && !this.#folding) return;
          }
        } catch (thrown) {
          this.#isLoaded = false;
          // A take-over is no fault of the database: begin anew at once, and only let a rival breathe that goes on with it.
          const isRivalry = thrown instanceof OwnershipLost;
          if (!isRivalry || failures > 0) this.#parts.onFault?.(asError(thrown));
          if (!isRivalry || failures > 0) await this.#pause(failures);
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
    const committed = await this.#queue.commit(this.#lastSeq + 1, this.#epoch);
    if (committed) this.#lastSeq = committed.seq;
    return committed;
  }

  async #judgeCommitted(committed: Committed): Promise<void> {
    try {
      // Whoever took over since then, this process included, has judged it from the journal.
      if (committed.epoch !== this.#epoch) return;
      const arrivals = committed.group.map(({ arrival }) => arrival);
      await this.#judge(arrivals, committed.seq);
    } finally {
      tellDurable(committed);
    }
  }

  #pause(failures: number): Promise<void> {
    return pause(this.#parts.clock, backoffDelayMs(backoff, failures), this.#stopping.signal).catch(() => {});
  }

  async #judge(arrivals: readonly Arrival[], seq: number): Promise<void> {
    await this.#register.admit(this.#unfolded.counting, arrivals);
    this.#unfolded.judge(arrivals, seq, this.#now());
  }

  #foldSoon(): void {
    if (this.#cancelFold || this.#unfolded.isEmpty) return;
    this.#cancelFold = this.#parts.clock.after(foldAfterMs, () => {
      this.#cancelFold = undefined;
      if (this.#isPumping) this.#isFoldLate = true;
      else this.#exclusive(() => this.#foldOrReload()).catch(() => {});
    });
  }

  async #foldOrReload(): Promise<void> {
    for (let failures = 0; !this.#stopping.signal.aborted; failures += 1) {
      try {
        await this.#ready();
        await this.#fold();
        if (failures > 0) this.#parts.onFault?.(undefined);
        return;
      } catch (thrown) {
        this.#isLoaded = false;
        const isRivalry = thrown instanceof OwnershipLost;
        if (!isRivalry) this.#parts.onFault?.(asError(thrown));
        if (!isRivalry || failures > 0) await this.#pause(failures);
      }
    }
  }

  /** Books what was judged. After a fault the tables are read anew, the journal included, so nothing is lost or counted twice. */
  async #fold(): Promise<void> {
    this.#cancelFold?.();
    this.#cancelFold = undefined;
    this.#isFoldLate = false;
    if (this.#unfolded.isEmpty) return;
    const nowMs = this.#now();
    const fold = this.#unfolded.handOver(this.#epoch, nowMs);
    try {
      const { events, shifts } = await this.#store.fold(fold, async (transaction) => {
        const recorded = [];
        for (const participant of this.#parts.participants ?? []) {
          recorded.push(...(await participant(transaction as never, fold.gathered.readings, this.#context(nowMs))));
        }
        return recorded;
      });
      for (const { live } of fold.machines) live.epoch += 1;
      this.#parts.onBooked?.(shifts.map(shiftTotalOf), events);
      if (shifts.some(({ closed_at: closedAt }) => closedAt !== null)) await this.#announce();
    } catch (thrown) {
      this.#isLoaded = false;
      throw thrown;
    }
  }

  async #announce(): Promise<void> {
    await announce(this.#parts.store, (total) => this.#parts.onClosed?.(total));
  }

  /** Reads register, counters and journal, and judges again what was not folded. */
  async #ready(): Promise<void> {
    if (this.#isLoaded) return;
    await migrateIntakeTables(this.#parts.store);
    const ownership = await this.#store.journal.takeOver();
    this.#queue.resume(ownership.journal);
    this.#epoch = ownership.epoch;
    this.#lastSeq = ownership.lastSeq;
    this.#unfolded = this.#newUnfolded();
    await this.#register.readInto(this.#unfolded.counting, this.#now());
    this.#isLoaded = true;
    try {
      for (const { seq, body } of ownership.journal) await this.#judge(unpackArrivals(body), seq);
      await this.#fold();
    } catch (thrown) {
      this.#isLoaded = false;
      throw thrown;
    }
  }

  #newUnfolded(): UnfoldedCounts {
    return new UnfoldedCounts(this.#parts.calendar, this.#plant, this.#parts.settings, this.#lastSeq);
  }

  #context(nowMs: number): ParticipantContext {
    return { engine: this.#parts.store.engine, calendar: this.#parts.calendar, nowMs };
  }

  #now(): number {
    return this.#parts.clock.now().getTime();
  }

  /** One work after the other; after a fault the next one reads the tables anew. */
  #exclusive<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#running.then(work).catch((thrown: unknown) => {
      this.#isLoaded = false;
      throw thrown;
    });
    this.#running = result.then(
      () => {},
      () => {},
    );
    return result;
  }
}

/** Where judging failed, whoever reads next has it judged from the journal first: durable either way. */
function tellDurable(committed: Committed | undefined): void {
  for (const { settled } of committed?.group ?? []) settled?.(true);
}
