// Messages of the batch ledger (node mo-batch): one order's life in one of the ten PLC slots.
import type { CentiKg } from '../core/mass.ts';
import type {
  OdooCancelCommand,
  OdooFetchCommand,
  OdooFetchResult,
  OdooLookCommand,
  OdooLookResult,
  OdooPushCommand,
  OdooPushResult,
  Remainder,
} from '../odoo/messages.ts';
import type {
  PlcRecords,
  PlcSnapshot,
  PlcWriteCommand,
  PlcWriteResult,
  RecordAcknowledged,
  RecordCommand,
} from '../plc/messages.ts';

export type { Actor } from '../core/actor.ts';

/**
 * queued: in the ledger, not in the PLC. written: in PLC memory. running: the PLC has consumed something. finished: the PLC is
 * done, numbers frozen, waiting for Odoo. pushing: a push to Odoo began. archived: Odoo shows it, nothing left to do.
 * failed: the PLC's failed flag held. quarantined: the PLC's data can't be trusted. cancelled: will not be made.
 */
export type BatchState =
  | 'queued'
  | 'written'
  | 'running'
  | 'finished'
  | 'pushing'
  | 'archived'
  | 'failed'
  | 'quarantined'
  | 'cancelled';

/** What the ledger keeps of one silo or tank of one batch. */
export interface BatchComponent {
  readonly equipment: number;
  readonly name: string;
  readonly targetCentiKg: CentiKg;
  /** What the PLC delivered, all attempts together; null until the first plausible reading. */
  readonly actualCentiKg: CentiKg | null;
}

/** Input commands of mo-batch. Commands marked (person) need an actor. */
export type BatchCommand =
  /** Task 1, first half: what does this line need? Answers with a fetch, a write of a queue left over, or nothing. */
  | { readonly command: 'begin-sync' }
  /** Task 1: put fetched orders into the ledger as a queue. Answers with the write command for the PLC, or nothing. */
  | ({ readonly command: 'stage' } & Pick<OdooFetchResult, 'orders' | 'refused'> &
      Partial<Pick<OdooFetchResult, 'notices'>>)
  /** Task 1, last step: the PLC's answer to the queue write. */
  | ({ readonly command: 'written' } & PlcWriteResult)
  /** Task 2: apply one snapshot. Answers with the acknowledge command for committed blocks, or nothing. */
  | ({ readonly command: 'observe' } & PlcSnapshot)
  /** Task 3: the next push or cancel that is due, or nothing. Call again after `complete` until nothing is due. */
  | { readonly command: 'due' }
  /** Task 3: what Odoo showed. */
  | ({ readonly command: 'complete' } & OdooPushResult)
  /** Task 4: which orders of the line Odoo is to be asked about, so that a change shows before they are made. */
  | { readonly command: 'look' }
  /** Task 4: what Odoo showed of them. */
  | ({ readonly command: 'looked' } & Pick<OdooLookResult, 'orders'>)
  /** A task failed at a node: which peer is to blame follows from the node's type. */
  | { readonly command: 'peer-failed'; readonly node: string; readonly message: string }
  /** Task 5: what plc-record-read saw of manual weighings. Answers with the acknowledge command for the PLC, or nothing. */
  | ({ readonly command: 'weigh' } & PlcRecords)
  /** Task 5: what became of the read flag. Answers with another read, or nothing. */
  | ({ readonly command: 'weighed' } & RecordAcknowledged)
  /** Manual weighings, newest first; `waiting`: only those that wait for a person. */
  | {
      readonly command: 'weighings';
      readonly waiting?: boolean;
      readonly limit?: number;
      readonly offset?: number;
    }
  | SettleWeighing
  /** Task 4: unread for too long, failed, waiting, quarantined. */
  | { readonly command: 'health' }
  | { readonly command: 'list' }
  | { readonly command: 'monitor' }
  | { readonly command: 'history'; readonly limit?: number; readonly offset?: number; readonly search?: string }
  | { readonly command: 'get'; readonly order: string }
  | { readonly command: 'failed' }
  | { readonly command: 'watched'; readonly limit?: number; readonly offset?: number }
  /** (person) Try Odoo again now; `accept` confirms what was shown, `remainder` says what becomes of the rest of the order. */
  | {
      readonly command: 'retry';
      readonly order: string;
      readonly accept?: boolean;
      readonly remainder?: Remainder;
      readonly reason?: string;
      readonly commandId?: string;
    }
  /** (person) A failed or quarantined batch is made again; what was consumed so far is kept and added. */
  | { readonly command: 'reset'; readonly order: string; readonly reason?: string; readonly commandId?: string }
  /** (person) The order will not be made; cancelled in Odoo too. Refused once anything was consumed. */
  | { readonly command: 'cancel'; readonly order: string; readonly reason?: string; readonly commandId?: string }
  /** (person) The true figures of a failed, quarantined or held batch, in kg; finishes it. */
  | {
      readonly command: 'correct';
      readonly order: string;
      readonly consumptionKg: Readonly<Record<string, number>>;
      readonly finishedGoodsKg: number;
      readonly reason: string;
      readonly commandId?: string;
    }
  /** (person) Drop what is queued; with `release`, also give up following what is written or running (to quarantine). */
  | { readonly command: 'clear'; readonly release?: boolean; readonly reason?: string; readonly commandId?: string };

/** (person) The right order, component or mass of a weighing that is not posted yet, or that it counts for nothing. */
export interface SettleWeighing {
  readonly command: 'settle-weighing';
  readonly id: number;
  readonly discard?: boolean;
  /** As Odoo or the PLC names it. */
  readonly order?: string;
  readonly productId?: number;
  readonly kg?: number;
  readonly reason: string;
  readonly commandId?: string;
}

/**
 * One manual weighing. `held` waits for a person, `taken` is part of its batch and goes to Odoo with it, `posted` Odoo shows it,
 * `discarded` counts for nothing. Quantities in kg.
 */
export interface WeighingView {
  readonly id: number;
  readonly line: string;
  /** Slot that the scale named; null for none. */
  readonly batch_no: number | null;
  readonly mo_id: string;
  readonly product_id: number;
  readonly quantity: number;
  readonly read_at: string;
  /** As the PLC had it. */
  readonly reported: {
    readonly mo_id: string;
    readonly product_id: number;
    readonly quantity: number;
    readonly doubts: readonly string[];
  };
  readonly status: 'held' | 'taken' | 'posted' | 'discarded';
  /** Why it waits for a person. */
  readonly code: string | null;
  readonly message: string | null;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly reason: string | null;
}

/** Nothing to do, and why; the payload of a command answer that has no next step. */
export interface NoCommand {
  readonly command: 'none';
  readonly reason: string;
}

/** Answers that are themselves commands for the next node; a Switch on `payload.command` routes them. */
export type BatchNextStep =
  | OdooFetchCommand
  | PlcWriteCommand
  | { readonly command: 'acknowledge'; readonly blocks: readonly { readonly slot: number; readonly moName: string }[] }
  | OdooPushCommand
  | OdooCancelCommand
  | OdooLookCommand
  | RecordCommand
  | NoCommand;

/** Second output, one message for each, topic `batch/event`: what the event table holds. */
export interface BatchEvent {
  readonly seq: number;
  readonly batchId: string;
  readonly orderName: string;
  readonly line: string;
  readonly slot: number | null;
  readonly at: string;
  readonly actor: string;
  readonly type: string;
  readonly fromState: BatchState | null;
  readonly toState: BatchState;
  readonly reason: string | null;
}

/** Every alarm of the ledger; each has words in nodes/notify/alarm-words.ts and on the page. */
export const batchAlarmCodes = [
  'unread-too-long',
  'batch-failed',
  'batch-quarantined',
  'waiting-for-odoo',
  'waiting-for-person',
  'slot-unknown-order',
  'slot-implausible',
  'slot-unreadable',
  'order-refused',
  'weighing-held',
  'written-not-taken',
  'orders-refused',
  'order-changed',
  'stock-not-reserved',
  'several-companies',
  'too-many-orders',
  'queue-refused',
  'plc-first-start',
  'odoo-unavailable',
  'plc-unavailable',
] as const;
export type BatchAlarmCode = (typeof batchAlarmCodes)[number];

/** Third output, topic `batch/alarm`: transitions only, `active` true when it begins and false when it ends. */
export interface BatchAlarm {
  readonly code: BatchAlarmCode;
  /** Tells two alarms of one code and instant apart. */
  readonly key: string;
  readonly active: boolean;
  readonly line: string;
  readonly slot: number | null;
  readonly orderName: string | null;
  readonly since: string;
  /** What is wrong and what to do, in English. */
  readonly message: string;
}
