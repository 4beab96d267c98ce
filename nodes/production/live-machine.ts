// One machine in memory: its counter as last seen, its totals, and what it counted since the last fold, by minute, shift and order.
import type { ShiftSpan } from './calendar-contract.ts';
import type { CountedMark, MarkLine, Standing } from './counted-marks.ts';
import type { CounterLimits, CounterState } from './counter-rules.ts';
import type { FallWindow } from './fall-window.ts';
import { packMarks, unpackLine } from './mark-rows.ts';
import { RefusalWindow } from './refusal-window.ts';

/** What is known of a machine before its first message of this process. */
export interface MachineStart {
  readonly machine: string;
  /** Of its counter's row. */
  readonly epoch: number;
  readonly limits: CounterLimits;
  readonly state: CounterState;
  readonly arrivedMs: number | null;
  readonly order: string;
  readonly production: number;
  readonly defects: number;
  readonly messages: number;
  readonly duplicates: number;
  readonly late: number;
  /** When it said last how it was; null: never, or since then a last will said that it is gone. */
  readonly heardMs: number | null;
  /** When it was heard again after its last silence. */
  readonly silentUntilMs: number | null;
  /** Its newest marks as text; null before the first. */
  readonly marks: string | null;
}

/** What was counted within one minute of one shift for one order. */
export interface Slice {
  readonly minuteMs: number;
  readonly shift: ShiftSpan;
  readonly order: string;
  production: number;
  /** Of `production`: made while nobody heard the machine. */
  unheard: number;
  defects: number;
  firstMs: number;
  lastMs: number;
}

const minuteMs = 60_000;

export class LiveMachine {
  readonly machine: string;
  epoch: number;
  limits: CounterLimits;
  state: CounterState;
  arrivedMs: number | null;
  order: string;
  production: number;
  defects: number;
  messages: number;
  duplicates: number;
  late: number;
  heardMs: number | null;
  silentUntilMs: number | null;
  /** What was counted, in the order of the source. */
  readonly line: MarkLine;
  readonly falls: FallWindow;
  readonly refusals = new RefusalWindow();
  /** A late reading was placed since the last fold: the next one is probably near it. */
  hadLate = false;
  /** Instants of what was booked without a counter lately, mapped by id. */
  readonly seen = new Map<string, number>();
  slices: Slice[] = [];
  #last: Slice | undefined;

  constructor(start: MachineStart) {
    this.machine = start.machine;
    this.epoch = start.epoch;
    this.limits = start.limits;
    this.arrivedMs = start.arrivedMs;
    this.order = start.order;
    this.production = start.production;
    this.defects = start.defects;
    this.messages = start.messages;
    this.duplicates = start.duplicates;
    this.late = start.late;
    this.heardMs = start.heardMs;
    this.silentUntilMs = start.silentUntilMs;
    const { line, falls } = unpackLine(start.marks, start);
    this.line = line;
    this.falls = falls;
    // What a counter holds besides its last value lies with its newest mark.
    this.state = line.last?.counted.state ?? start.state;
  }

  /** What stands behind its newest reading. */
  get standing(): Standing {
    const { state, order, heardMs, silentUntilMs } = this;
    return { state, order, heardMs, silentUntilMs };
  }

  /** After a late reading has changed what stands behind the newest one. */
  standAt({ state, order, heardMs, silentUntilMs }: Standing): void {
    this.state = state;
    this.order = order;
    if (this.heardMs === null || (heardMs !== null && heardMs > this.heardMs)) this.heardMs = heardMs;
    this.silentUntilMs = silentUntilMs;
  }

  /** The machine said at an instant how it is; a silence is longer than `silenceMs`, as on its timeline. */
  hear(atMs: number, isGone: boolean, silenceMs: number): void {
    const { heardMs } = this;
    if (heardMs !== null && atMs < heardMs) return;
    if (!isGone && (heardMs === null || atMs - heardMs > silenceMs)) this.silentUntilMs = atMs;
    this.heardMs = isGone ? null : atMs;
  }

  /** The newest instant that is known of it; null before its first message. */
  get newestMs(): number | null {
    const { heardMs, state } = this;
    if (heardMs === null || state.lastSourceMs === null) return heardMs ?? state.lastSourceMs;
    return Math.max(heardMs, state.lastSourceMs);
  }

  /** A message of `atMs` is the newest: what was dated later came from a clock that was ahead, and how long ago it was nobody knows. */
  forgetAfter(atMs: number, arrivedMs: number): void {
    const { state, line } = this;
    if (line.last && line.last.shown.atMs >= atMs) line.begin();
    if (state.lastSourceMs !== null && state.lastSourceMs >= atMs)
      this.state = { ...state, lastSourceMs: atMs - 1, lastClockTrusted: false };
    if (this.heardMs !== null && this.heardMs > atMs) this.heardMs = atMs;
    if (this.silentUntilMs !== null && this.silentUntilMs > atMs) this.silentUntilMs = atMs;
    if (this.arrivedMs !== null && this.arrivedMs > arrivedMs) this.arrivedMs = arrivedMs;
  }

  /** Whether the machine was silent for a part of the time from `fromMs` (null: from ever) up to now. */
  wasSilentSince(fromMs: number | null): boolean {
    const { silentUntilMs } = this;
    return silentUntilMs !== null && (fromMs === null || fromMs < silentUntilMs);
  }

  /**
   * Counts at an instant; `shiftAt` is asked only when the instant leaves the minute and shift of the one before.
   * @param isUnheard the pieces were made while nobody heard the machine
   */
  book(
    atMs: number,
    production: number,
    defects: number,
    isUnheard: boolean,
    shiftAt: (atMs: number) => ShiftSpan,
    order = this.order,
  ): Slice {
    const slice = this.#sliceAt(atMs, order, shiftAt);
    slice.production += production;
    if (isUnheard) slice.unheard += production;
    slice.defects += defects;
    if (atMs < slice.firstMs) slice.firstMs = atMs;
    if (atMs > slice.lastMs) slice.lastMs = atMs;
    this.production += production;
    this.defects += defects;
    return slice;
  }

  /** Marks that changed behind the newest ones, as rows: start and text. */
  takeMarkRows(): readonly (readonly [startMs: number, body: string])[] {
    const changed: ReadonlyMap<number, readonly CountedMark[]> = this.line.takeChanged();
    const rows = [...changed].map(([startMs, marks]) => [startMs, packMarks(marks)] as const);
    if (!this.hadLate) this.line.trim();
    this.hadLate = false;
    return rows;
  }

  /** Hands over what was counted since the last time. */
  takeSlices(): Slice[] {
    const { slices } = this;
    this.slices = [];
    this.#last = undefined;
    return slices;
  }

  #sliceAt(atMs: number, order: string, shiftAt: (atMs: number) => ShiftSpan): Slice {
    const last = this.#last;
    if (last && fits(last, atMs, order)) return last;
    let slice = this.slices.find((one) => fits(one, atMs, order));
    if (!slice) {
      const start = Math.floor(atMs / minuteMs) * minuteMs;
      slice = {
        minuteMs: start,
        shift: shiftAt(atMs),
        order,
        production: 0,
        unheard: 0,
        defects: 0,
        firstMs: atMs,
        lastMs: atMs,
      };
      this.slices.push(slice);
    }
    this.#last = slice;
    return slice;
  }
}

function fits(slice: Slice, atMs: number, order: string): boolean {
  const { shift } = slice;
  return (
    atMs >= slice.minuteMs &&
    atMs < slice.minuteMs + minuteMs &&
    atMs >= shift.startMs &&
    atMs < shift.endMs &&
    slice.order === order
  );
}
