// Downtime of each machine in any window, without what it is split by: what the cards of the board show.
import { setImmediate as turn } from 'node:timers/promises';
import { sql } from 'kysely';
import { clippedTo, type Interval, intersectionOf, lengthMs } from '../../core/intervals.ts';
import { inList } from '../../store/empty-lists.ts';
import { spansTouching } from './overlapping.ts';
import { plannedTimeOf } from './planned-months.ts';
import { listed, periodsOf } from './plant-days.ts';
import type { RollupTable } from './read-tables.ts';
import { partsOf, type RolledDays, type RolledUpTo, type Stretch, type WindowContext } from './window-parts.ts';

/** Time whose problems are looked at in one turn of the event loop. */
const sliceMs = 7 * 86_400_000;

/**
 * In ms inside planned time, overlaps once, mapped by machine; one without downtime may be missing.
 * @param rolledTo see `rolledUpTo`
 * @param nowMs open problems run until here
 */
export async function downtimeOf(
  context: WindowContext,
  window: Stretch,
  rolledTo: RolledUpTo,
  nowMs: number,
): Promise<ReadonlyMap<number, number>> {
  const sums = new Map<number, number>();
  const { rolled, unrolled } = partsOf(context.plant, window, rolledTo);
  await Promise.all([
    rolled && fromRollups(context, rolled, sums),
    ...unrolled.map((stretch) => fromProblems(context, stretch, nowMs, sums)),
  ]);
  return sums;
}

async function fromRollups(
  { db }: WindowContext,
  { machines, first, end }: RolledDays,
  sums: Map<number, number>,
): Promise<void> {
  const { rows } = await sql<Pick<RollupTable, 'machine_id' | 'downtime_ms'>>`
    select machine_id, sum(downtime_ms) as downtime_ms from ctp_rollup
    where machine_id in (${inList(machines.map(({ id }) => id))}) and dimension = 0
      and period in (${inList(listed(periodsOf(first, end)))})
    group by machine_id`.execute(db);
  for (const { machine_id, downtime_ms } of rows) add(sums, machine_id, downtime_ms);
}

async function fromProblems(
  { db, calendar }: WindowContext,
  { machines, fromMs, toMs }: Stretch,
  nowMs: number,
  sums: Map<number, number>,
): Promise<void> {
  const ids = machines.map(({ id }) => id);
  for (let startMs = fromMs; startMs < toMs; startMs += sliceMs) {
    if (startMs > fromMs) await turn();
    const slice = { startMs, endMs: Math.min(toMs, startMs + sliceMs) };
    const spans = new Map<number, Interval[]>(ids.map((id) => [id, []]));
    for (const { machine_id, start_ms, end_ms } of await spansTouching(db, ids, slice.startMs, slice.endMs))
      spans.get(machine_id)?.push({ startMs: start_ms, endMs: end_ms ?? nowMs });
    for (const { id, nickname } of machines) {
      const planned = plannedTimeOf(calendar, nickname)(slice.startMs, slice.endMs) ?? [slice];
      add(sums, id, lengthMs(intersectionOf(planned, clippedTo(slice, spans.get(id) ?? []))));
    }
  }
}

function add(sums: Map<number, number>, machine: number, ms: number): void {
  sums.set(machine, (sums.get(machine) ?? 0) + ms);
}
