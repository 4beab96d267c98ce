// Repairs that count differently much, shortest first: their weights in one view of the history, and the points of such a distribution.

export interface Row {
  /** Of the minutes. */
  readonly log: number;
  readonly minutes: number;
  /** Repairs since. */
  readonly age: number;
  /** How much it counts but for its age. */
  readonly weight: number;
  /** Share of the whole that the prior has by this row, whatever the others weigh; 0 for a repair that happened. */
  readonly prior: number;
}

/** Rounding of logarithms must not make a hit a miss. */
export const tolerance = 1e-9;

/** Weights of the rows where a repair counts half as much after `halfLife` others; they sum to 1. */
export function weightsOf(rows: readonly Row[], halfLife: number): Float64Array {
  const weights = new Float64Array(rows.length);
  let sum = 0;
  let prior = 0;
  rows.forEach((row, index) => {
    weights[index] = row.weight * 2 ** (-row.age / halfLife);
    sum += weights[index] ?? 0;
    prior += row.prior;
  });
  rows.forEach((row, index) => {
    const own = sum > 0 ? ((weights[index] ?? 0) / sum) * (1 - prior) : 0;
    weights[index] = own + (sum > 0 ? row.prior : row.prior / prior);
  });
  return weights;
}

/** Log minutes below which `share` of the weight lies. */
export function quantile(rows: readonly Row[], weights: Float64Array, share: number): number {
  let sum = 0;
  for (let index = 0; index < rows.length; index += 1) {
    sum += weights[index] ?? 0;
    if (sum >= share - tolerance) return rows[index]?.log ?? 0;
  }
  return rows.at(-1)?.log ?? 0;
}

export function meanLog(rows: readonly Row[], weights: Float64Array): number {
  return rows.reduce((sum, row, index) => sum + row.log * (weights[index] ?? 0), 0);
}

/** In minutes. */
export function mean(rows: readonly Row[], weights: Float64Array): number {
  return rows.reduce((sum, row, index) => sum + row.minutes * (weights[index] ?? 0), 0);
}

/** Where `log` belongs in a list that is sorted by log. */
export function upperBound(sorted: readonly { readonly log: number }[], log: number): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle]?.log ?? 0) <= log) from = middle + 1;
    else to = middle;
  }
  return from;
}
