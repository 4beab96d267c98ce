// One row of a stop list as a stop of the plant, or why it can't be one.
import type { PlantTime } from '../core/plant-time.ts';
import type { ColumnMapping, PreviewRow, RowFault } from './messages.ts';
import { given } from './row-faults.ts';
import { causeName } from './stop-classes.ts';
import { type DateOrder, instantOf } from './stops/file-dates.ts';
import { minutesTolerance } from './stops/file-judgement.ts';
import type { Column, FileLayout } from './stops/file-layout.ts';
import { type DecimalMark, numberBy } from './stops/file-numbers.ts';

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
};

export type RowReading =
  | { readonly kind: 'stop'; readonly stop: Stop }
  /** Production, no stop. */
  | { readonly kind: 'production' }
  | { readonly kind: 'refused'; readonly faults: readonly RowFault[] };

const dayMs = 24 * 3_600_000;
/** A stop of more than a month is a machine that was taken away, or a typing error. */
const longestStopMs = 31 * dayMs;

/** How the texts of a file are read, once it has been judged. */
export interface RowSettings {
  readonly at: FileLayout['at'];
  readonly dateOrder: DateOrder;
  readonly decimal: DecimalMark;
  readonly plant: PlantTime;
  readonly nowMs: number;
}

export class RowReader {
  readonly #settings: RowSettings;

  constructor(settings: RowSettings) {
    this.#settings = settings;
  }

  read(cells: readonly string[]): RowReading {
    const text = (column: Column) => (cells[this.#settings.at[column]] ?? '').trim();
    const cause = causeName(text('stop_cause'));
    if (cause === '') return { kind: 'production' };
    const faults: RowFault[] = [];
    const machine = text('machine');
    if (machine === '' || machine.length > 100) faults.push({ field: 'machine', code: 'length', least: 1, most: 100 });
    if (cause.length > 200) faults.push({ field: 'stop_cause', code: 'length', least: 1, most: 200 });
    const startMs = this.#instant(text('start'));
    if (startMs === undefined) faults.push({ field: 'start', code: 'no-instant', given: given(text('start')) });
    const told = text('minutes') === '' ? undefined : numberBy(text('minutes'), this.#settings.decimal);
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
    if (startMs !== undefined && endMs !== undefined)
      faults.push(...spanFaults(startMs, endMs, told, this.#settings.nowMs));
    if (faults.length > 0 || startMs === undefined || endMs === undefined) return { kind: 'refused', faults };
    const minutes = Math.round((endMs - startMs) / 600) / 100;
    const stop = { machine, shift: text('shift'), order: text('order'), cause, startMs, endMs, minutes };
    return { kind: 'stop', stop };
  }

  /** A stop as it is read, whether or not it can be one; undefined for a row of production. */
  shown(cells: readonly string[]): Omit<PreviewRow, 'line'> | undefined {
    const text = (column: Column) => (cells[this.#settings.at[column]] ?? '').trim();
    const cause = causeName(text('stop_cause'));
    if (cause === '') return undefined;
    const minutes = text('minutes') === '' ? Number.NaN : numberBy(text('minutes'), this.#settings.decimal);
    const startMs = this.#instant(text('start'));
    const toldEndMs = text('end') === '' ? undefined : this.#instant(text('end'));
    const endMs =
      toldEndMs ?? (startMs === undefined || Number.isNaN(minutes) ? undefined : startMs + minutes * 60_000);
    const iso = (atMs: number | undefined) => (atMs === undefined ? null : new Date(atMs).toISOString());
    return {
      machine: text('machine'),
      cause,
      start: iso(startMs),
      end: iso(endMs),
      minutes: Number.isNaN(minutes) ? null : minutes,
    };
  }

  /** In the plant's zone where none is written. */
  #instant(text: string): number | undefined {
    const { dateOrder, plant } = this.#settings;
    return instantOf(text, dateOrder, plant);
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
