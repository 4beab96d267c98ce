// When each machine belonged to the plant: from the day it was added, or from its first problem, until it was retired, and again
// after it was taken back. Only that time counts in a figure.
import { differenceOf, type Interval } from '../core/intervals.ts';
import type { ShiftCalendar } from '../production/calendar-contract.ts';
import type { Store } from '../store/store.ts';
import { firstStarts } from './queries/first-problems.ts';
import type { CtpReadSchema } from './queries/read-tables.ts';
import type { CtpSchema } from './tables.ts';

/** What is kept of one machine. */
interface Life {
  readonly addedMs: number;
  /** Time out of use; the last may have no end. */
  readonly retired: readonly Interval[];
}

export class MachineLives {
  readonly #store: Store;
  /** Mapped by id. */
  #lives: ReadonlyMap<number, Life> = new Map();
  /** Time out of use, mapped by nickname; machines that were always in use are missing. */
  #retired: ReadonlyMap<string, readonly Interval[]> = new Map();
  #shown = '';
  #calendar: { readonly base: ShiftCalendar | undefined; readonly made: ShiftCalendar } | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Reads the lives anew; to be called at the start, and when a machine was added, retired or taken back. */
  async refresh(): Promise<void> {
    const rows = await this.#store
      .db<CtpSchema>()
      .selectFrom('ctp_machine_life')
      .innerJoin('ctp_machine', 'ctp_machine.id', 'ctp_machine_life.machine_id')
      .select(['machine_id', 'nickname', 'from_ms', 'to_ms'])
      .orderBy('machine_id')
      .orderBy('nth')
      .execute();
    const lives = new Map<number, Life>();
    const retired = new Map<string, readonly Interval[]>();
    for (const [index, { machine_id, nickname, from_ms, to_ms }] of rows.entries()) {
      const known = lives.get(machine_id) ?? { addedMs: from_ms, retired: [] };
      const next = rows[index + 1];
      const backMs = next?.machine_id === machine_id ? next.from_ms : Number.POSITIVE_INFINITY;
      const gaps = to_ms === null ? known.retired : [...known.retired, { startMs: to_ms, endMs: backMs }];
      lives.set(machine_id, { ...known, retired: gaps });
      if (gaps.some(({ startMs, endMs }) => endMs > startMs)) retired.set(nickname, gaps);
    }
    this.#lives = lives;
    const shown = JSON.stringify([...retired]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#retired = retired;
    this.#calendar = undefined;
  }

  /**
   * `base` without the time in which a machine was out of use. The same object as long as neither changes, so that whoever
   * keeps figures sees by it that they still hold.
   */
  calendar(base: ShiftCalendar | undefined): ShiftCalendar | undefined {
    if (this.#retired.size === 0) return base;
    if (!this.#calendar || this.#calendar.base !== base) {
      this.#calendar = { base, made: new CalendarInUse(base, this.#retired) };
    }
    return this.#calendar.made;
  }

  /** Since when each machine counts, mapped by id; its first problem may have been entered with a start before it was added. */
  async bornMs(machines: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const first = await firstStarts(this.#store.reader<CtpReadSchema>(), machines);
    return new Map(
      machines.map((machine) => {
        const addedMs = this.#lives.get(machine)?.addedMs ?? Number.NEGATIVE_INFINITY;
        return [machine, Math.min(addedMs, first.get(machine) ?? addedMs)];
      }),
    );
  }
}

class CalendarInUse implements ShiftCalendar {
  readonly timeZone: string;
  readonly #base: ShiftCalendar | undefined;
  readonly #retired: ReadonlyMap<string, readonly Interval[]>;

  constructor(base: ShiftCalendar | undefined, retired: ReadonlyMap<string, readonly Interval[]>) {
    this.timeZone = base?.timeZone ?? 'UTC';
    this.#base = base;
    this.#retired = retired;
  }

  shiftAt(machine: string, instantMs: number) {
    return this.#base?.shiftAt(machine, instantMs);
  }

  shiftsBetween(machine: string, fromMs: number, toMs: number) {
    return this.#base?.shiftsBetween(machine, fromMs, toMs) ?? [];
  }

  plannedBusy(machine: string, fromMs: number, toMs: number): readonly Interval[] {
    const planned = this.#base?.plannedBusy(machine, fromMs, toMs) ?? [{ startMs: fromMs, endMs: toMs }];
    const retired = this.#retired.get(machine);
    return retired ? differenceOf(planned, retired) : planned;
  }
}

/** Lives of the machines of one store: every log on it changes the same ones. */
const known = new WeakMap<Store, MachineLives>();

export function livesOf(store: Store): MachineLives {
  const lives = known.get(store) ?? new MachineLives(store);
  known.set(store, lives);
  return lives;
}
