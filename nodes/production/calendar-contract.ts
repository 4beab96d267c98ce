// What other rooms ask a shift calendar: which shift an instant belongs to, and which time was planned to be worked.
import type { Interval } from '../core/intervals.ts';

/** One shift as it happened on the calendar, DST included: [startMs, endMs) may last 7 or 9 hours in the night of a change. */
export interface ShiftSpan extends Interval {
  /** Name, such as `1`, `2`, `3`. */
  readonly shift: string;
  /** Plant date of its start, `YYYY-MM-DD`; with the name it identifies the shift of a machine group for ever. */
  readonly shiftDate: string;
  /** Breaks and overrides inside it: time that nobody planned to work. */
  readonly plannedStops: readonly Interval[];
}

export interface ShiftCalendar {
  /** IANA name. */
  readonly timeZone: string;
  /** Undefined outside every shift (holiday, night of a two-shift plant). */
  shiftAt(machine: string, instantMs: number): ShiftSpan | undefined;
  /** Every shift that touches [fromMs, toMs), in order, unclipped. */
  shiftsBetween(machine: string, fromMs: number, toMs: number): readonly ShiftSpan[];
  /** Shift time without planned stops inside [fromMs, toMs): sorted, disjoint. */
  plannedBusy(machine: string, fromMs: number, toMs: number): readonly Interval[];
}

/** The surface of the config node shift-calendar, found with `RED.nodes.getNode(id)`. */
export interface ShiftCalendarNode {
  /** Throws ShopfloorError `settings-wrong` with the fields that are wrong. */
  calendar(): ShiftCalendar;
}

/** The calendar node behind `value`; undefined for anything else. */
export function shiftCalendarNodeOf(value: unknown): ShiftCalendarNode | undefined {
  const isCalendar =
    typeof value === 'object' && value !== null && 'calendar' in value && typeof value.calendar === 'function';
  return isCalendar ? (value as ShiftCalendarNode) : undefined;
}
