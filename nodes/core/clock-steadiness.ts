// Notices when the wall clock of this server jumps, by the monotonic clock beside it, and for how long it has run evenly.
import type { Clock } from './clock.ts';

/** A slewing clock gains 5 ms in 10 s; a look that comes late reads both clocks late. More than this is a jump. */
const unevenMs = 5_000;
/** What is forgotten by its age is gone for good, so a clock that jumped has to run evenly for so long before. */
export const steadyEnoughMs = 10 * 60_000;

export class ClockSteadiness {
  readonly #clock: Clock;
  #offsetMs: number;
  /** When it jumped last, by the monotonic clock; nothing is known of the time before a start. */
  #jumpedMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = this.#offset();
  }

  /** Call every few seconds. @returns by how much the clock jumped since the last look, ms, forward above 0; 0: it runs evenly */
  look(): number {
    const offsetMs = this.#offset();
    const byMs = offsetMs - this.#offsetMs;
    this.#offsetMs = offsetMs;
    if (Math.abs(byMs) < unevenMs) return 0;
    this.#jumpedMs = this.#clock.monotonicMs();
    return Math.round(byMs);
  }

  /** Whether the clock has run evenly for long enough to delete by it; looks by itself. */
  get isSteady(): boolean {
    this.look();
    return this.#clock.monotonicMs() - this.#jumpedMs >= steadyEnoughMs;
  }

  #offset(): number {
    return this.#clock.now().getTime() - this.#clock.monotonicMs();
  }
}
