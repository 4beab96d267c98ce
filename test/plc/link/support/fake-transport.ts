// A wire that a test holds in its hands: what was sent, and what comes back when.
import type { Transport } from '../../../../nodes/plc/link/transport.ts';
import { PlcLinkError } from '../../../../nodes/plc/plc-link.ts';
import { deferred } from './deferred.ts';

export interface SentRequest {
  readonly wireAddress: number;
  readonly count: number;
  /** Present on a write. */
  readonly words?: Uint16Array;
  /** Answers a read with `words`, by default with the address in every word; confirms a write. */
  answer(words?: Uint16Array): void;
  fail(error: unknown): void;
}

export class FakeTransport implements Transport {
  maxInFlight = 16;
  readonly sent: SentRequest[] = [];
  destroyed = false;
  remedy: string | undefined;
  readonly #opening = deferred<void>();
  #onClosed: (reason: PlcLinkError) => void = () => undefined;

  open(): Promise<void> {
    return this.#opening.promise;
  }

  readWords(wireAddress: number, count: number): Promise<Uint16Array> {
    const { promise, resolve, reject } = deferred<Uint16Array>();
    const answer = (words = new Uint16Array(count).fill(wireAddress)) => resolve(words);
    this.sent.push({ wireAddress, count, answer, fail: reject });
    return promise;
  }

  writeWords(wireAddress: number, words: Uint16Array): Promise<void> {
    const { promise, resolve, reject } = deferred<void>();
    this.sent.push({ wireAddress, count: words.length, words, answer: () => resolve(), fail: reject });
    return promise;
  }

  async destroy(): Promise<void> {
    this.destroyed = true;
  }

  onClosed(listener: (reason: PlcLinkError) => void): void {
    this.#onClosed = listener;
  }

  /** The connection comes up. */
  accept(): void {
    this.#opening.resolve();
  }

  /** The connection attempt fails. */
  refuse(message = 'connect ECONNREFUSED'): void {
    this.#opening.reject(new PlcLinkError('disconnected', message));
  }

  /** The connection goes away by itself. */
  breakOff(reason = new PlcLinkError('disconnected', 'read ECONNRESET')): void {
    this.#onClosed(reason);
  }

  /** The request that was sent last. */
  get last(): SentRequest {
    const request = this.sent.at(-1);
    if (!request) throw new Error('Nothing was sent.');
    return request;
  }
}

/** A line that must become quiet before the next request, as RTU must. */
export class FakeSerialTransport extends FakeTransport {
  override maxInFlight = 1;
  drains = 0;
  #draining = deferred<void>();

  drain(): Promise<void> {
    this.drains += 1;
    this.#draining = deferred<void>();
    return this.#draining.promise;
  }

  becomeQuiet(): void {
    this.#draining.resolve();
  }

  keepBabbling(): void {
    this.#draining.reject(new Error('babble'));
  }
}
