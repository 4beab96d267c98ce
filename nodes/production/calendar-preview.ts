// What the editor shows while a calendar is being edited: the next shifts of every group on the plant's wall clock.
import { InvalidInput } from '../core/errors.ts';
import { plantTimeOf } from '../core/plant-time.ts';
import { type CalendarProperties, parseCalendarSettings } from './calendar-settings.ts';
import { WallCalendar } from './wall-calendar.ts';

export interface ShiftPreview {
  readonly shift: string;
  /** Wall clock, `YYYY-MM-DD HH:MM`. */
  readonly from: string;
  readonly to: string;
  readonly hours: number;
  readonly plannedStopMinutes: number;
}

export interface CalendarPreview {
  readonly timeZone: string;
  readonly groups: readonly { readonly name: string; readonly shifts: readonly ShiftPreview[] }[];
}

const shownShifts = 6;
const aheadMs = 14 * 24 * 60 * 60 * 1000;

/** Throws InvalidInput with every wrong field. */
export function calendarPreview(body: unknown, nowMs: number): CalendarPreview {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new InvalidInput([{ field: 'body', message: 'is not an object such as {"timeZone": "Asia/Jakarta"}' }]);
  }
  const settings = parseCalendarSettings(body as CalendarProperties);
  const plant = plantTimeOf(settings.timeZone);
  const wallText = (instantMs: number) =>
    new Date(instantMs + plant.offsetMs(instantMs)).toISOString().slice(0, 16).replace('T', ' ');
  return {
    timeZone: settings.timeZone,
    groups: settings.groups.map((group) => {
      const machine = [...group.machines][0] ?? '';
      const calendar = new WallCalendar({ ...settings, groups: [group] });
      const spans = calendar.shiftsBetween(machine, nowMs, nowMs + aheadMs).slice(0, shownShifts);
      return {
        name: group.name,
        shifts: spans.map(({ shift, startMs, endMs, plannedStops }) => ({
          shift,
          from: wallText(startMs),
          to: wallText(endMs),
          hours: (endMs - startMs) / 3_600_000,
          plannedStopMinutes: plannedStops.reduce((sum, stop) => sum + (stop.endMs - stop.startMs) / 60_000, 0),
        })),
      };
    }),
  };
}
