// What the link needs of a wire: one connection from its opening to its end, with requests by wire address.
import type { PlcLinkError } from '../plc-link.ts';

/**
 * One connection attempt and, when it succeeds, its lifetime; a new connection is a new object. Requests reject with a
 * PlcLinkError. Deadlines are the link's: a request whose connection ended, or which nobody answered, may stay unsettled.
 */
export interface Transport {
  /** How many requests this wire can carry at once without mixing their answers up: 1 on a serial line. */
  readonly maxInFlight: number;
  /** Opens the connection. Called once. */
  open(): Promise<void>;
  /** Reads `count` words from a wire address. */
  readWords(wireAddress: number, count: number): Promise<Uint16Array>;
  /** Writes words from a wire address on, in one request. */
  writeWords(wireAddress: number, words: Uint16Array): Promise<void>;
  /**
   * Waits until no answer to an earlier request can arrive any more. Only a wire that cannot tell a late answer from
   * a new one and is slow to reopen has it; without it, the link ends the connection after an unanswered request.
   */
  drain?(): Promise<void>;
  /** The remedy, where what came instead of an answer tells why there is none; undefined where nothing came. */
  readonly remedy?: string | undefined;
  /** Ends the connection at once; resolves when its socket or device is free again. Never rejects. */
  destroy(): Promise<void>;
  /** Calls `listener` once when the connection ends by itself, before or after it was open. */
  onClosed(listener: (reason: PlcLinkError) => void): void;
}
