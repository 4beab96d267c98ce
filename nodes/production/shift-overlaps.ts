// Finds shifts of one group that would run at the same time, in the weekly plan and around every dated override.
import type { FieldFault } from '../core/errors.ts';
import { type CalendarGroup, type CalendarSettings, minutesPerDay } from './calendar-plan.ts';
import { type DayShift, shiftsOn } from './day-plan.ts';

/** 1970-01-05, a Monday; one week stands for all. */
const aMonday = 4;

/** One fault for each shift or override that begins before the shift in front of it has ended. */
export function overlapFaults(settings: CalendarSettings): FieldFault[] {
  const weekly: CalendarSettings = { ...settings, holidays: [], overrides: [] };
  const faults = settings.groups.flatMap((group, index) => {
    const week = daysOf(weekly, group, aMonday, aMonday + 7);
    const inPlan = clashes(week).map(({ later, earlier }) => ({
      field: `groups[${index}].shifts[${group.shifts.findIndex(({ name }) => name === later.name)}].start`,
      message: `lies inside shift ${earlier.name}`,
    }));
    if (inPlan.length > 0) return inPlan;
    const days = new Set(settings.overrides.map(({ day }) => day));
    return [...days].flatMap((day) =>
      clashes(daysOf(settings, group, day - 1, day + 1)).map(({ later, earlier }) => ({
        field: `overrides[${later.override ?? earlier.override ?? 0}].start`,
        message: `shifts ${earlier.name} and ${later.name} overlap`,
      })),
    );
  });
  const seen = new Set<string>();
  return faults.filter(({ field }) => !seen.has(field) && seen.add(field));
}

function daysOf(settings: CalendarSettings, group: CalendarGroup, from: number, to: number): readonly DayShift[] {
  const shifts: DayShift[] = [];
  for (let day = from; day <= to; day += 1) {
    const offset = (day - from) * minutesPerDay;
    for (const shift of shiftsOn(settings, group, day)) {
      shifts.push({ ...shift, startMinute: shift.startMinute + offset, endMinute: shift.endMinute + offset });
    }
  }
  return shifts;
}

function clashes(shifts: readonly DayShift[]): readonly { readonly earlier: DayShift; readonly later: DayShift }[] {
  const found: { earlier: DayShift; later: DayShift }[] = [];
  let last: DayShift | undefined;
  for (const shift of shifts) {
    if (last && shift.startMinute < last.endMinute) found.push({ earlier: last, later: shift });
    if (!last || shift.endMinute > last.endMinute) last = shift;
  }
  return found;
}
