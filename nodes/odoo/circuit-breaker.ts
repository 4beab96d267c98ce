// After Odoo did not answer, further calls fail at once for a while, so that one dead server delays nobody.
import { type BackoffPolicy, backoffDelayMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { OdooError } from './odoo-error.ts';

/** A restart of Odoo takes some 10 s; a server that is down for the night is asked twice a minute. */
const defaultPolicy: BackoffPolicy = { firstMs: 2_000, capMs: 30_000 };

export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #policy: BackoffPolicy;
  readonly #random: () => number;
  #failures = 0;
  #openUntilMs = Number.NEGATIVE_INFINITY;
  #reason = '';

  constructor(clock: Clock, random: () => number = Math.random, policy: BackoffPolicy = defaultPolicy) {
    this.#clock = clock;
    this.#random = random;
    this.#policy = policy;
  }

  /** Throws `transient` while the server is left alone. */
  check(): void {
    const waitMs = Math.ceil(this.#openUntilMs - this.#clock.monotonicMs());
    if (waitMs <= 0) return;
    const seconds = Math.ceil(waitMs / 1000);
    throw new OdooError('transient', `${this.#reason} The next try is in ${seconds} s.`, {
      retryAfterMs: waitMs,
      link: 'away',
    });
  }

  /** The server answered, whatever it said. Returns true when it had been away. */
  answered(): boolean {
    const wasAway = this.#failures > 0;
    this.#failures = 0;
    this.#openUntilMs = Number.NEGATIVE_INFINITY;
    return wasAway;
  }

  /** The server did not answer. Returns true when it had been there. */
  failed(reason: string): boolean {
    const waitMs = backoffDelayMs(this.#policy, this.#failures, this.#random);
    this.#openUntilMs = this.#clock.monotonicMs() + waitMs;
    this.#reason = reason;
    this.#failures += 1;
    return this.#failures === 1;
  }
}
