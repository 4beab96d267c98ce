// What the rules of this room need of a PLC: words at D-addresses, read and written with a deadline.
import { ShopfloorError, type ShopfloorErrorOptions } from '../core/errors.ts';

/** Writes and handshakes go ahead of polls, so that fast reads never starve them. */
export type RequestPriority = 'command' | 'poll';

export interface RequestOptions {
  readonly priority?: RequestPriority;
  readonly signal?: AbortSignal;
}

/** Link to one PLC. Addresses are the PLC's own D-words; the link resolves them to the wire. */
export interface PlcLink {
  /** Words from `address` on, exactly `count` of them (1 to the link's words per request). Rejects with PlcLinkError. */
  readWords(address: number, count: number, options?: RequestOptions): Promise<Uint16Array>;
  /**
   * Writes `words` from `address` on in one request (1 to 123 words). Never retried: after a PlcLinkError of kind
   * `timeout` or `disconnected` the caller does not know whether it arrived and must read back.
   */
  writeWords(address: number, words: Uint16Array, options?: RequestOptions): Promise<void>;
}

/**
 * `disconnected` no connection, or it went away; `timeout` no answer in time; `refused` the PLC answered with an exception
 * (wrong address, busy); `protocol` the answer is not one (short, wrong unit, wrong function); `out-of-range` the request was
 * never sent because it leaves the configured areas or limits; `closed` the node is being closed.
 */
export type PlcLinkErrorKind = 'disconnected' | 'timeout' | 'refused' | 'protocol' | 'out-of-range' | 'closed';

export class PlcLinkError extends ShopfloorError {
  readonly kind: PlcLinkErrorKind;

  constructor(kind: PlcLinkErrorKind, message: string, options: ShopfloorErrorOptions = {}) {
    super(`plc-${kind}`, kind === 'out-of-range' ? 400 : 503, message, options);
    this.kind = kind;
  }
}
