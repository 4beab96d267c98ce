// What the repair part of the room shares: the messages it answers with, and what it takes from production.
import type { ProductionWindow } from '../production/messages.ts';

export type { ImportReport, RepairEstimate, RowFault } from './messages.ts';

/** The latest window of a machine and when it was made. */
export interface ProductionWindowFacts
  extends Pick<ProductionWindow, 'shift' | 'shiftProduction' | 'shiftDefects' | 'cause' | 'stale'> {
  readonly atMs: number;
}
