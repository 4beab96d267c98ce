// Why a queue was not handed over: which slot, which word, what was expected and what was found.
import { ShopfloorError, type ShopfloorErrorOptions } from '../core/errors.ts';

/**
 * `plc-queue-guard`: the guard word is neither 0 nor 1, or changed under our hands. `plc-queue-unclear`: the read area does
 * not tell whether the queue was accepted. `plc-queue-slot`: a batch of the queue already lies in another slot.
 * `plc-queue-write`: the link failed while a block was written. `plc-queue-verify`: the PLC does not hold what was written.
 */
export type QueueWriteErrorCode =
  | 'plc-queue-guard'
  | 'plc-queue-unclear'
  | 'plc-queue-slot'
  | 'plc-queue-write'
  | 'plc-queue-verify';

export interface QueueWriteErrorPlace {
  readonly slot?: number | undefined;
  /** D-word. */
  readonly address?: number;
  readonly expected?: number;
  readonly found?: number;
}

/** A queue that was not handed over. Running the same command again recognises or completes it. */
export class QueueWriteError extends ShopfloorError {
  readonly slot: number | undefined;
  readonly address: number | undefined;
  readonly expected: number | undefined;
  readonly found: number | undefined;

  constructor(
    code: QueueWriteErrorCode,
    message: string,
    place: QueueWriteErrorPlace,
    options: ShopfloorErrorOptions = {},
  ) {
    super(code, code === 'plc-queue-slot' ? 409 : 503, message, options);
    this.slot = place.slot;
    this.address = place.address;
    this.expected = place.expected;
    this.found = place.found;
  }
}
