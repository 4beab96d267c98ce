// The end of a shift: it closes by the clock with one event, and its record waits until somebody was told of its newest revision.

import type { Transaction } from 'kysely';
import { clockToleranceMs } from '../core/instants.ts';
import type { Store } from '../store/store.ts';
import type { NewProductionEvent } from './intake-contract.ts';
import type { ShiftTotal } from './messages.ts';
import type { IntakeSchema, ShiftTotalTable } from './tables.ts';
import { shiftTotalOf } from './total-books.ts';

/** Records handed over in one go; the rest follows with the next tick. */
const mostRecords = 1_000;

/** The event of each shift that the clock has closed, those that ended first before the others. @param at ISO 8601, of the closing */
export function closingEvents(closed: readonly ShiftTotalTable[], at: string): NewProductionEvent[] {
  return closed
    .toSorted((one, other) => one.end_ms - other.end_ms || (one.machine < other.machine ? -1 : 1))
    .map((row) => ({
      machine: row.machine,
      at,
      type: 'shift-closed',
      actor: 'clock',
      reason: null,
      detail: { ...shiftTotalOf(row) },
    }));
}

/** Closes every shift that ended more than `delayMs` ago, those of `skipped` machines left out; returns an event for each. */
export async function closeShifts(
  transaction: Transaction<IntakeSchema>,
  nowMs: number,
  delayMs: number,
  skipped: readonly string[],
): Promise<NewProductionEvent[]> {
  const at = new Date(nowMs).toISOString();
  const closed = await transaction
    .updateTable('production_shift')
    .set({ closed_at: at })
    .where('closed_at', 'is', null)
    .where('end_ms', '<=', nowMs - delayMs)
    .where('machine', 'not in', skipped)
    .returningAll()
    .execute();
  return closingEvents(closed, at);
}

/**
 * Opens again what a clock that was ahead has closed before its end; a record of silence that nothing was booked into is taken away.
 * Call it at a start and after a jump: it reads every shift.
 */
export async function reopenShifts(
  transaction: Transaction<IntakeSchema>,
  nowMs: number,
): Promise<readonly NewProductionEvent[]> {
  const aheadMs = nowMs + clockToleranceMs;
  await transaction
    .deleteFrom('production_shift')
    .where('end_ms', '>', aheadMs)
    .where('silent', '=', 1)
    .where('closed_at', 'is not', null)
    .execute();
  await transaction
    .updateTable('production_attendance')
    .set({ closed_ms: nowMs })
    .where('closed_ms', '>', aheadMs)
    .execute();
  const opened = await transaction
    .updateTable('production_shift')
    .set((row) => ({ closed_at: null, revision: row('revision', '+', 1) }))
    .where('end_ms', '>', aheadMs)
    .where('closed_at', 'is not', null)
    .returningAll()
    .execute();
  return opened.map((row) => ({
    machine: row.machine,
    at: new Date(nowMs).toISOString(),
    type: 'shift-reopened',
    actor: 'clock',
    reason: null,
    detail: { ...shiftTotalOf(row) },
  }));
}

/** Hands over the record of each closed shift, or its newest revision, that nobody was told of; first handed over, then marked. */
export async function announce(store: Store, tell: (total: ShiftTotal) => void): Promise<void> {
  for (const row of await unannounced(store)) {
    tell(shiftTotalOf(row));
    await markAnnounced(store, row);
  }
}

/** Closed shifts whose record, or whose newest revision, nobody was told of. */
function unannounced(store: Store): Promise<ShiftTotalTable[]> {
  return store
    .db<IntakeSchema>()
    .selectFrom('production_shift')
    .selectAll()
    .where('closed_at', 'is not', null)
    .where((row) =>
      row.or([row('announced_revision', 'is', null), row('announced_revision', '<', row.ref('revision'))]),
    )
    .orderBy('end_ms')
    .orderBy('machine')
    .limit(mostRecords)
    .execute();
}

/** A newer revision that came meanwhile stays due. */
async function markAnnounced(store: Store, row: ShiftTotalTable): Promise<void> {
  await store
    .db<IntakeSchema>()
    .updateTable('production_shift')
    .set({ announced_revision: row.revision })
    .where('machine', '=', row.machine)
    .where('shift_date', '=', row.shift_date)
    .where('shift', '=', row.shift)
    .execute();
}
