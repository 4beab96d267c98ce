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
      /**
       * Reason that the stop had when the person looked; refused with 409 `reason-changed` when it has another one by now. Absent:
       * none; then what the machine said of itself may be there by now, a person's reason not.
       */
      readonly previous?: string;
      readonly note?: string;
      readonly commandId: string;
    };

/** The same for cumulative-tracker, on the second output. */
export type QuarantineRequest =
  /** QuarantinePage, newest first; `before`: only with a smaller id. */
  | { readonly command: 'quarantine'; readonly limit: number; readonly before?: number }
  /** Judges a message again; the answer says by `status` what became of it. */
  | { readonly command: 'replay'; readonly id: number; readonly commandId: string }
  | { readonly command: 'dismiss'; readonly id: number; readonly reason: string; readonly commandId: string }
  /** Judges those of a group again, the oldest first, as far as QuarantineReplay says; the next one begins `after` its `last`. */
  | ({ readonly command: 'replay-all'; readonly after?: number; readonly commandId: string } & QuarantineChoice)
  | ({ readonly command: 'dismiss-all'; readonly reason: string; readonly commandId: string } & QuarantineChoice)
  /** Registers the machine that a message names; its limits are given by the engineer later. */
  | { readonly command: 'machine'; readonly id: string; readonly commandId: string };

/** Messages of one machine (null: that name none) that were refused for one reason, up to the newest that the person has seen. */
export interface QuarantineChoice {
  readonly machine: string | null;
  readonly code: string;
  readonly upTo: number;
}

/** What waits of one machine for one reason. */
export interface QuarantineGroup {
  readonly machine: string | null;
  readonly code: string;
  readonly waiting: number;
  /** `id` of the newest. */
  readonly newest: number;
}

/** Answer of `replay-all`. */
export interface QuarantineReplay {
  readonly replayed: number;
  readonly refused: number;
  /** Of those that were meant, behind `last`. */
  readonly left: number;
  readonly last: number | null;
}

export type ProductionPageRequest = ProductionRequest | QuarantineRequest;

/** A message that could not be counted. */
export interface QuarantinedMessage {
  readonly id: number;
  /** Topic or name of what sent it. */
  readonly source: string;
  readonly machine: string | null;
  /** Such as `absurd-jump`. */
  readonly code: string;
  /** The reason in full, English. */
  readonly message: string;
  readonly raw: string;
  /** Longer than is kept; such a one can't be judged again. */
  readonly cut: boolean;
  readonly arrived_at: string;
  readonly status: 'waiting' | 'replayed' | 'dismissed';
  /** How often it was judged again. */
  readonly attempts: number;
}

export interface QuarantinePage {
  /** Of all that wait, on this page or not. */
  readonly waiting: number;
  /** Those with the most messages first. */
  readonly groups: readonly QuarantineGroup[];
  readonly messages: readonly QuarantinedMessage[];
}

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
