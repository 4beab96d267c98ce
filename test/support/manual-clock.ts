// A clock that stands still until a test moves it.
import type { Clock } from '../../nodes/core/clock.ts';

export class ManualClock implements Clock {
  #nowMs: number;
  /** By which the wall clock has jumped; the monotonic one knows nothing of it. */
  #jumpedMs = 0;
  /** Pending timers in no order; each fires once when time reaches it. */
  readonly #timers = new Set<{ readonly atMs: number; readonly action: () => void }>();

  constructor(start: string | Date = '2026-01-05T00:00:00Z') {
    this.#nowMs = new Date(start).getTime();
  }

  now(): Date {
    return new Date(this.#nowMs + this.#jumpedMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Sets the wall clock by `ms` forward, or back below 0. */
  jump(ms: number): void {
    this.#jumpedMs += ms;
  }

  /** Moves time forward, firing due timers in order. */
  advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.atMs <= end).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.action();
    }
    this.#nowMs = end;
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }
}
