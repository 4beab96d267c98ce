// OEE by ISO 22400-2: availability = APT/PBT, effectiveness = ideal time x PQ / APT, quality = GQ/PQ, and the losses between them.
import type { Oee, Ratio, TimeSplit } from './messages.ts';

/** Milliseconds of planned busy time by what the machine did; what is missing to `busyMs` nobody knows. */
export interface StateMs {
  readonly runningMs: number;
  /** Stops without a planned reason. */
  readonly unplannedMs: number;
  /** Stops inside a shift whose reason is planned. */
  readonly plannedMs: number;
}

export const noStateMs: StateMs = { runningMs: 0, unplannedMs: 0, plannedMs: 0 };

export interface OeeBasis extends StateMs {
  readonly totalMs: number;
  /** Shift time without breaks. */
  readonly busyMs: number;
  readonly production: number;
  readonly defects: number;
  /** Of `production`: made while nobody heard the machine, so in none of the times above. */
  readonly unheard: number;
  readonly idealPerHour: number | null;
}

const hourMs = 3_600_000;

export function addStateMs(left: StateMs, right: StateMs): StateMs {
  return {
    runningMs: left.runningMs + right.runningMs,
    unplannedMs: left.unplannedMs + right.unplannedMs,
    plannedMs: left.plannedMs + right.plannedMs,
  };
}

/** The four parts sum to `totalMs`; a calendar that was changed afterwards never makes one negative. */
export function timeSplitOf(basis: Omit<OeeBasis, 'production' | 'defects' | 'unheard' | 'idealPerHour'>): TimeSplit {
  const { totalMs, busyMs, runningMs, unplannedMs, plannedMs } = basis;
  const unknownMs = Math.max(0, busyMs - runningMs - unplannedMs - plannedMs);
  return {
    totalMs,
    plannedStopMs: totalMs - runningMs - unplannedMs - unknownMs,
    runningMs,
    unplannedStopMs: unplannedMs,
    unknownMs,
  };
}

/**
 * Actual production time over planned busy time. Time of which nobody knows anything is left out of both: it is neither up
 * nor down. So are the pieces that were made in it: effectiveness sets pieces against the time in which they were made, and a
 * counter that is heard again after days brings theirs at once. Quality needs no time, and is of all pieces. Undefined (null) without known time or, for what ran, without an ideal rate; without pieces there is no quality and
 * the OEE is 0: a machine that is down all the time is no unknown one. More defects than pieces can't be true: then quality and OEE are
 * undefined, never negative. `undefinedReason` says why.
 */
export function oeeOf(basis: OeeBasis): Oee {
  const { production, defects, unheard, idealPerHour } = basis;
  const heard = production - unheard;
  const time = timeSplitOf(basis);
  const { runningMs, unplannedStopMs, unknownMs } = time;
  const availability = ratio(runningMs, runningMs + unplannedStopMs);
  // Where all that was counted comes from a silence, nobody knows yet what is made since.
  const isUnknown = idealPerHour === null || heard < 0 || (heard === 0 && unheard > 0);
  const effectiveness = isUnknown ? null : ratio(heard * hourMs, idealPerHour * runningMs);
  const quality = defects > production ? null : ratio(production - defects, production);
  const isDefined = availability !== null && effectiveness !== null && quality !== null;
  // Nothing ran, or nothing was made: no value-adding time, whatever the factors that have no meaning then would be.
  const isNothing = availability === 0 || (availability !== null && effectiveness === 0);
  const isOdd = defects > production;
  const oee = isOdd ? null : isNothing ? 0 : isDefined ? availability * effectiveness * quality : null;
  return {
    availability,
    effectiveness,
    quality,
    oee,
    undefinedReason: isOdd ? 'defects-exceed-production' : oee === null ? reasonOf(availability, basis) : null,
    time,
    production,
    defects,
    unheard,
    idealPerHour,
    waterfall: [
      { loss: 'planned-busy', ms: runningMs + unplannedStopMs + unknownMs },
      { loss: 'unplanned-stop', ms: unplannedStopMs },
      { loss: 'unknown', ms: unknownMs },
      ...(isUnknown ? [] : speedAndQuality(runningMs, heard, quality, idealPerHour)),
    ],
  };
}

function reasonOf(availability: Ratio, { idealPerHour, unheard }: OeeBasis): Oee['undefinedReason'] {
  if (availability === null) return 'no-known-time';
  if (idealPerHour === null) return 'no-ideal-rate';
  return unheard > 0 ? 'pieces-of-a-silence' : 'no-pieces';
}

/** Undefined without an ideal rate, and then left out. Pieces above the ideal rate make the speed loss negative. */
function speedAndQuality(runningMs: number, heard: number, quality: Ratio, idealPerHour: number): Oee['waterfall'] {
  if (idealPerHour <= 0) return [];
  const idealMs = Math.round((heard * hourMs) / idealPerHour);
  const speed = { loss: 'speed', ms: runningMs - idealMs } as const;
  // Without pieces there is nothing to be bad; with more defects than pieces nobody knows how much of it was.
  if (quality === null && heard > 0) return [speed];
  const valueAddingMs = Math.round((heard * (quality ?? 0) * hourMs) / idealPerHour);
  return [speed, { loss: 'quality', ms: idealMs - valueAddingMs }, { loss: 'value-adding', ms: valueAddingMs }];
}

function ratio(part: number, whole: number): Ratio {
  return whole > 0 ? part / whole : null;
}
