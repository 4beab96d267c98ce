// Keeps a flood of alarms from filling the bell: after ten of one code in ten minutes, one notice stands for the rest.
import type { Clock } from '../core/clock.ts';

/** ISA-18.2 (and EEMUA 191) calls more than ten alarms in ten minutes for one operator a flood. */
export const floodAfter = 10;
export const floodWindowMs = 10 * 60 * 1000;
/** Codes come from outside; so many windows are remembered at once. */
const mostCodes = 200;

/** `tell` as usual; `summary` once, in place of the first too many; `hold` is told by the summary. */
export type FloodVerdict = 'tell' | 'summary' | 'hold';

export class AlarmFlood {
  readonly #clock: Clock;
  /** Mapped by code: when each of the last alarms was told, oldest first. */
  readonly #told = new Map<string, number[]>();
  /** Mapped by code: when its summary was told. */
  readonly #summaries = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  judge(code: string): FloodVerdict {
    const now = this.#clock.monotonicMs();
    const recent = (this.#told.get(code) ?? []).filter((at) => now - at < floodWindowMs);
    const summary = this.#summaries.get(code);
    if (recent.length < floodAfter) {
      this.#told.delete(code);
      if (this.#told.size >= mostCodes) this.#forgetOldest();
      this.#told.set(code, [...recent, now]);
      return 'tell';
    }
    if (summary !== undefined && now - summary < floodWindowMs) return 'hold';
    this.#summaries.set(code, now);
    return 'summary';
  }

  #forgetOldest(): void {
    for (const code of this.#told.keys()) {
      this.#told.delete(code);
      this.#summaries.delete(code);
      return;
    }
  }
}
