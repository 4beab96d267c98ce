// How a reading moves a machine's counters: the rules that tell a duplicate, a late message, a gap and a step of either counter apart.
import {
  type Ambiguity,
  type Beside,
  type CounterLevel,
  noLevel,
  type Step,
  type StepLimits,
  stepOf,
  type Valley,
} from './counter-steps.ts';
import type { MachineReading } from './messages.ts';

/** What is known of one machine's counters, in the order of its source. */
export interface CounterState {
  readonly production: CounterLevel;
  readonly defects: CounterLevel;
  /** Instant of the last reading that counted; null before the first. */
  readonly lastSourceMs: number | null;
  readonly lastClockTrusted: boolean;
  readonly lastSequence: number | null;
}

export const noCounterState: CounterState = {
  production: noLevel,
  defects: noLevel,
  lastSourceMs: null,
  lastClockTrusted: false,
  lastSequence: null,
};

export interface CounterLimits extends StepLimits {
  /** Silence longer than this between two counts is worth an event. */
  readonly gapMs: number;
  /** Whether the very first reading counts from 0 instead of being the baseline. */
  readonly countFirst: boolean;
}

export type CounterEventType =
  | 'baseline'
  | 'counter-reset'
  | 'counter-rollover'
  | 'counter-step-back'
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
      /** A counter shows less than before, and has not rolled over. */
      readonly isFall: boolean;
      /** An old value returned: what was counted since then was none. */
      readonly takesBack: TakenBack | null;
    }
  /** Nothing to count: no counts in it, or not news. */
  | { readonly kind: 'duplicate' | 'late' | 'retained' | 'no-count' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

export interface TakenBack {
  readonly production: Valley | null;
  readonly defects: Valley | null;
}

/** What a message shows of its counters. */
export type ShownCounts = Pick<
  MachineReading,
  'cumulativeProduction' | 'cumulativeDefects' | 'sourceMs' | 'clockTrusted' | 'arrivedMs' | 'sequence'
>;

const noNotes: readonly CounterNote[] = [];
export const duplicate: Judgement = { kind: 'duplicate' };
const late: Judgement = { kind: 'late' };
export const retained: Judgement = { kind: 'retained' };
export const noCount: Judgement = { kind: 'no-count' };

/** From so many defects on, losing more than half of them is no correction. */
const fewDefects = 3;
/** A sequence this far behind the last one is an older message; further behind, the source has begun anew. */
const sequenceWindow = 1_000;
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
  return stepCounters(reading, state, limits);
}

/** What a reading counts that comes behind the last one, in the order of its source. */
export function stepCounters(reading: ShownCounts, state: CounterState, limits: CounterLimits): Judgement {
  const { lastSourceMs: lastMs } = state;
  if (lastMs === null) return first(reading, limits);
  const { cumulativeProduction: production, cumulativeDefects: defects, sourceMs: atMs } = reading;
  const elapsedMs = atMs - lastMs;
  const isClocked = reading.clockTrusted && state.lastClockTrusted;
  // Without clocks, what a broker kept for an hour arrives within a moment: then a message may bring as much as a gap hides.
  const time = { atMs, lastMs, possibleMs: isClocked ? elapsedMs : Math.max(elapsedMs, limits.gapMs), isClocked };
  const made = stepOf(production, state.production, time, limits, defectsBeside(defects, state.defects), null);
  const spoilt = stepOf(
    defects,
    state.defects,
    time,
    limits,
    productionBeside(made),
    production === null ? [] : made.level.valleys,
  );
  if (made.kind === 'absurd' || spoilt.kind === 'absurd') return absurdJump(made, spoilt, elapsedMs);
  const hasReturned = made.kind === 'returned' || spoilt.kind === 'returned';
  return {
    kind: 'counted',
    production: made.pieces,
    defects: spoilt.pieces,
    state: {
      production: made.level,
      defects: spoilt.level,
      lastSourceMs: atMs,
      lastClockTrusted: reading.clockTrusted,
      lastSequence: reading.sequence,
    },
    fromMs: lastMs,
    notes: notesOf(reading, state, elapsedMs, made, spoilt, limits),
    isFall: made.isFall || spoilt.isFall,
    takesBack: hasReturned
      ? {
          production: made.kind === 'returned' ? made.valley : null,
          defects: spoilt.kind === 'returned' ? spoilt.valley : null,
        }
      : null,
  };
}

function absurdJump(made: Step, spoilt: Step, elapsedMs: number): Judgement {
  const [what, step] = made.kind === 'absurd' ? ['production', made] : ['defects', spoilt];
  const { from, to, most } = step.kind === 'absurd' ? step : { from: 0, to: 0, most: 0 };
  return {
    kind: 'refused',
    code: 'absurd-jump',
    message: `${what} went from ${from} to ${to} in ${Math.round(elapsedMs / 1000)} s; at most ${most} pieces are possible`,
  };
}

/** A PLC that is switched off and on forgets both of its counters. */
function defectsBeside(defects: number | null, { last }: CounterLevel): Beside {
  return defects !== null && last !== null && last >= fewDefects && defects * 2 < last ? 'falls' : 'unknown';
}

function productionBeside(made: Step): Beside {
  if (made.kind === 'forward' && made.pieces > 0) return 'advances';
  if (made.kind === 'reset') return 'falls';
  return made.kind === 'returned' ? 'returns' : 'unknown';
}

export const nothingCounted = {
  kind: 'counted',
  production: 0,
  fromMs: null,
  notes: noNotes,
  isFall: false,
  takesBack: null,
} as const;

function first(reading: ShownCounts, limits: CounterLimits): Judgement {
  const { cumulativeProduction: production, cumulativeDefects: defects } = reading;
  return {
    ...nothingCounted,
    production: limits.countFirst ? (production ?? 0) : 0,
    defects: limits.countFirst ? (defects ?? 0) : 0,
    state: {
      production: { ...noLevel, last: production },
      defects: { ...noLevel, last: defects },
      lastSourceMs: reading.sourceMs,
      lastClockTrusted: reading.clockTrusted,
      lastSequence: reading.sequence,
    },
    notes: [{ type: 'baseline', detail: { production, defects } }],
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
  const { production, defects } = state;
  const made = (reading.cumulativeProduction ?? production.last ?? 0) - (production.last ?? 0);
  const spoilt = (reading.cumulativeDefects ?? defects.last ?? 0) - (defects.last ?? 0);
  if (made === 0 && spoilt === 0) return 'duplicate';
  return made < 0 || spoilt < 0 ? 'late' : 'newer';
}

function notesOf(
  reading: ShownCounts,
  state: CounterState,
  elapsedMs: number,
  made: Step,
  spoilt: Step,
  limits: CounterLimits,
): readonly CounterNote[] {
  const isGap = elapsedMs > limits.gapMs;
  const isDoubted = !reading.clockTrusted && state.lastClockTrusted;
  const isOdd = made.kind !== 'none' && spoilt.pieces > made.pieces;
  if (isPlain(made) && isPlain(spoilt) && !isGap && !isDoubted && !isOdd) return noNotes;
  const notes: CounterNote[] = [];
  if (isGap) notes.push(gapNote(state.lastSourceMs ?? 0, reading.sourceMs));
  if (isDoubted) notes.push({ type: 'clock-doubted', detail: { arrived: new Date(reading.arrivedMs).toISOString() } });
  const values = {
    production: { from: state.production.last, to: reading.cumulativeProduction, counted: made.pieces },
    defects: { from: state.defects.last, to: reading.cumulativeDefects, counted: spoilt.pieces },
  };
  const isOne = (kind: Step['kind']) => made.kind === kind || spoilt.kind === kind;
  const ambiguous = ambiguityOf(made) ?? ambiguityOf(spoilt);
  const detail = ambiguous ? { ...values, ambiguous } : values;
  if (isOne('reset')) notes.push({ type: 'counter-reset', detail });
  if (isOne('rollover')) notes.push({ type: 'counter-rollover', detail });
  if (isOne('baseline')) notes.push({ type: 'baseline', detail: values });
  if (isStepBack(made) || isStepBack(spoilt)) notes.push({ type: 'counter-step-back', detail: values });
  if (isOdd) notes.push({ type: 'defects-exceed-production', detail: values });
  return notes;
}

function isPlain({ kind, isFall }: Step): boolean {
  return kind === 'forward' || kind === 'none' || (kind === 'held' && !isFall);
}

function isStepBack({ kind, isFall }: Step): boolean {
  return kind === 'held' && isFall;
}

function ambiguityOf(step: Step): Ambiguity | null {
  return step.kind === 'reset' || step.kind === 'rollover' ? step.ambiguity : null;
}

export function gapNote(fromMs: number, toMs: number): CounterNote {
  return { type: 'gap', detail: { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() } };
}
