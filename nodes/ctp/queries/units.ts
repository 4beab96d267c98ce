// Units in which the figures of the log are told.

/** Milliseconds of a unit, mapped by its name. */
export const unitMs = { hours: 3_600_000, minutes: 60_000 } as const;

/** Two decimals are finer than any clock on the floor. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
