// Books closed spans of the timeline: milliseconds of planned busy time by hour, shift and day, and stops by day and month.
import { clippedTo, type Interval } from '../core/intervals.ts';
import type { PlantTime } from '../core/plant-time.ts';
import type { ShiftCalendar } from './calendar-contract.ts';
import type { MachineState } from './messages.ts';
import { addStateMs, noStateMs, type StateMs } from './oee.ts';
import type { TimelineSpan } from './state-timeline.ts';
import { isStop } from './stop-reasons.ts';

export const timeLevels = ['hour', 'shift', 'day'] as const;
export type TimeLevel = (typeof timeLevels)[number];

/** One row of time: a bucket of one machine. */
export interface TimeBooking extends StateMs {
  readonly machine: string;
  readonly level: TimeLevel;
  readonly startMs: number;
  /** Level shift only. */
  readonly shift: string | null;
  readonly shiftDate: string | null;
}

export type Severity = 'critical' | 'high' | 'medium' | 'low';

/** One row of stops: those of one machine, state, reason and severity that began in a day or month. */
export interface StopBooking {
  readonly machine: string;
  readonly level: 'day' | 'month';
  readonly startMs: number;
  readonly state: MachineState;
  /** Empty: nobody gave one. */
  readonly reason: string;
  readonly severity: Severity;
  readonly count: number;
  readonly ms: number;
}

/** Shorter stops are no event: the original's rule. */
export const shortestStopMs = 30_000;

/** The original's table of state and minutes. */
export function severityOf(state: MachineState, durationMs: number): Severity {
  const minutes = durationMs / 60_000;
  switch (state) {
    case 'error':
      return minutes >= 30 ? 'critical' : 'high';
    case 'stopped':
      return minutes >= 15 ? 'high' : 'medium';
    case 'maintenance':
      return minutes >= 60 ? 'medium' : 'low';
    case 'idle':
      return minutes >= 10 ? 'medium' : 'low';
    default:
      if (minutes >= 60) return 'critical';
      if (minutes >= 30) return 'high';
      return minutes >= 10 ? 'medium' : 'low';
  }
}

/** Whether the machine ran, stood for a planned reason or without one; undefined: nobody knows. */
export function kindOf({ state, planned }: Pick<TimelineSpan, 'state' | 'planned'>): keyof StateMs | undefined {
  if (state === 'running') return 'runningMs';
  if (!isStop(state)) return undefined;
  return planned ? 'plannedMs' : 'unplannedMs';
}

const hourMs = 3_600_000;
const quarterMs = hourMs / 4;

/** The bucket that contains an instant: an hour, a day or a month of the plant's wall clock; a repeated hour is two hours. */
export function bucketOf(plant: PlantTime, level: 'hour' | 'day' | 'month', instantMs: number): Interval {
  if (level === 'hour') {
    const offset = plant.offsetMs(instantMs);
    let startMs = Math.floor((instantMs + offset) / hourMs) * hourMs - offset;
    let endMs = startMs + hourMs;
    // Where a zone moves its clock by half an hour, the change ends one hour and begins the next.
    while (plant.offsetMs(startMs) !== offset) startMs += quarterMs;
    while (plant.offsetMs(endMs - 1) !== offset) endMs -= quarterMs;
    return { startMs, endMs };
  }
  const { year, month, day } = plant.wallTime(instantMs);
  return level === 'day'
    ? { startMs: plant.boundaryMs({ year, month, day }), endMs: plant.boundaryMs({ year, month, day: day + 1 }) }
    : {
        startMs: plant.boundaryMs({ year, month, day: 1 }),
        endMs: plant.boundaryMs({ year, month: month + 1, day: 1 }),
      };
}

/** Adds up bookings, `sign` -1 for a span that is no longer what it was. */
export class StateAccounts {
  readonly #calendar: ShiftCalendar;
  readonly #plant: PlantTime;
  /** Mapped by machine, level and start. */
  readonly #times = new Map<string, TimeBooking>();
  /** Mapped by machine, level, start, state, reason and severity. */
  readonly #stops = new Map<string, StopBooking>();

  constructor(calendar: ShiftCalendar, plant: PlantTime) {
    this.#calendar = calendar;
    this.#plant = plant;
  }

  get times(): readonly TimeBooking[] {
    return [...this.#times.values()].filter((time) => time.runningMs || time.unplannedMs || time.plannedMs);
  }

  get stops(): readonly StopBooking[] {
    return [...this.#stops.values()].filter((stop) => stop.count !== 0 || stop.ms !== 0);
  }

  /** A span that still lasts is not booked: readers add it. */
  book(machine: string, span: TimelineSpan, sign: 1 | -1): void {
    if (span.endMs === Infinity) return;
    const kind = kindOf(span);
    if (kind === undefined) return;
    for (const piece of timePieces(this.#calendar, this.#plant, machine, span)) {
      const key = `${machine}|${piece.level}|${piece.startMs}`;
      const known = this.#times.get(key) ?? { ...noStateMs, ...piece.bucket, machine, level: piece.level };
      this.#times.set(key, { ...known, ...addStateMs(known, { ...noStateMs, [kind]: sign * piece.ms }) });
    }
    if (isStop(span.state)) this.#bookStop(machine, span, sign);
  }

  #bookStop(machine: string, span: TimelineSpan, sign: 1 | -1): void {
    const ms = span.endMs - span.startMs;
    if (ms < shortestStopMs) return;
    const reason = span.reason ?? '';
    const severity = severityOf(span.state, ms);
    for (const level of ['day', 'month'] as const) {
      const { startMs } = bucketOf(this.#plant, level, span.startMs);
      const key = [machine, level, startMs, span.state, reason, severity].join('|');
      const known = this.#stops.get(key) ?? {
        machine,
        level,
        startMs,
        state: span.state,
        reason,
        severity,
        count: 0,
        ms: 0,
      };
      this.#stops.set(key, { ...known, count: known.count + sign, ms: known.ms + sign * ms });
    }
  }
}

interface TimePiece {
  readonly level: TimeLevel;
  readonly startMs: number;
  readonly ms: number;
  readonly bucket: Pick<TimeBooking, 'startMs' | 'shift' | 'shiftDate'>;
}

/** The planned busy time of a span, cut at hours, shifts and days. */
function* timePieces(
  calendar: ShiftCalendar,
  plant: PlantTime,
  machine: string,
  { startMs, endMs }: Interval,
): Generator<TimePiece> {
  for (const shift of calendar.shiftsBetween(machine, startMs, endMs)) {
    const from = Math.max(startMs, shift.startMs);
    const to = Math.min(endMs, shift.endMs);
    const busy = calendar.plannedBusy(machine, from, to);
    const bucket = { startMs: shift.startMs, shift: shift.shift, shiftDate: shift.shiftDate };
    const ms = busy.reduce((sum, part) => sum + part.endMs - part.startMs, 0);
    if (ms > 0) yield { level: 'shift', startMs: shift.startMs, ms, bucket };
    for (const part of busy) {
      for (const level of ['hour', 'day'] as const) yield* cutAt(plant, level, part);
    }
  }
}

function* cutAt(plant: PlantTime, level: 'hour' | 'day', part: Interval): Generator<TimePiece> {
  for (let at = part.startMs; at < part.endMs; ) {
    const { startMs, endMs } = bucketOf(plant, level, at);
    const next = Math.min(part.endMs, endMs);
    yield { level, startMs, ms: next - at, bucket: { startMs, shift: null, shiftDate: null } };
    at = next;
  }
}

/** Milliseconds of planned busy time inside a window that spans of the timeline cover, by what they were. */
export function stateMsOf(
  spans: readonly Pick<TimelineSpan, 'startMs' | 'endMs' | 'state' | 'planned'>[],
  busy: readonly Interval[],
): StateMs {
  let sum = noStateMs;
  for (const span of spans) {
    const kind = kindOf(span);
    if (kind === undefined) continue;
    const ms = clippedTo(span, busy).reduce((total, part) => total + part.endMs - part.startMs, 0);
    sum = addStateMs(sum, { ...noStateMs, [kind]: ms });
  }
  return sum;
}
