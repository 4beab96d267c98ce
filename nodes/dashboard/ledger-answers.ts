// What the batch board reads of the ledger's answers to `monitor`, `history` and `get`; nothing else of the ledger is known here.
import type { BatchAlarmCode, BatchState } from '../batch/messages.ts';
import type { BoardEvent, BoardHistoryRow, WireMass } from './messages.ts';

export interface LedgerComponent {
  readonly equipment: number;
  readonly tag: string;
  readonly name: string;
  readonly targetCentiKg: WireMass;
  readonly actualCentiKg: WireMass | null;
}

export interface LedgerPush {
  readonly kind: 'push' | 'record' | 'cancel';
  readonly createdAt: string;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly hold: { readonly code: string; readonly message: string } | null;
}

export interface LedgerBatch {
  readonly orderName: string;
  readonly productName: string;
  readonly line: string;
  readonly slot: number | null;
  readonly state: BatchState;
  readonly stateSince: string;
  readonly plannedCentiKg: WireMass;
  readonly finishedCentiKg: WireMass | null;
  readonly lastReadAt: string | null;
  readonly watchOnly: boolean;
  readonly endedAt: string | null;
  readonly endedAs: BoardHistoryRow['endedAs'] | null;
  readonly notes: string | null;
  readonly components: readonly LedgerComponent[];
  readonly push: LedgerPush | null;
}

export interface LedgerAlarm {
  readonly code: BatchAlarmCode;
  readonly slot: number | null;
  readonly orderName: string | null;
  readonly since: string;
  readonly message: string;
}

/** One line of the answer to `monitor`. */
export interface LedgerMonitor {
  readonly line: string;
  readonly slots: number;
  readonly batches: readonly LedgerBatch[];
  readonly alarms: readonly LedgerAlarm[];
}

export interface LedgerHistory {
  readonly data: readonly LedgerBatch[];
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
}

export interface LedgerOrder {
  readonly batch: LedgerBatch;
  readonly events: readonly BoardEvent[];
}
