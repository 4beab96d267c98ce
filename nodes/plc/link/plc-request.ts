// One request on its way through the link: what it asks, who waits for it, and the promise that it settles once.
import type { RequestOptions, RequestPriority } from '../plc-link.ts';

interface Waiter {
  readonly resolve: (words: Uint16Array) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: (() => void) | undefined;
}

export interface RequestBody {
  /** First D-word, for messages. */
  readonly address: number;
  readonly wireAddress: number;
  readonly count: number;
  /** Present on a write. */
  readonly words?: Uint16Array;
}

const nobody = (): void => undefined;

/** A read or write with everybody who waits for it: several when identical polls were merged. */
export class PlcRequest {
  readonly body: RequestBody;
  readonly priority: RequestPriority;
  /** Cancels the deadline that runs at present. */
  stopDeadline: () => void = nobody;
  sent = false;
  readonly #waiters: Waiter[] = [];
  readonly #onAbandoned: (request: PlcRequest) => void;

  /** @param onAbandoned called when the last waiter has given up by its signal */
  constructor(body: RequestBody, priority: RequestPriority, onAbandoned: (request: PlcRequest) => void) {
    this.body = body;
    this.priority = priority;
    this.#onAbandoned = onAbandoned;
  }

  get isWrite(): boolean {
    return this.body.words !== undefined;
  }

  /** True for a read of the same words. */
  reads(wireAddress: number, count: number): boolean {
    return !this.isWrite && this.body.wireAddress === wireAddress && this.body.count === count;
  }

  /** Waits for the answer. A signal takes this waiter out, except from a write that has left: it cannot be taken back. */
  join(signal: RequestOptions['signal']): Promise<Uint16Array> {
    return new Promise((resolve, reject) => {
      const onAbort = signal && (() => this.#abort(onAbort));
      this.#waiters.push({ resolve, reject, signal, onAbort });
      if (signal && onAbort) signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  resolve(words: Uint16Array): void {
    this.stopDeadline();
    const waiters = this.#leave();
    // Each waiter may change its words; merged polls must not see each other's changes.
    for (const [index, waiter] of waiters.entries()) waiter.resolve(index === 0 ? words : words.slice());
  }

  reject(reason: unknown): void {
    this.stopDeadline();
    for (const waiter of this.#leave()) waiter.reject(reason);
  }

  #leave(): readonly Waiter[] {
    const waiters = this.#waiters.splice(0);
    for (const { signal, onAbort } of waiters) if (signal && onAbort) signal.removeEventListener('abort', onAbort);
    return waiters;
  }

  #abort(onAbort: (() => void) | undefined): void {
    if (this.sent && this.isWrite) return;
    const index = this.#waiters.findIndex((waiter) => waiter.onAbort === onAbort);
    const [waiter] = index < 0 ? [] : this.#waiters.splice(index, 1);
    waiter?.reject(waiter.signal?.reason);
    if (this.#waiters.length === 0) this.#onAbandoned(this);
  }
}
