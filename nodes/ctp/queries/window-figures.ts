// Figures of any window: whole days from the rollups, the rest and whatever is not rolled up from the problems themselves.
import { setImmediate as turn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { PlantTime } from '../../core/plant-time.ts';
import { inList } from '../../store/empty-lists.ts';
import { type Bucket, bucketOf, bucketSql } from './buckets.ts';
import { addTo, dimensions, type FigureFact, Figures, figuresBetween, type Measures, noMeasures } from './figures.ts';
import { problemsTouching } from './overlapping.ts';
import { plannedTimeOf } from './planned-months.ts';
import { dayAfter, dayOf, listed, type PlantDay, periodsOf, startOfDay } from './plant-days.ts';
import type { RollupTable } from './read-tables.ts';
import { allMachines } from './rollups.ts';
import { partsOf, type RolledDays, rolledUpTo, type Stretch, type WindowContext } from './window-parts.ts';

/** Days of problems that are looked at in one turn of the event loop. */
const daysOfSlice = 7;

export interface WindowFigures {
  /** By dimension and key, over all asked machines. */
  readonly figures: Figures;
  /** Totals, mapped by machine. */
  readonly byMachine: ReadonlyMap<number, Measures>;
  /** Totals, mapped by the first plant day of each bucket; buckets without problems are missing. */
  readonly byBucket: ReadonlyMap<PlantDay, Measures>;
}

export interface WindowQuestion extends Stretch {
  /** Whether `machines` are all there are: their sums are kept ready. */
  readonly isEveryMachine: boolean;
  readonly nowMs: number;
  /** None where no trend is wanted. */
  readonly bucket: Bucket | undefined;
}

type MutableWindow = {
  readonly figures: Figures;
  readonly byMachine: Map<number, Measures>;
  readonly byBucket: Map<PlantDay, Measures>;
};

export async function windowFigures(context: WindowContext, question: WindowQuestion): Promise<WindowFigures> {
  const result: MutableWindow = { figures: new Figures(), byMachine: new Map(), byBucket: new Map() };
  const { rolled, unrolled } = partsOf(context.plant, question, await rolledUpTo(context, question.machines));
  await Promise.all([
    rolled && fromRollups(context, question, rolled, result),
    ...unrolled.map((stretch) => fromProblems(context, question, stretch, result)),
  ]);
  return result;
}

async function fromProblems(
  { db, plant, calendar }: WindowContext,
  { nowMs, bucket }: WindowQuestion,
  { machines, fromMs, toMs }: Stretch,
  result: MutableWindow,
): Promise<void> {
  const ids = machines.map(({ id }) => id);
  for (let begin = fromMs; begin < toMs; ) {
    const cuts = cutsOf(plant, begin, toMs);
    const end = cuts.at(-1) ?? toMs;
    const facts = new Map<number, FigureFact[]>(ids.map((id) => [id, []]));
    for (const fact of await problemsTouching(db, ids, begin, end)) facts.get(fact.machine_id)?.push(fact);
    for (const machine of machines) {
      const own = facts.get(machine.id) ?? [];
      if (own.length === 0) continue;
      const planned = plannedTimeOf(calendar, machine.nickname)(begin, end);
      figuresBetween(cuts, own, planned, nowMs).forEach((figures, index) => {
        const day = dayOf(plant, cuts[index] ?? begin);
        result.figures.add(figures);
        addTo(entry(result.byMachine, machine.id), figures.of(0, ''));
        if (bucket) addTo(entry(result.byBucket, bucketOf(bucket, day)), figures.of(0, ''));
      });
    }
    begin = end;
    if (begin < toMs) await turn();
  }
}

/** `fromMs`, the beginnings of the days after it, and the end of the slice. */
function cutsOf(plant: PlantTime, fromMs: number, toMs: number): readonly number[] {
  const cuts = [fromMs];
  let day = dayOf(plant, fromMs);
  while (cuts.length <= daysOfSlice) {
    day = dayAfter(day);
    const start = startOfDay(plant, day);
    if (start >= toMs) return [...cuts, toMs];
    cuts.push(start);
  }
  return cuts;
}

function entry<Key>(map: Map<Key, Measures>, key: Key): Measures {
  const known = map.get(key) ?? noMeasures();
  map.set(key, known);
  return known;
}

const sums = sql`sum(problems) as problems, sum(completed) as completed, sum(repair_ms) as repair_ms,
  sum(responded) as responded, sum(response_ms) as response_ms, sum(downtime_ms) as downtime_ms`;

async function fromRollups(
  { db }: WindowContext,
  { isEveryMachine, bucket }: WindowQuestion,
  { machines, first, end }: RolledDays,
  result: MutableWindow,
): Promise<void> {
  const periods = inList(listed(periodsOf(first, end)));
  const own = machines.map(({ id }) => id);
  const summed = isEveryMachine ? [allMachines] : own;
  // Each period by its number, some dozens at most: a planner that sees ranges would read whole years of days.
  const split = inList(dimensions.map((_, number) => sql.lit(number)).slice(1));
  const [byKey, byMachine, byDay] = await Promise.all([
    sql<RollupTable>`
      select dimension, key, ${sums} from ctp_rollup
      where machine_id in (${inList(summed)}) and dimension in (${split}) and period in (${periods})
      group by dimension, key`.execute(db),
    sql<RollupTable>`
      select machine_id, ${sums} from ctp_rollup
      where machine_id in (${inList(own)}) and dimension = 0 and period in (${periods}) group by machine_id`.execute(
      db,
    ),
    bucket
      ? sql<RollupTable>`
          select min(period) as period, sum(problems) as problems, sum(downtime_ms) as downtime_ms
          from ctp_rollup
          where machine_id in (${inList(summed)}) and dimension = 0 and period between ${first} and ${dayAfter(end, -1)}
          group by ${bucketSql(bucket)}`.execute(db)
      : undefined,
  ]);
  for (const row of byKey.rows) addTo(result.figures.of(row.dimension, row.key), row);
  for (const row of byMachine.rows) {
    addTo(entry(result.byMachine, row.machine_id), row);
    addTo(result.figures.of(0, ''), row);
  }
  for (const row of byDay?.rows ?? []) {
    if (!bucket) continue;
    const sum = entry(result.byBucket, bucketOf(bucket, row.period));
    sum.problems += row.problems;
    sum.downtime_ms += row.downtime_ms;
  }
}
