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
export function timeSplitOf(basis: Omit<OeeBasis, 'production' | 'defects' | 'idealPerHour'>): TimeSplit {
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
 * nor down. Undefined (null) without known time or, for what ran, without an ideal rate; without pieces there is no quality and
 * the OEE is 0: a machine that is down all the time is no unknown one.
 */
export function oeeOf(basis: OeeBasis): Oee {
  const { production, defects, idealPerHour } = basis;
  const time = timeSplitOf(basis);
  const { runningMs, unplannedStopMs, unknownMs } = time;
  const availability = ratio(runningMs, runningMs + unplannedStopMs);
  const effectiveness = idealPerHour === null ? null : ratio(production * hourMs, idealPerHour * runningMs);
  const quality = ratio(production - defects, production);
  const isDefined = availability !== null && effectiveness !== null && quality !== null;
  // Nothing ran, or nothing was made: no value-adding time, whatever the factors that have no meaning then would be.
  const isNothing = availability === 0 || (availability !== null && effectiveness === 0);
  return {
    availability,
    effectiveness,
    quality,
    oee: isNothing ? 0 : isDefined ? availability * effectiveness * quality : null,
    time,
    production,
    defects,
    idealPerHour,
    waterfall: [
      { loss: 'planned-busy', ms: runningMs + unplannedStopMs + unknownMs },
      { loss: 'unplanned-stop', ms: unplannedStopMs },
      { loss: 'unknown', ms: unknownMs },
      ...speedAndQuality(runningMs, production, defects, idealPerHour),
    ],
  };
}

/** Undefined without an ideal rate, and then left out. Pieces above the ideal rate make the speed loss negative. */
function speedAndQuality(
  runningMs: number,
  production: number,
  defects: number,
  idealPerHour: number | null,
): Oee['waterfall'] {
  if (idealPerHour === null || idealPerHour <= 0) return [];
  const idealMs = Math.round((production * hourMs) / idealPerHour);
  const valueAddingMs = Math.round(((production - defects) * hourMs) / idealPerHour);
  return [
    { loss: 'speed', ms: runningMs - idealMs },
    { loss: 'quality', ms: idealMs - valueAddingMs },
    { loss: 'value-adding', ms: valueAddingMs },
  ];
}

function ratio(part: number, whole: number): Ratio {
  return whole > 0 ? part / whole : null;
}
