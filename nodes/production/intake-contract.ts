// What may take part in the tracker's transaction, and how whoever commits a delivery tells whoever waits for it.
import type { Transaction } from 'kysely';
import type { StoreEngine } from '../store/store.ts';
import type { ShiftCalendar } from './calendar-contract.ts';
import type { MachineReading, ProductionEvent } from './messages.ts';

/** An event before the table has numbered it. */
export type NewProductionEvent = Omit<ProductionEvent, 'seq'>;

export interface ParticipantContext {
  readonly engine: StoreEngine;
  readonly calendar: ShiftCalendar;
  /** When the transaction runs, ms UTC. */
  readonly nowMs: number;
  /** Machines whose content was refused: a sweep leaves them alone, so that the others are looked at. */
  readonly skipped: readonly string[];
}

/**
 * Records something of its own about readings, such as the states of machines, in the transaction that books their counts.
 * Readings come in the order of their arrival, each exactly once as far as the database is concerned, also after a crash:
 * whatever the tracker took without booking (duplicates, late ones, retained ones, `offline` of a silence) is among them, what
 * went to the quarantine is not. `raw` is empty for readings of before a crash. The transaction may run again, so a participant
 * changes nothing outside of it; its events are numbered and stored with the tracker's.
 */
export type TrackerParticipant = (
  transaction: Transaction<unknown>,
  readings: readonly MachineReading[],
  context: ParticipantContext,
) => Promise<readonly NewProductionEvent[]>;

/** The clock's part of a participant, such as finding machines silent: called with each tick, in a transaction of its own. */
export type TrackerSweep = (
  transaction: Transaction<unknown>,
  context: ParticipantContext,
) => Promise<readonly NewProductionEvent[]>;
