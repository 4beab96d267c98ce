// Which shift calendar the stored figures were made with: planned time of a machine, and its print for each month.
import { createHash } from 'node:crypto';
import type { PlantTime } from '../../core/plant-time.ts';
import type { ShiftCalendar } from '../../production/calendar-contract.ts';
import { nextMonth, startOfDay } from './plant-days.ts';
import type { PlannedTime } from './rollups.ts';

/** All time counts where no calendar is wired. */
export function plannedTimeOf(calendar: ShiftCalendar | undefined, machine: string): PlannedTime {
  if (!calendar) return () => undefined;
  return (fromMs, toMs) => calendar.plannedBusy(machine, fromMs, toMs);
}

/** A short text that changes whenever the planned time of the month (yyyymm) does. */
export function monthPrint(plant: PlantTime, planned: PlannedTime, month: number): string {
  const first = month * 100 + 1;
  const spans = planned(startOfDay(plant, first), startOfDay(plant, nextMonth(first)));
  if (!spans) return '';
  const hash = createHash('sha256');
  for (const { startMs, endMs } of spans) hash.update(`${startMs}-${endMs};`);
  return hash.digest('base64url').slice(0, 16);
}

/**
 * Whether the stored figures were checked against the calendar that is wired now. Until then, and after a change of the
 * calendar, figures are computed from the problems themselves.
 */
export class RollupGate {
  #checked: { readonly calendar: ShiftCalendar | undefined } | undefined;

  passed(calendar: ShiftCalendar | undefined): void {
    this.#checked = { calendar };
  }

  close(): void {
    this.#checked = undefined;
  }

  isOpenFor(calendar: ShiftCalendar | undefined): boolean {
    return this.#checked !== undefined && this.#checked.calendar === calendar;
  }
}
