// The plan of a shift calendar: groups of machines, their weekly shifts, holidays and dated overrides.

export const minutesPerDay = 24 * 60;

/** Minutes of the wall clock after the midnight that begins the shift's date; the end may lie on the next day. */
export interface MinuteSpan {
  readonly startMinute: number;
  readonly endMinute: number;
}

export interface PlannedShift extends MinuteSpan {
  readonly name: string;
  /** ISO 8601: 1 is Monday, 7 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
  readonly breaks: readonly MinuteSpan[];
}

export interface CalendarGroup {
  readonly name: string;
  /** Empty: every machine that no other group names. */
  readonly machines: ReadonlySet<string>;
  readonly shifts: readonly PlannedShift[];
}

/** Days are whole days since 1970-01-01 of the plant's wall calendar; `group` null: all of them. */
export interface Holiday {
  readonly fromDay: number;
  readonly toDay: number;
  readonly group: string | null;
}

/** A dated exception. `extra` also works on a holiday; `stop` is a planned stop that cuts whatever shift it meets. */
export type CalendarOverride = { readonly day: number; readonly group: string | null } & (
  | { readonly kind: 'cancelled'; readonly shift: string }
  | ({ readonly kind: 'extra' | 'hours'; readonly shift: string } & MinuteSpan)
  | ({ readonly kind: 'stop' } & MinuteSpan)
);

export interface CalendarSettings {
  readonly timeZone: string;
  readonly groups: readonly CalendarGroup[];
  readonly holidays: readonly Holiday[];
  readonly overrides: readonly CalendarOverride[];
}

/** `YYYY-MM-DD` of a day number. */
export function dateOfDay(day: number): string {
  return new Date(day * minutesPerDay * 60_000).toISOString().slice(0, 10);
}
