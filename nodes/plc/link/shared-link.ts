// One connection for all nodes of one PLC: made for the first that uses it, ended after the last.
import type { Clock } from '../../core/clock.ts';
import type { LinkState } from '../connection-contract.ts';
import { type PlcLink, PlcLinkError, type RequestOptions } from '../plc-link.ts';
import type { LinkCounters, LinkStatus } from './link-status.ts';
import type { ScheduledLink } from './scheduled-link.ts';

/** A deploy stops all users of a connection and starts them again; that is no reason to hang up. */
const lingerMs = 1_000;

export interface SharedLinkOptions {
  /** Host and port, or device, for sentences. */
  readonly peer: string;
  readonly open: (onStatus: (status: LinkStatus) => void) => ScheduledLink;
  readonly clock: Clock;
  /** The first connection is not begun before; a simulator beside it may not listen yet. */
  readonly ready?: Promise<void>;
  /** Called on every transition of the connection. */
  readonly onTransition: (state: LinkState) => void;
}

export class SharedLink implements PlcLink {
  readonly #options: SharedLinkOptions;
  readonly #listeners = new Set<(state: LinkState) => void>();
  #link: ScheduledLink | undefined;
  /** The end of the connection before: a PLC may take one at a time only. */
  #ended: Promise<void>;
  #stopLinger: () => void = () => undefined;
  #closed = false;
  #state: LinkState;

  constructor(options: SharedLinkOptions) {
    this.#options = options;
    this.#ended = options.ready ?? Promise.resolve();
    this.#state = { state: 'connecting', detail: `Connecting to ${options.peer}.` };
  }

  get counters(): LinkCounters | undefined {
    return this.#link?.counters;
  }

  /** Registers a user: keeps the connection until the returned function is called, and reports its state to `listener`. */
  use(listener: (state: LinkState) => void): () => void {
    // One entry for each call, also when a caller passes the same function twice.
    const entry = (state: LinkState) => listener(state);
    this.#listeners.add(entry);
    this.#stopLinger();
    if (!this.#link && !this.#closed) this.#open();
    listener(this.#state);
    return () => {
      if (!this.#listeners.delete(entry) || this.#listeners.size > 0) return;
      this.#stopLinger();
      this.#stopLinger = this.#options.clock.after(lingerMs, () => void this.#hangUp());
    };
  }

  readWords(address: number, count: number, options?: RequestOptions): Promise<Uint16Array> {
    return this.#link ? this.#link.readWords(address, count, options) : this.#unused();
  }

  writeWords(address: number, words: Uint16Array, options?: RequestOptions): Promise<void> {
    return this.#link ? this.#link.writeWords(address, words, options) : this.#unused();
  }

  /** Ends the connection for good. Always resolves. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopLinger();
    await this.#hangUp();
  }

  #open(): void {
    const link = this.#options.open((status) => {
      if (this.#link === link) this.#enter(status);
    });
    this.#link = link;
    void this.#ended.then(() => {
      if (this.#link === link) link.start();
    });
  }

  async #hangUp(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    if (link) this.#ended = link.close();
    this.#state = { state: 'connecting', detail: `Connecting to ${this.#options.peer}.` };
    await this.#ended;
  }

  #enter({ phase, reason }: LinkStatus): void {
    const { peer } = this.#options;
    const state: LinkState =
      phase === 'connected'
        ? { state: 'connected', detail: `Connected to ${peer}.` }
        : phase === 'disconnected'
          ? { state: 'waiting', detail: `No connection to ${peer}: ${reason} Trying again.` }
          : { state: 'connecting', detail: `Connecting to ${peer}.` };
    this.#state = state;
    this.#options.onTransition(state);
    for (const listener of this.#listeners) listener(state);
  }

  #unused(): Promise<never> {
    const error = this.#closed
      ? new PlcLinkError('closed', 'The connection to the PLC is closed.')
      : new PlcLinkError('disconnected', 'No node uses this PLC connection at present.');
    return Promise.reject(error);
  }
}
