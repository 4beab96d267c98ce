// What the clock does to the tables of counting: shifts close, records of closed shifts wait to be sent, old rows go.
import { type QueryResult, sql, type Transaction } from 'kysely';
import type { Store } from '../store/store.ts';
import { seenFromMs } from './counting.ts';
import type { NewProductionEvent } from './intake-contract.ts';
import type { IntakeSchema, ShiftTotalTable } from './tables.ts';
import { shiftTotalOf } from './total-books.ts';
import type { TrackerSettings } from './tracker-settings.ts';

/** Records handed over in one go; the rest follows with the next tick. */
const mostRecords = 1_000;
/** Rows forgotten at once: a month that became due must not hold up the loop. */
const mostForgotten = 2_000;
/** Such rounds with one tick: with a tick in ten seconds, twice what a thousand machines send at a message per second. */
const mostRounds = 10;
/** Decided rows of the quarantine are kept this long after their message. */
const decidedMs = 90 * 24 * 60 * 60 * 1000;

/** Closes every shift that ended more than `delayMs` ago; returns an event for each. */
export async function closeShifts(
  transaction: Transaction<IntakeSchema>,
  nowMs: number,
  delayMs: number,
): Promise<NewProductionEvent[]> {
  const at = new Date(nowMs).toISOString();
  const closed = await transaction
    .updateTable('production_shift')
    .set({ closed_at: at })
    .where('closed_at', 'is', null)
    .where('end_ms', '<=', nowMs - delayMs)
    .returningAll()
    .execute();
  return closed
    .sort((one, other) => one.end_ms - other.end_ms || (one.machine < other.machine ? -1 : 1))
    .map((row) => ({
      machine: row.machine,
      at,
      type: 'shift-closed',
      actor: 'clock',
      reason: null,
      detail: { ...shiftTotalOf(row) },
    }));
}

/** Closed shifts whose record, or whose newest revision, nobody was told of. */
export function unannounced(store: Store): Promise<ShiftTotalTable[]> {
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
export async function markAnnounced(store: Store, row: ShiftTotalTable): Promise<void> {
  await store
    .db<IntakeSchema>()
    .updateTable('production_shift')
    .set({ announced_revision: row.revision })
    .where('machine', '=', row.machine)
    .where('shift_date', '=', row.shift_date)
    .where('shift', '=', row.shift)
    .execute();
}

/** Drops what is older than it is kept, a bounded number of rows at a time. */
export async function forgetOld(store: Store, settings: TrackerSettings, nowMs: number): Promise<void> {
  const db = store.db<IntakeSchema>();
  const seenBefore = seenFromMs(nowMs, settings.dedupeMs);
  await inRounds(() =>
    sql`delete from production_seen where (machine, message_id) in (select machine, message_id from production_seen
      where seen_ms < ${seenBefore} order by seen_ms limit ${mostForgotten})`.execute(db),
  );
  await inRounds(() =>
    sql`delete from production_message where id in (select id from production_message
      where arrived_ms < ${nowMs - settings.rawMs} order by arrived_ms limit ${mostForgotten})`.execute(db),
  );
  await sql`delete from production_quarantine where id in (select id from production_quarantine
    where status <> 'waiting' and arrived_ms < ${nowMs - decidedMs} order by id limit ${mostForgotten})`.execute(db);
  const minutesBefore = nowMs - settings.minuteMs;
  const { rows: machines } = await sql<{ id: string }>`select id from production_machine`.execute(db);
  for (const { id } of machines) {
    await sql`delete from production_minute where machine = ${id} and start_ms < ${minutesBefore} and start_ms <= (
      select max(start_ms) from (select start_ms from production_minute where machine = ${id} order by start_ms limit ${minutesForgotten}) as oldest)`.execute(
      db,
    );
  }
}

/** Forgets until nothing is left, with a breath for the loop after each round. */
async function inRounds(forget: () => Promise<QueryResult<unknown>>): Promise<void> {
  for (let round = 0; round < mostRounds; round += 1) {
    const { numAffectedRows = 0n } = await forget();
    if (numAffectedRows < BigInt(mostForgotten)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A day of one machine. */
const minutesForgotten = 1_440;
