// How often a machine's counters fell within its last messages: three falls in ten are two sources under one name, or a broken counter.

/** A counter that is reset falls once; what falls three times within ten messages counts nothing. */
export const mostFalls = 3;
const window = (1 << 10) - 1;

type PackedFalls = readonly [
  bits: number,
  isDoubted: 0 | 1,
  production: number | null,
  defects: number | null,
  fallsMs: readonly number[],
];

export class FallWindow {
  /** The newest message is the lowest bit. */
  #bits: number;
  /** When the last falls were; not more than a verdict needs. */
  #fallsMs: readonly number[];
  /** What is shown while nothing is counted. */
  #production: number | null;
  #defects: number | null;
  isDoubted: boolean;

  constructor(packed: PackedFalls | null = null) {
    const [bits, isDoubted, production, defects, fallsMs] = packed ?? [0, 0, null, null, []];
    this.#fallsMs = fallsMs;
    this.#bits = bits;
    this.isDoubted = isDoubted === 1;
    this.#production = production;
    this.#defects = defects;
  }

  /** A message that would count. @returns when the first of its falls was, where this is one fall too many */
  note(atMs: number, isFall: boolean, production: number | null, defects: number | null): number | undefined {
    if (!isFall && this.#bits === 0) return undefined;
    this.#bits = ((this.#bits << 1) | (isFall ? 1 : 0)) & window;
    if (!isFall) return undefined;
    this.#fallsMs = [...this.#fallsMs, atMs].slice(-mostFalls);
    if (bitsIn(this.#bits) < mostFalls) return undefined;
    this.isDoubted = true;
    this.#production = production;
    this.#defects = defects;
    return this.#fallsMs[0];
  }

  /** A message of a doubted counter. @returns whether it has gone up for ten messages, so that it counts again */
  recovers(production: number | null, defects: number | null): boolean {
    const fell = (now: number | null, before: number | null) => now !== null && before !== null && now < before;
    const isFall = fell(production, this.#production) || fell(defects, this.#defects);
    this.#bits = ((this.#bits << 1) | (isFall ? 1 : 0)) & window;
    this.#production = production ?? this.#production;
    this.#defects = defects ?? this.#defects;
    if (this.#bits !== 0) return false;
    this.isDoubted = false;
    return true;
  }

  packed(): PackedFalls | null {
    if (this.#bits === 0 && !this.isDoubted) return null;
    return [this.#bits, this.isDoubted ? 1 : 0, this.#production, this.#defects, this.#fallsMs];
  }
}

/** Set bits of a small whole number. */
export function bitsIn(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count += 1;
  return count;
}
