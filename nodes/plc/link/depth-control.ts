// How many requests may be in flight: a fixed number, or what measuring whole poll cycles finds.
import type { Clock } from '../../core/clock.ts';
import { AdaptiveDepth } from './adaptive-depth.ts';
import type { PlcRequest } from './plc-request.ts';

export class DepthControl {
  readonly #clock: Clock;
  readonly #fixed: number;
  readonly #adaptive: AdaptiveDepth | undefined;
  /** The running cycle, from the first request on an idle line to the answer that leaves it idle again. */
  #cycle: { readonly startMs: number; requests: number; comparable: boolean } | undefined;

  constructor(depth: number | 'auto', clock: Clock) {
    this.#clock = clock;
    this.#fixed = depth === 'auto' ? 1 : depth;
    this.#adaptive = depth === 'auto' ? new AdaptiveDepth() : undefined;
  }

  get depth(): number {
    return this.#adaptive?.depth ?? this.#fixed;
  }

  connected(): void {
    this.#cycle = undefined;
    this.#adaptive?.connected();
  }

  sent(request: PlcRequest): void {
    if (!this.#adaptive) return;
    this.#cycle ??= { startMs: this.#clock.monotonicMs(), requests: 0, comparable: true };
    this.#cycle.requests += 1;
    if (request.priority === 'command') this.#cycle.comparable = false;
  }

  /** Nothing is in flight and nothing waits. */
  idle(): void {
    const cycle = this.#cycle;
    if (!cycle) return;
    this.#cycle = undefined;
    if (!cycle.comparable) return;
    this.#adaptive?.cycle({ requests: cycle.requests, durationMs: this.#clock.monotonicMs() - cycle.startMs });
  }

  /** A timeout, an exception or the end of the connection. */
  fault(): void {
    if (this.#cycle) this.#cycle.comparable = false;
    this.#adaptive?.fault();
  }
}
