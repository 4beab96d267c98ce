// Spans of time as half-open intervals [start, end) in milliseconds UTC: union, intersection, difference and their lengths.

export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** Sorted, without overlaps, without empty ones; neighbours that touch become one. */
export function unionOf(intervals: readonly Interval[]): readonly Interval[] {
  const sorted = intervals
    .filter(({ startMs, endMs }) => endMs > startMs)
    .sort((left, right) => left.startMs - right.startMs);
  const merged: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of sorted) {
    const last = merged.at(-1);
    if (last && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else merged.push({ startMs, endMs });
  }
  return merged;
}

/** What belongs to both; the result is a union. */
export function intersectionOf(left: readonly Interval[], right: readonly Interval[]): readonly Interval[] {
  const first = unionOf(left);
  const second = unionOf(right);
  const common: Interval[] = [];
  for (let one = 0, other = 0; one < first.length && other < second.length; ) {
    const a = first[one] as Interval;
    const b = second[other] as Interval;
    const startMs = Math.max(a.startMs, b.startMs);
    const endMs = Math.min(a.endMs, b.endMs);
    if (endMs > startMs) common.push({ startMs, endMs });
    if (a.endMs <= b.endMs) one += 1;
    else other += 1;
  }
  return common;
}

/** What belongs to `whole` and not to `removed`; the result is a union. */
export function differenceOf(whole: readonly Interval[], removed: readonly Interval[]): readonly Interval[] {
  const holes = unionOf(removed);
  const left: Interval[] = [];
  let hole = 0;
  for (const { startMs, endMs } of unionOf(whole)) {
    let from = startMs;
    while (hole < holes.length && (holes[hole] as Interval).endMs <= from) hole += 1;
    for (let index = hole; index < holes.length && (holes[index] as Interval).startMs < endMs; index += 1) {
      const { startMs: gapStart, endMs: gapEnd } = holes[index] as Interval;
      if (gapStart > from) left.push({ startMs: from, endMs: gapStart });
      from = Math.max(from, gapEnd);
    }
    if (from < endMs) left.push({ startMs: from, endMs });
  }
  return left;
}

/** Milliseconds covered, overlaps counted once. */
export function lengthMs(intervals: readonly Interval[]): number {
  return unionOf(intervals).reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}

/** The part of each interval inside `window`; empty ones are left out, overlaps stay. */
export function clippedTo(window: Interval, intervals: readonly Interval[]): readonly Interval[] {
  return intervals
    .map(({ startMs, endMs }) => ({
      startMs: Math.max(startMs, window.startMs),
      endMs: Math.min(endMs, window.endMs),
    }))
    .filter(({ startMs, endMs }) => endMs > startMs);
}
