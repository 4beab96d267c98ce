// Splits a window: whole days that the rollups hold, and what has to be read from the problems themselves.
import type { Kysely } from 'kysely';
import type { PlantTime } from '../../core/plant-time.ts';
import type { ShiftCalendar } from '../../production/calendar-contract.ts';
import type { MachineName } from './filter.ts';
import type { RollupGate } from './planned-months.ts';
import { type PlantDay, startOfDay, wholeDaysOf } from './plant-days.ts';
import type { CtpReadSchema } from './read-tables.ts';

export interface WindowContext {
  readonly db: Kysely<CtpReadSchema>;
  readonly plant: PlantTime;
  readonly calendar: ShiftCalendar | undefined;
  readonly gate: RollupGate;
}

/** Machines, and a stretch [fromMs, toMs) of theirs. */
export interface Stretch {
  readonly machines: readonly MachineName[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** Machines, and whole days [first, end) of theirs. */
export interface RolledDays {
  readonly machines: readonly MachineName[];
  readonly first: PlantDay;
  readonly end: PlantDay;
}

/** Disjoint; together they are the window. Empty stretches are left out. */
export interface WindowParts {
  readonly rolled: RolledDays | undefined;
  readonly unrolled: readonly Stretch[];
}

/** Up to which day each machine is rolled up, mapped by machine; one that is not is missing. */
export type RolledUpTo = ReadonlyMap<number, PlantDay>;

export function partsOf(plant: PlantTime, { machines, fromMs, toMs }: Stretch, rolledTo: RolledUpTo): WindowParts {
  if (toMs <= fromMs || machines.length === 0) return { rolled: undefined, unrolled: [] };
  const ready = machines.filter(({ id }) => rolledTo.has(id));
  const rolledMs = ready.length === 0 ? fromMs : startOfDay(plant, Math.min(...rolledTo.values()));
  if (rolledMs <= fromMs) return { rolled: undefined, unrolled: [{ machines, fromMs, toMs }] };
  const { edges, first, end } = wholeDaysOf(plant, fromMs, Math.min(toMs, rolledMs));
  const stretches = [
    { machines: machines.filter(({ id }) => !rolledTo.has(id)), fromMs, toMs },
    ...edges.map((edge) => ({ machines: ready, fromMs: edge.fromMs, toMs: edge.toMs })),
    { machines: ready, fromMs: rolledMs, toMs },
  ];
  return {
    rolled: first < end ? { machines: ready, first, end } : undefined,
    unrolled: stretches.filter((stretch) => stretch.machines.length > 0 && stretch.fromMs < stretch.toMs),
  };
}

/** With the calendar and zone of now; none while that is being checked. */
export async function rolledUpTo(
  { db, plant, calendar, gate }: WindowContext,
  machines: readonly MachineName[],
): Promise<RolledUpTo> {
  if (machines.length === 0 || !gate.isOpenFor(calendar)) return new Map();
  const rows = await db
    .selectFrom('ctp_rollup_state')
    .select(['machine_id', 'rolled_to'])
    .where('zone', '=', plant.zone)
    .where(
      'machine_id',
      'in',
      machines.map(({ id }) => id),
    )
    .execute();
  return new Map(rows.map(({ machine_id, rolled_to }) => [machine_id, rolled_to]));
}
