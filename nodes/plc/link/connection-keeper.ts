// Keeps one connection to the PLC alive for years: connect with a deadline, capped backoff with jitter, no end.
import { type BackoffPolicy, backoffDelayMs } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import { PlcLinkError } from '../plc-link.ts';
import type { Transport } from './transport.ts';

/** A connection that stayed open this long was good: many PLCs end idle ones after a minute or two. */
const goodConnectionMs = 30_000;
/** A device that does not give its socket or serial port back is not waited for longer than this. */
const endLimitMs = 2_000;

export interface KeeperOptions {
  /** Makes a new transport for each attempt. */
  readonly connect: () => Transport;
  readonly connectTimeoutMs: number;
  readonly backoff: BackoffPolicy;
  readonly clock: Clock;
  /** A number in [0, 1) for the jitter. */
  readonly random: () => number;
  readonly onOpen: (transport: Transport) => void;
  /** An attempt failed or the open connection ended; `wasOpen` tells which. */
  readonly onLost: (reason: PlcLinkError, wasOpen: boolean) => void;
}

type Phase = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

export class ConnectionKeeper {
  readonly #options: KeeperOptions;
  #phase: Phase = 'idle';
  #transport: Transport | undefined;
  #stopTimer: () => void = () => undefined;
  /**
   * Connections in a row that brought no answer. A connection that opens and dies unanswered counts as a failure, so that
   * a PLC at its connection limit, which accepts and hangs up, is not hammered.
   */
  #failures = 0;
  #answered = false;
  #openedMs = 0;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** True before and during an attempt that nothing speaks against: the first one, or the first after a good connection. */
  get hopeful(): boolean {
    return this.#phase !== 'open' && this.#phase !== 'closed' && this.#failures === 0;
  }

  /** True when the connections before the present one brought no answer. */
  get doubtful(): boolean {
    return this.#failures > 0;
  }

  start(): void {
    if (this.#phase === 'idle') this.#attempt();
  }

  /** The present connection has brought an answer. */
  answered(): void {
    this.#answered = true;
    this.#failures = 0;
  }

  /** Ends the present connection and builds a new one. */
  rebuild(reason: PlcLinkError): void {
    if (this.#transport) this.#lose(this.#transport, reason);
  }

  /** Ends everything; always resolves, with the device freed or after the time limit for that. */
  async close(): Promise<void> {
    this.#stopTimer();
    this.#phase = 'closed';
    const transport = this.#transport;
    this.#transport = undefined;
    if (transport) await this.#end(transport);
  }

  #attempt(): void {
    this.#phase = 'connecting';
    let transport: Transport;
    try {
      transport = this.#options.connect();
    } catch (thrown) {
      this.#fail(asLinkError(thrown), false, Promise.resolve());
      return;
    }
    this.#transport = transport;
    this.#stopTimer = this.#options.clock.after(this.#options.connectTimeoutMs, () =>
      this.#lose(
        transport,
        new PlcLinkError('disconnected', `No connection within ${this.#options.connectTimeoutMs} ms.`),
      ),
    );
    transport.onClosed((reason) => this.#lose(transport, reason));
    transport.open().then(
      () => this.#opened(transport),
      (thrown: unknown) => this.#lose(transport, asLinkError(thrown)),
    );
  }

  #opened(transport: Transport): void {
    if (this.#transport !== transport || this.#phase !== 'connecting') return;
    this.#stopTimer();
    this.#phase = 'open';
    this.#answered = false;
    this.#openedMs = this.#options.clock.monotonicMs();
    this.#options.onOpen(transport);
  }

  #lose(transport: Transport, reason: PlcLinkError): void {
    if (this.#transport !== transport) return;
    this.#stopTimer();
    const wasOpen = this.#phase === 'open';
    this.#transport = undefined;
    this.#fail(reason, wasOpen, this.#end(transport));
  }

  #fail(reason: PlcLinkError, wasOpen: boolean, ended: Promise<void>): void {
    const { clock, backoff, random } = this.#options;
    const good = wasOpen && (this.#answered || clock.monotonicMs() - this.#openedMs >= goodConnectionMs);
    this.#failures = good ? 0 : this.#failures + 1;
    this.#phase = 'waiting';
    this.#stopTimer = clock.after(backoffDelayMs(backoff, Math.max(0, this.#failures - 1), random), () => {
      void ended.then(() => {
        if (this.#phase === 'waiting') this.#attempt();
      });
    });
    this.#options.onLost(reason, wasOpen);
  }

  #end(transport: Transport): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#options.clock.after(endLimitMs, resolve);
      const done = () => {
        stop();
        resolve();
      };
      transport.destroy().then(done, done);
    });
  }
}

function asLinkError(thrown: unknown): PlcLinkError {
  return thrown instanceof PlcLinkError
    ? thrown
    : new PlcLinkError('disconnected', asError(thrown).message, { cause: thrown });
}
