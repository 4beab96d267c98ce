// One rule for instants that a clock gave: an age below nothing is the fault of a clock that was ahead, and never a sign of freshness.

/** Clocks of one network differ by less. What lies further ahead of now was dated by a clock that was wrong. */
export const clockToleranceMs = 2 * 60_000;

/** Whether `atMs` can't be believed, because it has not come yet. */
export function isAhead(atMs: number, nowMs: number): boolean {
  return atMs > nowMs + clockToleranceMs;
}

/** Whether something of `atMs` is at most `limitMs` old, and not of the future. */
export function isFresh(atMs: number, nowMs: number, limitMs: number): boolean {
  return nowMs - atMs <= limitMs && !isAhead(atMs, nowMs);
}

/** Whether something that is due every `everyMs` is due again; what was done in the future was dated by a clock that is set back. */
export function isDueAgain(doneMs: number | undefined, nowMs: number, everyMs: number): boolean {
  return doneMs === undefined || !isFresh(doneMs, nowMs, everyMs - 1);
}
