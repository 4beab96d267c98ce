// How long machines were planned to be worked in a window, quick for ten years: whole months of a calendar are asked once.
import { setImmediate as turn } from 'node:timers/promises';
import { lengthMs } from '../../core/intervals.ts';
import type { PlantTime } from '../../core/plant-time.ts';
import type { ShiftCalendar } from '../../production/calendar-contract.ts';
import { monthOf, nextMonth, startOfDay, wholeDaysOf } from './plant-days.ts';

/** Months that are asked in one turn of the event loop. */
const monthsOfTurn = 6;

/** Planned ms of whole months, mapped by machine and month, for each calendar as long as it lives. */
const knownMonths = new WeakMap<ShiftCalendar, Map<string, number>>();

/** Milliseconds of [fromMs, toMs) that `machine` was planned to be worked; all of it without a calendar. */
export async function plannedMs(
  plant: PlantTime,
  calendar: ShiftCalendar | undefined,
  machine: string,
  fromMs: number,
  toMs: number,
): Promise<number> {
  if (toMs <= fromMs) return 0;
  if (!calendar) return toMs - fromMs;
  const { first, end } = wholeDaysOf(plant, fromMs, toMs);
  const firstMonth = first % 100 === 1 ? first : nextMonth(first);
  const endMonth = monthOf(end) * 100 + 1;
  const direct = (from: number, to: number) => (to > from ? lengthMs(calendar.plannedBusy(machine, from, to)) : 0);
  if (firstMonth >= endMonth) return direct(fromMs, toMs);
  const known = knownMonths.get(calendar) ?? new Map<string, number>();
  knownMonths.set(calendar, known);
  let sum = direct(fromMs, startOfDay(plant, firstMonth)) + direct(startOfDay(plant, endMonth), toMs);
  let asked = 0;
  for (let month = firstMonth; month < endMonth; month = nextMonth(month)) {
    const key = `${month} ${machine}`;
    const ms = known.get(key) ?? direct(startOfDay(plant, month), startOfDay(plant, nextMonth(month)));
    if (!known.has(key)) {
      asked += 1;
      if (asked % monthsOfTurn === 0) await turn();
    }
    known.set(key, ms);
    sum += ms;
  }
  return sum;
}
