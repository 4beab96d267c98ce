// Keeps the figures of days that are over, and their sums for months and years, equal to what the problems say.
import { type Kysely, sql } from 'kysely';
import type { Interval } from '../../core/intervals.ts';
import type { PlantTime } from '../../core/plant-time.ts';
import { Figures, figuresBetween, type Measures, measureNames } from './figures.ts';
import { problemsTouching } from './overlapping.ts';
import { dayAfter, daysBetween, monthOf, type PlantDay, startOfDay, yearOf } from './plant-days.ts';
import type { CtpReadSchema, RollupTable } from './read-tables.ts';

/** Rows of one insert: ten columns each stay far below SQLite's 32,766 parameters. */
const rowsOfInsert = 400;

/** Machine number under which the sums of all machines are kept. */
export const allMachines = 0;

export type PlannedTime = (fromMs: number, toMs: number) => readonly Interval[] | undefined;

/**
 * Computes the days [first, end) of a machine from its problems and brings rows of days, months and years to them, for the
 * machine and for all machines together. Running it again changes nothing.
 */
export async function recomputeDays(
  db: Kysely<CtpReadSchema>,
  plant: PlantTime,
  machine: number,
  first: PlantDay,
  end: PlantDay,
  planned: PlannedTime,
): Promise<void> {
  if (first >= end) return;
  const days = daysBetween(first, end);
  const cuts = [...days, end].map((day) => startOfDay(plant, day));
  const fromMs = cuts[0] ?? 0;
  const toMs = cuts.at(-1) ?? fromMs;
  const facts = await problemsTouching(db, [machine], fromMs, toMs);
  const fresh = figuresBetween(cuts, facts, planned(fromMs, toMs), toMs);
  const known = await db
    .selectFrom('ctp_rollup')
    .selectAll()
    .where('machine_id', '=', machine)
    .where('dimension', 'in', [0, 1, 2, 3])
    .where('period', '>=', first)
    .where('period', '<=', dayAfter(end, -1))
    .execute();
  const changes = new Map<number, Figures>();
  const changeOf = (period: number): Figures => {
    const figures = changes.get(period) ?? new Figures();
    changes.set(period, figures);
    return figures;
  };
  for (const [index, day] of days.entries()) changeOf(day).add(fresh[index] ?? new Figures());
  for (const row of known) {
    const sum = changeOf(row.period).of(row.dimension, row.key);
    for (const name of measureNames) sum[name] -= row[name];
  }
  for (const [day, figures] of [...changes]) {
    changeOf(monthOf(day)).add(figures);
    changeOf(yearOf(day)).add(figures);
  }
  const rows = [...changes].flatMap(([period, figures]) => [...figures].map((row) => ({ period, ...row })));
  await addRows(
    db,
    rows
      .filter(({ sum }) => measureNames.some((name) => sum[name] !== 0))
      .flatMap(({ period, dimension, key, sum }) =>
        [machine, allMachines].map((machine_id) => ({ machine_id, dimension, period, key, ...sum })),
      ),
  );
}

async function addRows(db: Kysely<CtpReadSchema>, rows: readonly RollupTable[]): Promise<void> {
  const added = (name: keyof Measures) =>
    sql<number>`${sql.ref(`ctp_rollup.${name}`)} + ${sql.ref(`excluded.${name}`)}`;
  for (let from = 0; from < rows.length; from += rowsOfInsert) {
    await db
      .insertInto('ctp_rollup')
      .values(rows.slice(from, from + rowsOfInsert))
      .onConflict((conflict) =>
        conflict.columns(['machine_id', 'dimension', 'period', 'key']).doUpdateSet({
          problems: added('problems'),
          completed: added('completed'),
          repair_ms: added('repair_ms'),
          responded: added('responded'),
          response_ms: added('response_ms'),
          downtime_ms: added('downtime_ms'),
        }),
      )
      .execute();
  }
}

/** Removes every figure of a machine, so that it can be rolled up from nothing (the zone of its days changed). */
export async function forgetMachine(db: Kysely<CtpReadSchema>, machine: number): Promise<void> {
  await sql`
    update ctp_rollup as whole set
      problems = whole.problems - part.problems, completed = whole.completed - part.completed,
      repair_ms = whole.repair_ms - part.repair_ms, responded = whole.responded - part.responded,
      response_ms = whole.response_ms - part.response_ms, downtime_ms = whole.downtime_ms - part.downtime_ms
    from ctp_rollup as part
    where whole.machine_id = ${allMachines} and part.machine_id = ${machine} and part.dimension = whole.dimension
      and part.period = whole.period and part.key = whole.key`.execute(db);
  await db.deleteFrom('ctp_rollup').where('machine_id', '=', machine).execute();
  await db.deleteFrom('ctp_rollup_month').where('machine_id', '=', machine).execute();
  await db.deleteFrom('ctp_rollup_state').where('machine_id', '=', machine).execute();
}
