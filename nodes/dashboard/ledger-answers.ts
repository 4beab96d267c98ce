// What the batch board reads of the answers of mo-batch to `monitor`, `list`, `history` and `get`: masses in kg, unknown as null.
import type { BatchAlarmCode, BatchState } from '../batch/messages.ts';
import type { Offer } from '../batch/offers.ts';
import type { Deviation } from '../odoo/messages.ts';
import type { BoardEvent, BoardHistoryRow } from './messages.ts';

export interface LedgerHold {
  readonly code: string;
  readonly message: string;
  readonly deviations?: readonly Deviation[];
}

export interface LedgerPush {
  readonly attempts: number;
  readonly waiting_since: string;
  readonly last_error: string | null;
  readonly status?: string;
  readonly next_attempt_at?: string;
  readonly wait_reason?: string | null;
}

/** Besides these: `target_consumption_TAG`, `consumption_TAG` and `component_TAG_name` of every silo and tank. */
export interface LedgerBatch {
  readonly id: string;
  readonly line: string;
  readonly batch_no: number | null;
  readonly mo_id: string;
  readonly state: BatchState;
  readonly state_since: string;
  /** How it ended; null while it is open. */
  readonly status: string | null;
  /** Planned kg. */
  readonly consumption: number;
  readonly finished_goods: string;
  readonly actual_weight_quantity_finished_goods: number | null;
  readonly last_read_from_plc: string | null;
  readonly watch_only: boolean;
  readonly ended_at: string | null;
  readonly notes: string | null;
  readonly hold: LedgerHold | null;
  /** What the ledger would take now; a source that does not say it leaves it to the state. */
  readonly offers?: readonly Offer[];
  readonly push: LedgerPush | null;
  readonly [equipmentField: string]: unknown;
}

export interface LedgerAlarm {
  readonly code: BatchAlarmCode;
  readonly slot: number | null;
  readonly orderName: string | null;
  readonly since: string;
  readonly message: string;
}

/** The answer to `monitor`: one line. */
export interface LedgerMonitor {
  readonly line: string;
  readonly slots: readonly { readonly slot: number; readonly batch: LedgerBatch | null }[];
  readonly alarms: readonly LedgerAlarm[];
}

export interface LedgerHistory {
  readonly data: readonly LedgerBatch[];
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
}

/** The answer to `get`: every batch of one order, the first attempt first. */
export interface LedgerOrder {
  readonly mo_id: string;
  readonly batches: readonly (LedgerBatch & { readonly events: readonly BoardEvent[] })[];
}

const ends: readonly BoardHistoryRow['endedAs'][] = ['completed', 'failed', 'cancelled', 'watched'];

export function endOf(batch: LedgerBatch): BoardHistoryRow['endedAs'] | null {
  return ends.find((end) => end === batch.status) ?? null;
}

/** One silo or tank of a batch. */
export interface LedgerComponent {
  readonly tag: string;
  readonly name: string;
  readonly targetKg: number;
  readonly actualKg: number | null;
}

/** The equipment that the batch has, in the order of the ledger's fields; equipment without a target or a reading is not its. */
export function componentsOf(batch: LedgerBatch): readonly LedgerComponent[] {
  return Object.keys(batch).flatMap((field) => {
    const tag = /^target_consumption_(\w+)$/.exec(field)?.[1];
    const target = batch[field];
    if (tag === undefined || typeof target !== 'number') return [];
    const name = batch[`component_${tag}_name`];
    const actual = batch[`consumption_${tag}`];
    return {
      tag,
      name: typeof name === 'string' ? name : '',
      targetKg: target,
      actualKg: typeof actual === 'number' ? actual : null,
    };
  });
}
