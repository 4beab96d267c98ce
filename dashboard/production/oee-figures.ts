// Which figures of an OEE say something yet, and when they say that the ideal rate is wrong.
import type { Oee } from '../../nodes/production/messages.ts';

/**
 * The first message of a span brings pieces that were made before it. Of a message in five seconds that is 5 % of the first hundred
 * seconds, and less than 1 % after ten minutes.
 */
export const settledMs = 10 * 60_000;
/** Longer than that between two messages, and a machine counts as silent: no message brings pieces of more time. */
const longestMessageMs = 60_000;

/** Null as long as a single message moves it. */
export function settledEffectiveness({ effectiveness, time }: Oee): number | null {
  return time.runningMs < settledMs ? null : effectiveness;
}

export function settledOee(oee: Oee | null | undefined): number | null {
  return !oee || (oee.oee !== 0 && knownMs(oee) < settledMs) ? null : oee.oee;
}

/** Time of which is known whether the machine ran. */
export function knownMs({ time }: Oee): number {
  return time.runningMs + time.unplannedStopMs;
}

/** ISO 22400-2 allows more than 100 %: the machine makes more than the rate that is called ideal, and not only at the edge of a span. */
export function isIdealTooLow({ production, unheard, idealPerHour, time }: Oee): boolean {
  if (idealPerHour === null || time.runningMs < settledMs) return false;
  return ((production - unheard) * 3_600_000) / idealPerHour > time.runningMs + longestMessageMs;
}
