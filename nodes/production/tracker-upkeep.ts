// What is older than it is kept goes from the tables of counting, a little with each tick.
import { type QueryResult, sql } from 'kysely';
import type { Store } from '../store/store.ts';
import { seenFromMs } from './counting.ts';
import { marksKeptMs } from './mark-store.ts';
import type { IntakeSchema } from './tables.ts';
import type { TrackerSettings } from './tracker-settings.ts';

/** Rows forgotten at once: a month that became due must not hold up the loop. */
const mostForgotten = 2_000;
/** Such rounds with one tick: with a tick in ten seconds, twice what a thousand machines send at a message per second. */
const mostRounds = 10;
/** Decided rows of the quarantine are kept this long after their message. */
const decidedMs = 90 * 24 * 60 * 60 * 1000;

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
  await inRounds(() =>
    sql`delete from production_mark where (machine, era, start_ms) in (select machine, era, start_ms from production_mark
      where start_ms < ${nowMs - marksKeptMs} order by start_ms limit ${mostForgotten})`.execute(db),
  );
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
