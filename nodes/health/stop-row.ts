// One row of a stop list as a stop of the plant, or why it can't be one.
import { type PlantTime, parseInstant } from '../core/plant-time.ts';
import type { ColumnMapping } from './messages.ts';
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
  | { readonly kind: 'refused'; readonly reason: string };

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

  /** Throws an Error that names the columns which `header` lacks. */
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
      throw new Error(`The file has no column ${wanted}. Its columns are: ${header.join(', ')}.`);
    }
    if (this.#at.end === -1 && this.#at.minutes === -1) {
      throw new Error(`The file has neither a column "${mapping.end}" (end) nor "${mapping.minutes}" (minutes).`);
    }
    this.#mapping = mapping;
    this.#plant = plant;
    this.#nowMs = nowMs;
  }

  read(cells: readonly string[]): RowReading {
    const text = (column: Column) => (cells[this.#at[column]] ?? '').trim();
    const cause = causeName(text('stop_cause'));
    if (cause === '') return { kind: 'production' };
    const faults: string[] = [];
    const machine = text('machine');
    if (machine === '' || machine.length > 100) faults.push('machine: must have 1 to 100 characters');
    if (cause.length > 200) faults.push('stop_cause: must have at most 200 characters');
    const startMs = this.#instant(text('start'));
    if (startMs === undefined) faults.push(`start: "${text('start')}" is no date and time`);
    const given = text('minutes') === '' ? undefined : numberOf(text('minutes'));
    if (given !== undefined && !(given >= 0)) faults.push(`minutes: "${text('minutes')}" is no number of minutes`);
    const endText = text('end');
    const endMs =
      endText !== ''
        ? this.#instant(endText)
        : startMs !== undefined && given !== undefined
          ? startMs + given * 60_000
          : undefined;
    if (endMs === undefined) faults.push(`end: "${endText}" is no date and time`);
    if (startMs !== undefined && endMs !== undefined) faults.push(...spanFaults(startMs, endMs, given, this.#nowMs));
    if (faults.length > 0 || startMs === undefined || endMs === undefined) {
      return { kind: 'refused', reason: faults.join('; ') };
    }
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

function spanFaults(startMs: number, endMs: number, minutes: number | undefined, nowMs: number): string[] {
  const spanMs = endMs - startMs;
  if (spanMs <= 0) return ['end: must be after start'];
  if (spanMs > longestStopMs) return ['end: more than 31 days after start'];
  if (endMs > nowMs + dayMs) return ['end: lies in the future'];
  const differs = minutes !== undefined && Math.abs(minutes - spanMs / 60_000) > minutesTolerance;
  return differs ? [`minutes: ${minutes} is not the time from start to end (${Math.round(spanMs / 60_000)})`] : [];
}

/** A number with a decimal point or comma; NaN for anything else. */
function numberOf(text: string): number {
  return /^\d+([.,]\d+)?$/.test(text) ? Number(text.replace(',', '.')) : Number.NaN;
}
