// Passes on the newest value at most twice a second: what came in between was never seen by anybody and is left out.
import type { Clock } from '../core/clock.ts';

/** Two updates a second are more than an eye follows and what a weak tablet can draw. */
const intervalMs = 500;

export class LatestPublisher<Value> {
  readonly #clock: Clock;
  readonly #publish: (value: Value) => void;
  #waiting: { readonly value: Value } | undefined;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, publish: (value: Value) => void) {
    this.#clock = clock;
    this.#publish = publish;
  }

  offer(value: Value): void {
    this.#waiting = { value };
    if (this.#cancelTimer) return;
    const waitMs = this.#lastAtMs + intervalMs - this.#clock.monotonicMs();
    if (waitMs <= 0) {
      this.#publishNow();
      return;
    }
    this.#cancelTimer = this.#clock.after(waitMs, () => {
      this.#cancelTimer = undefined;
      this.#publishNow();
    });
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#waiting = undefined;
  }

  #publishNow(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!waiting) return;
    this.#lastAtMs = this.#clock.monotonicMs();
    this.#publish(waiting.value);
  }
}
