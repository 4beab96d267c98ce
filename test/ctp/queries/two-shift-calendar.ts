// A calendar for tests: weekdays 06:00 to 22:00 of the plant's wall clock with half an hour's break at noon.
import type { Interval } from '../../../nodes/core/intervals.ts';
import { clippedTo, unionOf } from '../../../nodes/core/intervals.ts';
import type { PlantTime } from '../../../nodes/core/plant-time.ts';
import type { ShiftCalendar } from '../../../nodes/production/calendar-contract.ts';
import { dayMs } from './read-world.ts';

/** @param lastHour hour at which the second shift ends */
export function twoShifts(plant: PlantTime, lastHour = 22): ShiftCalendar {
  const plannedBusy = (_machine: string, fromMs: number, toMs: number): readonly Interval[] => {
    const spans: Interval[] = [];
    for (let at = fromMs - dayMs; at <= toMs + dayMs; at += dayMs / 2) {
      const { year, month, day } = plant.wallTime(at);
      const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
      if (weekday === 0 || weekday === 6) continue;
      const instant = (hour: number, minute = 0) => plant.instantMs({ year, month, day, hour, minute });
      spans.push({ startMs: instant(6), endMs: instant(12) }, { startMs: instant(12, 30), endMs: instant(lastHour) });
    }
    return clippedTo({ startMs: fromMs, endMs: toMs }, unionOf(spans));
  };
  return { timeZone: plant.zone, shiftAt: () => undefined, shiftsBetween: () => [], plannedBusy };
}
