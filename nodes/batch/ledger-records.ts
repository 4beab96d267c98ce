// What the ledger's rules need of the database, inside one transaction; the SQL is behind it.
import type { CommandMemory } from '../core/command-memory.ts';
import type { CentiKg } from '../core/mass.ts';
import type { ActiveAlarm, AlarmTransitions } from './alarms.ts';
import type { Batch, Push } from './batch.ts';
import type { BatchEvent } from './messages.ts';
import type { Change } from './transitions.ts';
import type { WeighingRecords } from './weighing-records.ts';

export interface WatchedWrite {
  readonly kind: 'plc-write' | 'acknowledge' | 'odoo-push' | 'odoo-cancel';
  readonly orderName: string | null;
  readonly payload: unknown;
}

/** The records of one line; every method belongs to the transaction that handed it over. */
export interface LedgerRecords extends CommandMemory {
  readonly weighings: WeighingRecords;
  /** Batches of the line that have not ended, in the order in which they were staged. */
  openBatches(): Promise<Batch[]>;
  /** Odoo ids of the orders that are open on any line. */
  openOrderIds(): Promise<number[]>;
  /** Batches of the line that once were given this queue id, ended ones included. */
  batchesOfQueue(queueId: string): Promise<Batch[]>;
  /** Ended batches of the line whose last PLC name is one of `names`, the latest of each name. */
  endedByPlcName(names: readonly string[]): Promise<Batch[]>;
  /** Those of `names` that an earlier attempt on the line had, with what it had consumed when it was given up. */
  earlierAttempts(names: readonly string[]): Promise<Map<string, CentiKg>>;
  /** Those of `names` under which the line's PLC was ever given or shown an order: they may still stand in its memory. */
  usedPlcNames(names: readonly string[]): Promise<Set<string>>;
  /** The outbox row and its batch, on any line. */
  pushById(pushId: string): Promise<{ readonly push: Push; readonly batch: Batch } | undefined>;
  /** Batches with this id, order name or order id in Odoo, on any line: open ones first, then the latest. */
  batchesNamed(idOrOrderName: string): Promise<Batch[]>;
  /** Records the changes and their events; rejects with a conflict when a batch has changed since it was read. */
  save(changes: readonly Change[], at: string): Promise<BatchEvent[]>;
  watched(writes: readonly WatchedWrite[], at: string): Promise<void>;
  activeAlarms(): Promise<ActiveAlarm[]>;
  saveAlarms(transitions: AlarmTransitions): Promise<void>;
}
