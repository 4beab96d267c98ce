// The shift calendar as instants: the plan's wall clock times through the plant's zone, one day computed once and kept.
import { clippedTo, differenceOf, type Interval, intersectionOf, unionOf } from '../core/intervals.ts';
import { type PlantTime, plantTimeOf } from '../core/plant-time.ts';
import type { ShiftCalendar, ShiftSpan } from './calendar-contract.ts';
import { type CalendarGroup, type CalendarSettings, dateOfDay, type MinuteSpan } from './calendar-plan.ts';
import { shiftsOn, stopsOn } from './day-plan.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** Two years of days for each group; beyond it the oldest is computed again. */
const cachedDays = 800;
const cachedWindows = 64;

/** A shift with its planned busy time, computed once. */
interface KnownShift extends ShiftSpan {
  readonly busy: readonly Interval[];
}

/** One group's days, and the shift that was asked for last: readings come in order, so it is nearly always the next answer. */
class GroupDays {
  readonly #settings: CalendarSettings;
  readonly #group: CalendarGroup;
  readonly #plant: PlantTime;
  /** Mapped by day number. */
  readonly #days = new Map<number, readonly KnownShift[]>();
  #last: KnownShift | undefined;
  /** The busy time of the windows asked for last, mapped by their ends: all machines of a group are asked the same. */
  readonly #busy = new Map<string, readonly Interval[]>();

  constructor(settings: CalendarSettings, group: CalendarGroup) {
    this.#settings = settings;
    this.#group = group;
    this.#plant = plantTimeOf(settings.timeZone);
  }

  shiftAt(instantMs: number): ShiftSpan | undefined {
    const last = this.#last;
    if (last && instantMs >= last.startMs && instantMs < last.endMs) return last;
    this.#last = this.between(instantMs, instantMs + 1)[0];
    return this.#last;
  }

  /** The same list again for the same window, as long as it is among the newest. */
  busyBetween(fromMs: number, toMs: number): readonly Interval[] {
    const key = `${fromMs} ${toMs}`;
    const known = this.#busy.get(key);
    if (known) return known;
    const shifts = this.between(fromMs, toMs);
    const busy = unionOf(
      clippedTo(
        { startMs: fromMs, endMs: toMs },
        shifts.flatMap((shift) => shift.busy),
      ),
    );
    if (this.#busy.size >= cachedWindows) this.#busy.delete(this.#busy.keys().next().value ?? key);
    this.#busy.set(key, busy);
    return busy;
  }

  /** A shift lasts at most a day of the wall clock, so those of the day before may still be running. */
  between(fromMs: number, toMs: number): readonly KnownShift[] {
    if (toMs <= fromMs) return [];
    const firstDay = this.#dayOf(fromMs) - 1;
    const lastDay = this.#dayOf(toMs - 1) + 1;
    const found: KnownShift[] = [];
    for (let day = firstDay; day <= lastDay; day += 1) {
      for (const shift of this.#shiftsOf(day)) {
        if (shift.startMs < toMs && shift.endMs > fromMs) found.push(shift);
      }
    }
    return found;
  }

  #dayOf(instantMs: number): number {
    return Math.floor((instantMs + this.#plant.offsetMs(instantMs)) / dayMs);
  }

  #shiftsOf(day: number): readonly KnownShift[] {
    const known = this.#days.get(day);
    if (known) return known;
    const stops = [day - 1, day, day + 1].flatMap((near) =>
      stopsOn(this.#settings, this.#group, near).map((stop) => this.#instants(near, stop)),
    );
    const shifts = shiftsOn(this.#settings, this.#group, day)
      .map((shift): KnownShift => {
        const span = this.#instants(day, shift);
        const pauses = shift.breaks.map((pause) => this.#instants(day, pause));
        const plannedStops = intersectionOf([...pauses, ...stops], [span]);
        return {
          ...span,
          shift: shift.name,
          shiftDate: dateOfDay(day),
          plannedStops,
          busy: differenceOf([span], plannedStops),
        };
      })
      .filter(({ startMs, endMs }) => endMs > startMs);
    if (this.#days.size >= cachedDays) this.#days.delete(this.#days.keys().next().value ?? day);
    this.#days.set(day, shifts);
    return shifts;
  }

  #instants(day: number, { startMinute, endMinute }: MinuteSpan): Interval {
    const at = (minute: number) => this.#plant.boundaryMs({ year: 1970, month: 1, day: 1 + day, minute });
    return { startMs: at(startMinute), endMs: at(endMinute) };
  }
}

/** Calendar over checked settings; machines that no group names have no shifts. */
export class WallCalendar implements ShiftCalendar {
  readonly timeZone: string;
  /** Mapped by machine. */
  readonly #named = new Map<string, GroupDays>();
  readonly #others: GroupDays | undefined;

  constructor(settings: CalendarSettings) {
    this.timeZone = settings.timeZone;
    let others: GroupDays | undefined;
    for (const group of settings.groups) {
      const days = new GroupDays(settings, group);
      if (group.machines.size === 0) others = days;
      for (const machine of group.machines) this.#named.set(machine, days);
    }
    this.#others = others;
  }

  shiftAt(machine: string, instantMs: number): ShiftSpan | undefined {
    return this.#of(machine)?.shiftAt(instantMs);
  }

  shiftsBetween(machine: string, fromMs: number, toMs: number): readonly ShiftSpan[] {
    return this.#of(machine)?.between(fromMs, toMs) ?? [];
  }

  plannedBusy(machine: string, fromMs: number, toMs: number): readonly Interval[] {
    return this.#of(machine)?.busyBetween(fromMs, toMs) ?? [];
  }

  #of(machine: string): GroupDays | undefined {
    return this.#named.get(machine) ?? this.#others;
  }
}
