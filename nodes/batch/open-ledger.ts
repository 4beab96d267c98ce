// Puts the ledger of one line on a store: tables up to date, rules and records joined.
import type { Clock } from '../core/clock.ts';
import { systemClock } from '../core/clock.ts';
import type { Store } from '../store/store.ts';
import { BatchArchive } from './batch-archive.ts';
import { migrateBatchTables, withRecords } from './batch-store.ts';
import { BatchLedger, type LedgerParts } from './ledger.ts';
import type { LedgerSettings } from './settings.ts';

export interface OpenLedgerOptions extends Pick<LedgerParts, 'leases' | 'newId' | 'random'> {
  readonly clock?: Clock;
}

/** Migrates, ends what was only watched when the line is live, and hands over the ledger. */
export async function openLedger(
  store: Store,
  settings: LedgerSettings,
  options: OpenLedgerOptions = {},
): Promise<BatchLedger> {
  await migrateBatchTables(store);
  const { clock = systemClock, ...parts } = options;
  const ledger = new BatchLedger({
    ...parts,
    settings,
    clock,
    inTransaction: (work) => withRecords(store, settings.line, work),
    archive: new BatchArchive(store, settings.line),
  });
  await ledger.start();
  return ledger;
}
