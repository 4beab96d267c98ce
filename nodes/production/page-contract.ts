// What the page Production asks for and what it expects as the answer; the widget ui-production sends these on its output.
import type { Oee, ShiftTotal, StateSpan } from './messages.ts';

/** `payload` of what the widget sends; the answer comes back to its input with everything else of the message untouched. */
export type ProductionRequest =
  /** ShiftRow[], newest first, the running shift included; for the comparison of shifts. */
  | { readonly command: 'shifts'; readonly machine: string; readonly limit: number }
  /** StateSpan[], oldest first, of [from, to); ISO 8601. */
  | { readonly command: 'timeline'; readonly machine: string; readonly from: string; readonly to: string }
  /** StopRow[], newest first: stops that nobody has given a reason, of every machine that the person works at, or of one. */
  | { readonly command: 'stops'; readonly machine?: string; readonly limit: number }
  /** StopReason[] in the order of the picker. */
  | { readonly command: 'reasons' }
  /** Gives a stop its reason, or changes it; the answer is the StateSpan as it is now. */
  | {
      readonly command: 'reason';
      readonly machine: string;
      /** `id` of the StateSpan. */
      readonly span: number;
      /** Code of a StopReason. */
      readonly reason: string;
      /** Reason that the person saw on the stop; absent: none. Refused with 409 `reason-changed` when it has another one by now. */
      readonly previous?: string;
      readonly note?: string;
      readonly commandId: string;
    };

/** One shift of one machine beside the others. */
export interface ShiftRow extends ShiftTotal {
  readonly target: number | null;
  readonly oee: Oee | null;
}

/** A stop in the queue that waits for a reason. */
export interface StopRow extends StateSpan {
  readonly machine: string;
  readonly name: string;
}
