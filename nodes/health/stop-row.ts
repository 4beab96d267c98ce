// One row of a stop list as a stop of the plant, or why it can't be one.
import { type PlantTime, parseInstant } from '../core/plant-time.ts';
import type { ColumnMapping, RowFault } from './messages.ts';
import { given, UnreadableFile } from './row-faults.ts';
import { causeName } from './stop-classes.ts';

export interface Stop {
  readonly machine: string;
  readonly shift: string;
  readonly order: string;
  readonly cause: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly minutes: number;
}

/** The shape of the plant's own export. */
export const plantColumns: ColumnMapping = {
  machine: 'machine',
  shift: 'shift',
  order: 'order',
  start: 'start',
  end: 'end',
  minutes: 'minutes',
  stop_cause: 'stop_cause',
  date_order: 'dmy',
};

export type RowReading =
  | { readonly kind: 'stop'; readonly stop: Stop }
  /** Production, no stop. */
  | { readonly kind: 'production' }
  | { readonly kind: 'refused'; readonly faults: readonly RowFault[] };

const dayMs = 24 * 3_600_000;
/** A stop of more than a month is a machine that was taken away, or a typing error. */
const longestStopMs = 31 * dayMs;
/** Rounding to whole minutes at both ends. */
const minutesTolerance = 1.5;
/** Dates that Excel writes as numbers of days: 1990 to 2100. */
const serialFrom = 32_874;
const serialTo = 73_415;
/** Day 0 of Excel's 1900 system, its leap year that never was included. */
const serialEpoch = Date.UTC(1899, 11, 30);

type Column = Exclude<keyof ColumnMapping, 'date_order'>;

export class RowReader {
  /** Positions mapped by column. */
  readonly #at: Readonly<Record<Column, number>>;
  readonly #mapping: ColumnMapping;
  readonly #plant: PlantTime;
  readonly #nowMs: number;

  /** Throws UnreadableFile that names the columns which `header` lacks. */
  constructor(header: readonly string[], mapping: ColumnMapping, plant: PlantTime, nowMs: number) {
    const names = header.map((name) => name.trim().toLowerCase());
    const position = (column: string) => names.indexOf(column.trim().toLowerCase());
    this.#at = {
      machine: position(mapping.machine),
      shift: position(mapping.shift),
      order: position(mapping.order),
      start: position(mapping.start),
      end: position(mapping.end),
      minutes: position(mapping.minutes),
      stop_cause: position(mapping.stop_cause),
    };
    const missing = (['machine', 'start', 'stop_cause'] as const).filter((column) => this.#at[column] === -1);
    if (missing.length > 0) {
      const wanted = missing.map((column) => `"${mapping[column]}" (${column})`).join(', ');
      throw new UnreadableFile({ code: 'no-column', wanted, has: header.join(', ') });
    }
    if (this.#at.end === -1 && this.#at.minutes === -1) {
      const wanted = `"${mapping.end}" (end) nor "${mapping.minutes}" (minutes)`;
      throw new UnreadableFile({ code: 'no-end', wanted, has: header.join(', ') });
    }
    this.#mapping = mapping;
    this.#plant = plant;
    this.#nowMs = nowMs;
  }

  read(cells: readonly string[]): RowReading {
    const text = (column: Column) => (cells[this.#at[column]] ?? '').trim();
    const cause = causeName(text('stop_cause'));
    if (cause === '') return { kind: 'production' };
    const faults: RowFault[] = [];
    const machine = text('machine');
    if (machine === '' || machine.length > 100) faults.push({ field: 'machine', code: 'length', least: 1, most: 100 });
    if (cause.length > 200) faults.push({ field: 'stop_cause', code: 'length', least: 1, most: 200 });
    const startMs = this.#instant(text('start'));
    if (startMs === undefined) faults.push({ field: 'start', code: 'no-instant', given: given(text('start')) });
    const told = text('minutes') === '' ? undefined : numberOf(text('minutes'));
    if (told !== undefined && !(told >= 0)) {
      faults.push({ field: 'minutes', code: 'no-minutes', given: given(text('minutes')) });
    }
    const endText = text('end');
    const endMs =
      endText !== ''
        ? this.#instant(endText)
        : startMs !== undefined && told !== undefined
          ? startMs + told * 60_000
          : undefined;
    if (endMs === undefined) faults.push({ field: 'end', code: 'no-instant', given: given(endText) });
    if (startMs !== undefined && endMs !== undefined) faults.push(...spanFaults(startMs, endMs, told, this.#nowMs));
    if (faults.length > 0 || startMs === undefined || endMs === undefined) return { kind: 'refused', faults };
    const minutes = Math.round((endMs - startMs) / 600) / 100;
    const stop = { machine, shift: text('shift'), order: text('order'), cause, startMs, endMs, minutes };
    return { kind: 'stop', stop };
  }

  /** ISO, `31/12/2025 14:05`, or a number of Excel; in the plant's zone where none is written. */
  #instant(text: string): number | undefined {
    const iso = parseInstant(text, this.#plant);
    if (iso !== undefined) return iso;
    const serial = numberOf(text);
    if (serial >= serialFrom && serial <= serialTo) {
      // Excel keeps a second as a fraction that is not exact.
      const wall = new Date(serialEpoch + Math.round(serial * 86_400) * 1_000);
      return this.#plant.instantMs({
        year: wall.getUTCFullYear(),
        month: wall.getUTCMonth() + 1,
        day: wall.getUTCDate(),
        hour: wall.getUTCHours(),
        minute: wall.getUTCMinutes(),
        second: wall.getUTCSeconds(),
      });
    }
    const match = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?)?$/.exec(text);
    if (!match) return undefined;
    const [, first = '', second = '', year = '', hour = '0', minute = '0', seconds = '0'] = match;
    const [day, month] = this.#mapping.date_order === 'dmy' ? [first, second] : [second, first];
    const two = (part: string) => part.padStart(2, '0');
    return parseInstant(`${year}-${two(month)}-${two(day)}T${two(hour)}:${minute}:${two(seconds)}`, this.#plant);
  }
}

function spanFaults(startMs: number, endMs: number, minutes: number | undefined, nowMs: number): RowFault[] {
  const spanMs = endMs - startMs;
  if (spanMs <= 0) return [{ field: 'end', code: 'before-start' }];
  if (spanMs > longestStopMs) return [{ field: 'end', code: 'too-long', days: longestStopMs / dayMs }];
  if (endMs > nowMs + dayMs) return [{ field: 'end', code: 'future' }];
  const differs = minutes !== undefined && Math.abs(minutes - spanMs / 60_000) > minutesTolerance;
  const span = Math.round(spanMs / 60_000);
  return differs ? [{ field: 'minutes', code: 'minutes-differ', given: minutes, span }] : [];
}

/** A number with a decimal point or comma; NaN for anything else. */
function numberOf(text: string): number {
  return /^\d+([.,]\d+)?$/.test(text) ? Number(text.replace(',', '.')) : Number.NaN;
}
