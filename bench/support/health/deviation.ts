// How far an engine is from what it was when new, at the operating point it is at: a climb is no fault.
import type { Cycle } from './engines.ts';

/** A sensor that shows fewer different values in the baseline is a switch or a set point, and has no spread to measure in. */
const leastValues = 8;
/** No single sensor can speak for all. */
const largestDeviation = 10;
/** An operating point that the baseline saw less often is learned when it comes; those cycles are not judged. */
const leastAtPoint = 3;

interface Usable {
  readonly index: number;
  readonly spread: number;
}

/** Learns from the first cycles, then tells the distance of each later one; stateful, for one engine. */
export class Deviation {
  /** Baseline cycles by operating point. */
  readonly #points = new Map<string, Cycle[]>();
  readonly #usable: readonly Usable[];

  constructor(baseline: readonly Cycle[], isUsed: (index: number) => boolean = () => true) {
    for (const cycle of baseline) this.#learn(cycle);
    this.#usable = (baseline[0]?.sensors ?? []).flatMap((_, index) => {
      if (!isUsed(index)) return [];
      const different = new Set(baseline.map(({ point, sensors }) => `${point}:${sensors[index]}`)).size;
      return different - this.#points.size + 1 < leastValues ? [] : [{ index, spread: this.#spread(baseline, index) }];
    });
  }

  /** Mean over the sensors of the distance from the point's mean, in standard deviations; undefined while the point is new. */
  of(cycle: Cycle): number | undefined {
    const known = this.#points.get(cycle.point) ?? [];
    if (known.length < leastAtPoint) {
      this.#learn(cycle);
      return undefined;
    }
    const distances = this.#usable.map(({ index, spread }) =>
      Math.min(largestDeviation, Math.abs((cycle.sensors[index] ?? 0) - meanOf(known, index)) / spread),
    );
    return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  }

  #learn(cycle: Cycle): void {
    const known = this.#points.get(cycle.point) ?? [];
    known.push(cycle);
    this.#points.set(cycle.point, known);
  }

  /** Standard deviation around the mean of each point, pooled over all points. */
  #spread(baseline: readonly Cycle[], index: number): number {
    const squares = baseline.reduce((sum, { point, sensors }) => {
      const mean = meanOf(this.#points.get(point) ?? [], index);
      return sum + ((sensors[index] ?? 0) - mean) ** 2;
    }, 0);
    return Math.sqrt(squares / Math.max(1, baseline.length - this.#points.size));
  }
}

function meanOf(cycles: readonly Cycle[], index: number): number {
  return cycles.reduce((sum, { sensors }) => sum + (sensors[index] ?? 0), 0) / cycles.length;
}
