// What may leave for the PLC at all: counts that fit, words that may be written, addresses that exist on the wire.
import type { WordRange } from '../memory-map.ts';
import { describeRange, mostWordsPerWrite } from '../read-plan.ts';
import type { AddressMap } from './address-map.ts';
import type { RequestBody } from './plc-request.ts';
import { WritableArea } from './writable-area.ts';

export interface GateOptions {
  readonly addresses: AddressMap;
  /** D-words that may be written; everything else is refused before it is sent. */
  readonly writable: readonly WordRange[];
  /** Most words per read, 1 to 125. */
  readonly wordsPerRequest: number;
}

/** Both methods return the request as it goes on the wire, or a sentence that says why it does not. */
export class RequestGate {
  readonly #options: GateOptions;
  readonly #writable: WritableArea;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#writable = new WritableArea(options.writable);
  }

  read(address: number, count: number): RequestBody | string {
    const { wordsPerRequest } = this.#options;
    if (!Number.isInteger(count) || count < 1 || count > wordsPerRequest) {
      return `A read of ${count} words at D${address} is refused: 1 to ${wordsPerRequest} fit.`;
    }
    return this.#onWire({ address, count });
  }

  write(address: number, words: Uint16Array): RequestBody | string {
    const range = { address, count: words.length };
    if (words.length < 1 || words.length > mostWordsPerWrite) {
      return `A write of ${words.length} words at D${address} is refused: 1 to ${mostWordsPerWrite} fit.`;
    }
    if (!this.#writable.holds(range)) {
      return `A write to ${describeRange(range)} is refused: ${this.#writable.describe()} may be written.`;
    }
    const body = this.#onWire(range);
    // A copy: the caller may reuse its array while the request waits.
    return typeof body === 'string' ? body : { ...body, words: words.slice() };
  }

  #onWire({ address, count }: WordRange): RequestBody | string {
    if (!Number.isInteger(address)) return `D${address} is not a word.`;
    const wireAddress = this.#options.addresses.resolve(address, count);
    return typeof wireAddress === 'string' ? wireAddress : { address, count, wireAddress };
  }
}
