// What a link must be told: how to connect, what it may touch, and its limits in time and number.
import type { BackoffPolicy } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import type { LinkStatus } from './link-status.ts';
import type { GateOptions } from './request-gate.ts';
import type { Transport } from './transport.ts';

export interface ScheduledLinkOptions extends GateOptions {
  /** Makes a new transport for each connection attempt. */
  readonly connect: () => Transport;
  /** Requests in flight, or `auto` to measure. The transport's own limit goes before. */
  readonly depth: number | 'auto';
  /** Time for an answer, from the moment the request leaves. Also how long a request waits for the very first connection. */
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Most requests waiting at once. */
  readonly queueLimit: number;
  /** Longest time that a request waits for its turn. */
  readonly queueTimeoutMs: number;
  readonly backoff: BackoffPolicy;
  readonly clock: Clock;
  readonly random?: () => number;
  /** Called on transitions only: a retry that fails like the one before it is none. */
  readonly onStatus?: (state: LinkStatus) => void;
}
