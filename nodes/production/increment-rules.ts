// How pieces and defects count that come as such, without a counter or beside one: each message once, by its id.
import {
  type CounterLimits,
  type CounterNote,
  type CounterState,
  duplicate,
  gapNote,
  type Judgement,
  judgeCounter,
  noCount,
  nothingCounted,
  retained,
} from './counter-rules.ts';
import { mostIn } from './counter-steps.ts';
import type { MachineReading } from './messages.ts';

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
    isFall: false,
    takesBack: null,
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
  return { ...nothingCounted, defects, state };
}

function withDefects(
  counter: Judgement & { kind: 'counted' },
  reading: MachineReading,
  { lastSourceMs, production: { last: lastProduction } }: CounterState,
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
