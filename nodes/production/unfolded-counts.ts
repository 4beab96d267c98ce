// What was judged and is not in the tables yet: how much of it waits, when it is due, and what a fold takes over.
import type { PlantTime } from '../core/plant-time.ts';
import type { ShiftCalendar } from './calendar-contract.ts';
import { Counting } from './counting.ts';
import type { Arrival } from './journal-body.ts';
import { harmless } from './refused-message.ts';
import type { TrackerSettings } from './tracker-settings.ts';
import { counterRow, type Fold } from './tracker-store.ts';

/** A fold is due as soon as so many wait: what is held in memory. It costs statements, not readings: few large ones leave time to count. */
const foldAtReadings = 25_000;
/** Or as soon as so many of them need a row each: that is how long the loop is busy with one fold. */
const foldAtRows = 2_000;

/** Why the messages of a machine are set aside; undefined where they are judged. */
export type CauseOf = (machine: string, isReplay: boolean) => string | undefined;

export class UnfoldedCounts {
  readonly counting: Counting;
  readonly #settings: TrackerSettings;
  readonly #keepsRaw: boolean;
  /** The last row of the journal that was judged: a fold drops the journal up to here. */
  #judgedSeq: number;
  #readings = 0;

  constructor(calendar: ShiftCalendar, plant: PlantTime, settings: TrackerSettings, judgedSeq: number) {
    const { spanning, dedupeMs, silenceMs, rawMs } = settings;
    this.#settings = settings;
    this.#keepsRaw = rawMs > 0;
    this.counting = new Counting({ calendar, plant, spanning, dedupeMs, silenceMs, keepsRaw: this.#keepsRaw });
    this.#judgedSeq = judgedSeq;
  }

  get isEmpty(): boolean {
    return this.#readings === 0;
  }

  get isLarge(): boolean {
    const { readings, refused, seen, events } = this.counting.gathered;
    const rows = refused.length + seen.length + events.length + (this.#keepsRaw ? readings.length : 0);
    return rows >= foldAtRows || this.#readings >= foldAtReadings;
  }

  /** Machines whose messages are refused one after the other. */
  get shutOut(): readonly string[] {
    return [...this.counting.machines.values()]
      .filter(({ refusals, falls }) => refusals.isShutOut || falls.isDoubted)
      .map(({ machine }) => machine);
  }

  /**
   * @param seq row of the journal that holds `arrivals`, all of them
   * @param causeOf why the messages of a machine ('' for those that name none) are set aside unjudged
   */
  judge(arrivals: readonly Arrival[], seq: number, nowMs: number, causeOf: CauseOf = () => undefined): void {
    for (const { readings, refused, replayOf } of arrivals) {
      for (const reading of readings) {
        const cause = causeOf(reading.machine, replayOf !== null);
        if (cause === undefined) this.counting.take(reading, nowMs, replayOf);
        else this.counting.setAside(reading, cause, nowMs, replayOf);
      }
      for (const one of refused) {
        const cause = causeOf(one.machine ?? '', replayOf !== null);
        this.counting.refuse(cause === undefined ? one : harmless(one, nowMs));
      }
      this.#readings += readings.length + refused.length;
    }
    this.#judgedSeq = Math.max(this.#judgedSeq, seq);
  }

  /** Everything that waits, for one fold; what is judged from now on waits for the next one. */
  handOver(epoch: number, nowMs: number): Fold {
    const gathered = this.counting.handOver();
    const machines = [...gathered.dirty].map((live) => ({
      live,
      epoch: live.epoch,
      row: counterRow(live),
      slices: live.takeSlices(),
      era: live.line.era,
      marks: live.takeMarkRows(),
    }));
    this.#readings = 0;
    const { graceMs } = this.#settings;
    return { epoch, upToSeq: this.#judgedSeq, machines, gathered, keepsRaw: this.#keepsRaw, nowMs, graceMs };
  }
}
