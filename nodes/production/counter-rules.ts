// How a reading moves a machine's counts: the rules that tell a reset, a roll-over, a duplicate, a late message and a gap apart.
import type { MachineReading } from './messages.ts';

/** What is known of one machine's counter. */
export interface CounterState {
  readonly lastProduction: number | null;
  readonly lastDefects: number | null;
  /** Instant of the last reading that counted; null before the first. */
  readonly lastSourceMs: number | null;
  readonly lastClockTrusted: boolean;
  readonly lastSequence: number | null;
}

export const noCounterState: CounterState = {
  lastProduction: null,
  lastDefects: null,
  lastSourceMs: null,
  lastClockTrusted: false,
  lastSequence: null,
};

export interface CounterLimits {
  /** The counter returns to 0 when it would reach this; null: it never rolls over. */
  readonly modulus: number | null;
  /** Pieces per hour that can't be exceeded; null where any jump is believed. */
  readonly maxPerHour: number | null;
  /** Silence longer than this between two counts is worth an event. */
  readonly gapMs: number;
  /** Whether the very first reading counts from 0 instead of being the baseline. */
  readonly countFirst: boolean;
  /** Whether a counter that was reset brings what it shows now. */
  readonly countAfterReset: boolean;
}

export type CounterEventType =
  | 'baseline'
  | 'counter-reset'
  | 'counter-rollover'
  | 'gap'
  | 'defects-exceed-production'
  | 'clock-doubted';

export interface CounterNote {
  readonly type: CounterEventType;
  readonly detail: Readonly<Record<string, unknown>>;
}

export type Judgement =
  | {
      readonly kind: 'counted';
      readonly production: number;
      readonly defects: number;
      readonly state: CounterState;
      /** Start of what was counted, for a delta that spans a shift's border; null where it is one instant. */
      readonly fromMs: number | null;
      readonly notes: readonly CounterNote[];
    }
  /** Nothing to count: no counts in it, or not news. */
  | { readonly kind: 'duplicate' | 'late' | 'retained' | 'no-count' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

const noNotes: readonly CounterNote[] = [];
const duplicate: Judgement = { kind: 'duplicate' };
const late: Judgement = { kind: 'late' };
const retained: Judgement = { kind: 'retained' };
const noCount: Judgement = { kind: 'no-count' };
const perhapsDuplicate: Judgement = {
  kind: 'refused',
  code: 'perhaps-duplicate',
  message:
    'the broker sends it again, and without message_id, sequence or timestamp nobody can tell whether it was counted',
};
export const beyondWindow: Judgement = {
  kind: 'refused',
  code: 'beyond-dedupe-window',
  message: 'it is older than the time for which second deliveries are recognised',
};

/** Clocks and counters are read at different moments: this much more time is granted to every delta. */
const slackMs = 2_000;
/** A sequence this far behind the last one is an older message; further behind, the source has begun anew. */
const sequenceWindow = 1_000;
/** The top tenth of a counter's range: from there a smaller value is a roll-over, if the way around is short enough. */
const rolloverMargin = 0.1;

/** The most that can have been made in `elapsedMs`; undefined when nobody has set a limit. */
export function mostIn(elapsedMs: number, maxPerHour: number | null): number | undefined {
  return maxPerHour === null ? undefined : Math.ceil(((Math.max(0, elapsedMs) + slackMs) * maxPerHour) / 3_600_000);
}

/** Judges a reading that carries the source's own counter. */
export function judgeCounter(reading: MachineReading, state: CounterState, limits: CounterLimits): Judgement {
  const { cumulativeProduction: production, cumulativeDefects: defects } = reading;
  if (production === null && defects === null) return noCount;
  if (reading.retained) return retained;
  const { modulus } = limits;
  if (modulus !== null && Math.max(production ?? 0, defects ?? 0) >= modulus) {
    return { kind: 'refused', code: 'beyond-modulus', message: `the counter can't show more than ${modulus - 1}` };
  }
  // A counter that rolls over shows less than its defects for a while; without a modulus that is impossible.
  if (modulus === null && production !== null && defects !== null && defects > production) {
    return {
      kind: 'refused',
      code: 'defects-exceed-production',
      message: `cumulative_defects ${defects} is more than cumulative_production ${production}`,
    };
  }
  if (state.lastSourceMs === null) return first(reading, limits);
  const age = ageOf(reading, state, state.lastSourceMs);
  if (age !== 'newer') return age === 'late' ? late : duplicate;
  const elapsedMs = reading.sourceMs - state.lastSourceMs;
  // Without clocks, what a broker kept for an hour arrives within a moment: then a message may bring as much as a gap hides.
  const possibleMs = reading.clockTrusted && state.lastClockTrusted ? elapsedMs : Math.max(elapsedMs, limits.gapMs);
  const made = deltaOf(production, state.lastProduction, possibleMs, limits);
  const spoilt = deltaOf(defects, state.lastDefects, possibleMs, limits);
  for (const [what, step] of [
    ['production', made],
    ['defects', spoilt],
  ] as const) {
    if (step.kind === 'absurd') {
      return {
        kind: 'refused',
        code: 'absurd-jump',
        message: `${what} went from ${step.from} to ${step.to} in ${Math.round(elapsedMs / 1000)} s; at most ${step.most} pieces are possible`,
      };
    }
  }
  return {
    kind: 'counted',
    production: made.pieces,
    defects: spoilt.pieces,
    state: stateAfter(reading, state),
    fromMs: state.lastSourceMs,
    notes: notesOf(reading, state, elapsedMs, made, spoilt, limits),
  };
}

/** Judges a reading of a source without a counter; the caller has looked for its id among those that were booked. */
export function judgeIncrement(
  reading: MachineReading,
  state: CounterState,
  limits: CounterLimits,
  isKnown: boolean,
): Judgement {
  const production = reading.intervalProduction ?? reading.pulses;
  const defects = reading.intervalDefects;
  if (production === null && defects === null) return noCount;
  if (reading.retained) return retained;
  if (isKnown) return duplicate;
  if (isPerhapsDuplicate(reading)) return perhapsDuplicate;
  const isLate = state.lastSourceMs !== null && reading.sourceMs < state.lastSourceMs;
  const elapsedMs =
    state.lastSourceMs === null || isLate ? Number.POSITIVE_INFINITY : reading.sourceMs - state.lastSourceMs;
  const most = Number.isFinite(elapsedMs) ? mostIn(Math.max(elapsedMs, limits.gapMs), limits.maxPerHour) : undefined;
  if (most !== undefined && (production ?? 0) > most) {
    return {
      kind: 'refused',
      code: 'absurd-jump',
      message: `${production} pieces at once; at most ${most} are possible`,
    };
  }
  const notes: CounterNote[] = [];
  if (Number.isFinite(elapsedMs) && elapsedMs > limits.gapMs)
    notes.push(gapNote(state.lastSourceMs ?? 0, reading.sourceMs));
  return {
    kind: 'counted',
    production: production ?? 0,
    defects: defects ?? 0,
    state: isLate
      ? state
      : {
          ...state,
          lastSourceMs: reading.sourceMs,
          lastClockTrusted: reading.clockTrusted,
          lastSequence: reading.sequence,
        },
    fromMs: null,
    notes,
  };
}

/** Whether pieces or defects come as such, so that only the message's id tells a second delivery; a counter makes that needless. */
export function hasIncrement(reading: MachineReading): boolean {
  const { cumulativeProduction, cumulativeDefects, intervalProduction, intervalDefects, pulses } = reading;
  if (cumulativeProduction !== null) return hasDefectsBeside(reading);
  return intervalProduction !== null || pulses !== null || (cumulativeDefects === null && intervalDefects !== null);
}

/** Whether defects come as such beside a counter of pieces; none of them need no id. */
export function hasDefectsBeside(reading: MachineReading): boolean {
  const { cumulativeProduction, cumulativeDefects, intervalDefects } = reading;
  return cumulativeProduction !== null && cumulativeDefects === null && intervalDefects !== null && intervalDefects > 0;
}

/** Judges a reading that counts its pieces and sends its defects as such. @param isOld second deliveries of it are not recognised any more */
export function judgeDefectsBeside(
  reading: MachineReading,
  state: CounterState,
  limits: CounterLimits,
  isKnown: boolean,
  isOld: boolean,
): Judgement {
  const counter = judgeCounter(reading, state, limits);
  if (counter.kind === 'retained' || counter.kind === 'refused') return counter;
  if (isKnown) return counter;
  const defects = reading.intervalDefects ?? 0;
  // A counter that moves on is of a message that never came before; one that says nothing new may be of a late one.
  if (counter.kind === 'counted') return withDefects(counter, reading, state, limits, defects);
  if (isOld) return beyondWindow;
  if (isPerhapsDuplicate(reading)) return perhapsDuplicate;
  return { kind: 'counted', production: 0, defects, state, fromMs: null, notes: noNotes };
}

function withDefects(
  counter: Judgement & { kind: 'counted' },
  reading: MachineReading,
  { lastSourceMs, lastProduction }: CounterState,
  { gapMs, maxPerHour }: CounterLimits,
  defects: number,
): Judgement {
  const most = lastSourceMs === null ? undefined : mostIn(Math.max(reading.sourceMs - lastSourceMs, gapMs), maxPerHour);
  if (most !== undefined && defects > most) {
    return {
      kind: 'refused',
      code: 'absurd-jump',
      message: `${defects} defects at once; at most ${most} are possible`,
    };
  }
  const { production, notes } = counter;
  const isOdd = lastProduction !== null && defects > production;
  const odd: CounterNote = { type: 'defects-exceed-production', detail: { production, defects } };
  return { ...counter, defects, notes: isOdd ? [...notes, odd] : notes };
}

/** Judges a reading that counts its defects and sends its pieces as such. */
export function judgeMixed(
  reading: MachineReading,
  state: CounterState,
  limits: CounterLimits,
  isKnown: boolean,
): Judgement {
  const pieces = judgeIncrement({ ...reading, intervalDefects: null }, state, limits, isKnown);
  if (pieces.kind !== 'counted') return pieces;
  const counter = judgeCounter(reading, state, limits);
  if (counter.kind === 'refused') return counter;
  // A late or repeated counter says nothing new; the pieces of its message were not counted yet.
  return counter.kind === 'counted' ? { ...counter, production: pieces.production, fromMs: null } : pieces;
}

/** What identifies a message whose pieces or defects come as such; null: nothing does. */
export function incrementIdOf(reading: MachineReading): string | null {
  if (reading.messageId !== null) return `m${reading.messageId}`;
  // Two messages of one instant, as a coarse clock gives them, differ in what their counter shows.
  const shown = reading.cumulativeProduction === null ? '' : `#${reading.cumulativeProduction}`;
  // A sequence begins anew with its source; beside the clock it identifies a message for good.
  if (reading.clockTrusted)
    return `t${reading.sourceMs}${reading.sequence === null ? '' : `/${reading.sequence}`}${shown}`;
  return reading.sequence === null ? null : `s${reading.sequence}${shown}`;
}

function isPerhapsDuplicate(reading: MachineReading): boolean {
  return reading.redelivered === true && incrementIdOf(reading) === null;
}

type Step =
  | { readonly kind: 'none' | 'forward' | 'rollover' | 'reset' | 'baseline'; readonly pieces: number }
  | { readonly kind: 'absurd'; readonly pieces: 0; readonly from: number; readonly to: number; readonly most: number };

const noStep: Step = { kind: 'none', pieces: 0 };

function deltaOf(raw: number | null, last: number | null, elapsedMs: number, limits: CounterLimits): Step {
  if (raw === null) return noStep;
  if (last === null) return { kind: 'baseline', pieces: 0 };
  const most = mostIn(elapsedMs, limits.maxPerHour);
  const believed = (kind: 'forward' | 'rollover' | 'reset', pieces: number): Step =>
    most !== undefined && pieces > most ? { kind: 'absurd', pieces: 0, from: last, to: raw, most } : { kind, pieces };
  if (raw >= last) return believed('forward', raw - last);
  const { modulus } = limits;
  if (modulus !== null && last >= modulus * (1 - rolloverMargin)) {
    const around = modulus - last + raw;
    if (around <= (most ?? modulus * rolloverMargin)) return { kind: 'rollover', pieces: around };
  }
  return limits.countAfterReset ? believed('reset', raw) : { kind: 'reset', pieces: 0 };
}

function first(reading: MachineReading, limits: CounterLimits): Judgement {
  const { cumulativeProduction: production, cumulativeDefects: defects } = reading;
  return {
    kind: 'counted',
    production: limits.countFirst ? (production ?? 0) : 0,
    defects: limits.countFirst ? (defects ?? 0) : 0,
    state: stateAfter(reading, noCounterState),
    fromMs: null,
    notes: [{ type: 'baseline', detail: { production, defects } }],
  };
}

function stateAfter(reading: MachineReading, state: CounterState): CounterState {
  return {
    lastProduction: reading.cumulativeProduction ?? state.lastProduction,
    lastDefects: reading.cumulativeDefects ?? state.lastDefects,
    lastSourceMs: reading.sourceMs,
    lastClockTrusted: reading.clockTrusted,
    lastSequence: reading.sequence,
  };
}

/** Where both clocks are believed, time decides, then the sequence; else the sequence, then the values. */
function ageOf(reading: MachineReading, state: CounterState, lastMs: number): 'newer' | 'late' | 'duplicate' {
  const { sequence } = reading;
  const { lastSequence } = state;
  if (reading.clockTrusted && state.lastClockTrusted) {
    if (reading.sourceMs !== lastMs) return reading.sourceMs < lastMs ? 'late' : 'newer';
    if (sequence !== null && lastSequence !== null && sequence !== lastSequence)
      return sequence < lastSequence ? 'late' : 'newer';
    return ageByValue(reading, state);
  }
  if (sequence !== null && lastSequence !== null) {
    if (sequence === lastSequence) return 'duplicate';
    if (sequence < lastSequence && lastSequence - sequence <= sequenceWindow) return 'late';
    return 'newer';
  }
  // A believed clock behind a doubted one: the arrival that stood in for it was later than its message.
  if (reading.sourceMs < lastMs) return ageByValue(reading, state) === 'duplicate' ? 'duplicate' : 'late';
  return reading.redelivered === true ? ageByValue(reading, state) : 'newer';
}

/** Two readings of one instant, such as two within a second of a coarse clock: more is newer, less is older. */
function ageByValue(reading: MachineReading, state: CounterState): 'newer' | 'late' | 'duplicate' {
  const made = (reading.cumulativeProduction ?? state.lastProduction ?? 0) - (state.lastProduction ?? 0);
  const spoilt = (reading.cumulativeDefects ?? state.lastDefects ?? 0) - (state.lastDefects ?? 0);
  if (made === 0 && spoilt === 0) return 'duplicate';
  return made < 0 || spoilt < 0 ? 'late' : 'newer';
}

function notesOf(
  reading: MachineReading,
  state: CounterState,
  elapsedMs: number,
  made: Step,
  spoilt: Step,
  limits: CounterLimits,
): readonly CounterNote[] {
  const moved = made.kind === 'forward' || made.kind === 'none';
  const spoiltMoved = spoilt.kind === 'forward' || spoilt.kind === 'none';
  const isGap = elapsedMs > limits.gapMs;
  const isDoubted = !reading.clockTrusted && state.lastClockTrusted;
  const isOdd = made.kind !== 'none' && spoilt.pieces > made.pieces;
  if (moved && spoiltMoved && !isGap && !isDoubted && !isOdd) return noNotes;
  const notes: CounterNote[] = [];
  if (isGap) notes.push(gapNote(state.lastSourceMs ?? 0, reading.sourceMs));
  if (isDoubted) notes.push({ type: 'clock-doubted', detail: { arrived: new Date(reading.arrivedMs).toISOString() } });
  const values = {
    production: { from: state.lastProduction, to: reading.cumulativeProduction, counted: made.pieces },
    defects: { from: state.lastDefects, to: reading.cumulativeDefects, counted: spoilt.pieces },
  };
  if (made.kind === 'reset' || spoilt.kind === 'reset') notes.push({ type: 'counter-reset', detail: values });
  if (made.kind === 'rollover' || spoilt.kind === 'rollover') notes.push({ type: 'counter-rollover', detail: values });
  if (made.kind === 'baseline' || spoilt.kind === 'baseline') notes.push({ type: 'baseline', detail: values });
  if (isOdd) notes.push({ type: 'defects-exceed-production', detail: values });
  return notes;
}

function gapNote(fromMs: number, toMs: number): CounterNote {
  return { type: 'gap', detail: { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() } };
}
