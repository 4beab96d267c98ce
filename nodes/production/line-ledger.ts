// What a line has counted: the tables as they are, the journal that is not in them yet, and how the one becomes the other.
import { ClockSteadiness } from '../core/clock-steadiness.ts';
import { type PlantTime, plantTimeOf } from '../core/plant-time.ts';
import { isContentFault } from '../store/store-error.ts';
import { ClockLook } from './clock-look.ts';
import { serverClockEvent } from './clock-notice.ts';
import type { JournalRow } from './commit-queue.ts';
import type { CounterParts } from './counter-parts.ts';
import { FaultSearch } from './fault-search.ts';
import type { NewProductionEvent, ParticipantContext } from './intake-contract.ts';
import { migrateIntakeTables } from './intake-migrations.ts';
import type { Arrival } from './journal-body.ts';
import { entriesOf } from './journal-entries.ts';
import { MachineRegister, neededMarks } from './machine-register.ts';
import { SetAside } from './set-aside.ts';
import { announce } from './shift-closing.ts';
import { shiftTotalOf } from './total-books.ts';
import { type Fold, type Recorder, TrackerStore } from './tracker-store.ts';
import { forgetOld } from './tracker-upkeep.ts';
import { type CauseOf, UnfoldedCounts } from './unfolded-counts.ts';

export class LineLedger {
  readonly tables: TrackerStore;
  readonly #parts: CounterParts;
  readonly #plant: PlantTime;
  readonly #register: MachineRegister;
  readonly #aside = new SetAside('readings');
  readonly #search: FaultSearch;
  readonly #look: ClockLook;
  readonly #steadiness: ClockSteadiness;
  /** Whether the server's clock has jumped and not yet run evenly for long enough since. */
  #hasJumped = false;
  readonly #resume: (journal: readonly JournalRow[]) => void;
  #unfolded: UnfoldedCounts;
  #epoch = 0;
  #lastSeq = 0;
  #isLoaded = false;
  /** The last fold that began; never rejects. */
  #folding: Promise<void> = Promise.resolve();

  /** @param resume told what the journal holds, each time that it is read */
  constructor(parts: CounterParts, resume: (journal: readonly JournalRow[]) => void) {
    const { store, calendar, settings, clock, sweeps = [] } = parts;
    this.#parts = parts;
    this.#resume = resume;
    this.#plant = plantTimeOf(calendar.timeZone);
    this.#steadiness = new ClockSteadiness(clock);
    this.tables = new TrackerStore(store, settings.line, this.#plant);
    this.#register = new MachineRegister(this.tables, settings, clock);
    this.#search = new FaultSearch({
      store,
      tables: this.tables,
      begin: () => this.#begin(),
      record: (fold) => this.#recorder(fold, []),
    });
    const { tables } = this;
    this.#look = new ClockLook({ tables, search: this.#search, sweeps, clock, closeDelayMs: settings.closeDelayMs });
    this.#unfolded = this.#newUnfolded();
  }

  /** Of the owner that this process is. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The last row of the journal. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  set lastSeq(seq: number) {
    this.#lastSeq = seq;
  }

  /** False until the tables were read, and again after a fault. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** After a fault: whoever asks next reads the tables anew. */
  forget(): void {
    this.#isLoaded = false;
  }

  get isEmpty(): boolean {
    return this.#unfolded.isEmpty;
  }

  get isLarge(): boolean {
    return this.#unfolded.isLarge;
  }

  /** Machines whose messages are refused one after the other, or set aside. */
  get shutOut(): readonly string[] {
    return [...new Set([...this.#aside.machines, ...this.#look.setAside, ...this.#unfolded.shutOut])];
  }

  get shiftAt() {
    return (machine: string, atMs: number) => this.#unfolded.counting.shiftAt(machine, atMs);
  }

  /**
   * Judges what row `seq` of the journal holds.
   * @param causeOf which machines are set aside; a person's replay is a try all the same
   */
  async judge(
    arrivals: readonly Arrival[],
    seq: number,
    causeOf: CauseOf = (machine, isReplay) => (isReplay ? undefined : this.#aside.causeOf(machine)),
  ): Promise<void> {
    const { counting } = this.#unfolded;
    await this.#register.admit(counting, arrivals);
    if (neededMarks(counting, arrivals).size > 0) {
      // Marks that a fold is taking to the tables are not there before it has ended.
      await this.#folding;
      await this.#register.reach(counting, arrivals);
    }
    this.#unfolded.judge(arrivals, seq, this.#now(), causeOf);
  }

  /** Books what was judged. After a fault the tables are read anew, the journal included, so nothing is lost or counted twice. */
  fold(): Promise<void> {
    const folding = this.#fold();
    this.#folding = folding.catch(() => {});
    return folding;
  }

  async #fold(): Promise<void> {
    if (this.#unfolded.isEmpty) return;
    const fold = this.#unfolded.handOver(this.#epoch, this.#now());
    try {
      const folded = new Set(fold.machines.map(({ live }) => live.machine));
      const also = this.#aside.events(fold.nowMs, (machine) => folded.has(machine));
      const { events, shifts } = await this.tables.fold(fold, this.#recorder(fold, also));
      for (const { live } of fold.machines) live.epoch += 1;
      this.#aside.settle(also);
      this.#parts.onBooked?.(shifts.map(shiftTotalOf), events);
      if (shifts.some(({ closed_at: closedAt }) => closedAt !== null)) await this.announce();
    } catch (thrown) {
      this.#isLoaded = false;
      throw thrown;
    }
  }

  /** Hands over the records of closed shifts that nobody was told of. */
  async announce(): Promise<void> {
    await announce(this.#parts.store, (total) => this.#parts.onClosed?.(total));
  }

  /** Closes the shifts that are over, hands over their records, lets others look at the clock, and forgets what is old. */
  async look(): Promise<void> {
    const nowMs = this.#now();
    const { settings, store, clock } = this.#parts;
    this.#aside.retry(clock.monotonicMs());
    const jumps = this.#jumps(nowMs);
    const events = await this.#look.look(this.#epoch, this.#context(nowMs), jumps);
    if (jumps.length > 0) this.#hasJumped = jumps.at(-1)?.type === 'clock-jumped';
    this.#parts.onBooked?.([], events);
    await this.announce();
    // A clock that is ahead for a moment must not delete what it takes for old.
    if (!this.#steadiness.isSteady) return;
    await forgetOld(store, settings, nowMs);
    this.#unfolded.counting.forgetSeen(nowMs);
  }

  /** What the server's own clock did since the last look. */
  #jumps(nowMs: number): readonly NewProductionEvent[] {
    const byMs = this.#steadiness.look();
    if (byMs !== 0) return [serverClockEvent(byMs, nowMs)];
    return this.#hasJumped && this.#steadiness.isSteady ? [serverClockEvent(0, nowMs)] : [];
  }

  /** Reads register, counters and journal where that is due, and judges again what was not folded. */
  async ready(): Promise<void> {
    if (this.#isLoaded) return;
    await migrateIntakeTables(this.#parts.store);
    const ownership = await this.tables.journal.takeOver();
    this.#resume(ownership.journal);
    this.#epoch = ownership.epoch;
    this.#lastSeq = ownership.lastSeq;
    await this.#judgeAgain(ownership.journal);
  }

  /** Judges what was not folded, on what the tables say; messages that can't be folded are set aside with their machine. */
  async #judgeAgain(journal: readonly JournalRow[]): Promise<void> {
    const entries = entriesOf(journal, this.#now());
    /** Why each is set aside, mapped by sender. */
    const refused = new Map<string, string>();
    for (;;) {
      this.#unfolded = await this.#begin();
      this.#isLoaded = true;
      try {
        for (const { seq, arrivals, fault } of entries) {
          if (fault !== null) this.#unfolded.counting.noteUnreadable(fault, this.#now());
          await this.judge(arrivals, seq, (machine) => refused.get(machine) ?? this.#aside.causeOf(machine));
        }
        await this.fold();
        return;
      } catch (thrown) {
        this.#isLoaded = false;
        if (!isContentFault(thrown)) throw thrown;
        const found = await this.#search.inJournal(entries, this.#epoch, this.#now());
        const news = [...found].filter(([machine]) => !refused.has(machine));
        if (news.length === 0) throw thrown;
        for (const [machine, { message }] of news) refused.set(machine, message);
        this.#aside.hold(new Map(news), this.#parts.clock.monotonicMs());
      }
    }
  }

  /** What the participants record of a fold, and what became of machines by it. */
  #recorder(fold: Fold, events: readonly NewProductionEvent[]): Recorder {
    return async (transaction) => {
      const recorded = [...events];
      for (const participant of this.#parts.participants ?? []) {
        recorded.push(...(await participant(transaction as never, fold.gathered.readings, this.#context(fold.nowMs))));
      }
      return recorded;
    };
  }

  /** Nothing counted yet, and every machine as the tables have it. */
  async #begin(): Promise<UnfoldedCounts> {
    const unfolded = this.#newUnfolded();
    await this.#register.readInto(unfolded.counting, this.#now());
    return unfolded;
  }

  #newUnfolded(): UnfoldedCounts {
    return new UnfoldedCounts(this.#parts.calendar, this.#plant, this.#parts.settings, this.#lastSeq);
  }

  #context(nowMs: number): ParticipantContext {
    return { engine: this.#parts.store.engine, calendar: this.#parts.calendar, nowMs, skipped: [] };
  }

  #now(): number {
    return this.#parts.clock.now().getTime();
  }
}
