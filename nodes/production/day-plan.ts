// Which shifts one group plans to begin on one date of the wall calendar, after its weekdays, holidays and overrides.
import type { CalendarGroup, CalendarOverride, CalendarSettings, MinuteSpan, PlannedShift } from './calendar-plan.ts';

/** One shift that begins on a date, in minutes of the wall clock after that date's midnight. */
export interface DayShift extends MinuteSpan {
  readonly name: string;
  readonly breaks: readonly MinuteSpan[];
  /** Index of the override that made or moved it; undefined for a shift of the weekly plan. */
  readonly override: number | undefined;
}

/** ISO weekday, 1 for Monday, of days since 1970-01-01 (a Thursday). */
export function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** In order of their starts. Two overrides of one shift on one date: the later in the list wins. */
export function shiftsOn(settings: CalendarSettings, group: CalendarGroup, day: number): readonly DayShift[] {
  const isHoliday = settings.holidays.some(
    (holiday) => isOf(holiday.group, group) && day >= holiday.fromDay && day <= holiday.toDay,
  );
  /** Mapped by shift name. */
  const planned = new Map<string, DayShift>();
  if (!isHoliday) {
    for (const shift of group.shifts.filter(({ weekdays }) => weekdays.has(weekdayOf(day)))) {
      planned.set(shift.name, { ...hoursOf(shift, shift), name: shift.name, override: undefined });
    }
  }
  for (const [index, override] of settings.overrides.entries()) {
    if (override.day === day && isOf(override.group, group)) apply(planned, group, override, index);
  }
  return [...planned.values()].sort((left, right) => left.startMinute - right.startMinute);
}

/** Planned stops that are not part of a shift, in minutes after the midnight of `day`. */
export function stopsOn(settings: CalendarSettings, group: CalendarGroup, day: number): readonly MinuteSpan[] {
  return settings.overrides.filter(
    (override) => override.kind === 'stop' && override.day === day && isOf(override.group, group),
  ) as readonly (CalendarOverride & MinuteSpan)[];
}

function apply(planned: Map<string, DayShift>, group: CalendarGroup, override: CalendarOverride, index: number): void {
  if (override.kind === 'stop') return;
  const known = planned.get(override.shift);
  if (override.kind === 'cancelled') planned.delete(override.shift);
  else if (override.kind === 'extra' || known) {
    const pattern = group.shifts.find(({ name }) => name === override.shift);
    planned.set(override.shift, { ...hoursOf(override, pattern), name: override.shift, override: index });
  }
}

/** Breaks of the weekly plan go with its shift as far as they still lie inside its hours. */
function hoursOf({ startMinute, endMinute }: MinuteSpan, pattern: PlannedShift | undefined) {
  const breaks = (pattern?.breaks ?? []).filter(
    (pause) => pause.startMinute >= startMinute && pause.endMinute <= endMinute,
  );
  return { startMinute, endMinute, breaks };
}

function isOf(name: string | null, group: CalendarGroup): boolean {
  return name === null || name === group.name;
}
