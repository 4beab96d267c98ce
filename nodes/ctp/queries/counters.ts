// Counts problems by machine, facet and the period of their start, so that the total above a list costs nothing.
import { type Kysely, sql } from 'kysely';
import { monthOf, type Periods, type PlantDay, yearOf } from './plant-days.ts';
import type { CtpReadSchema } from './read-tables.ts';
import { allMachines } from './rollups.ts';

export interface Counted {
  readonly machine_id: number;
  readonly facet: number;
  readonly day: PlantDay;
}

/** Takes `before` out of the counters and puts `after` in. */
export async function moveCount(
  db: Kysely<CtpReadSchema>,
  before: Counted | undefined,
  after: Counted | undefined,
): Promise<void> {
  const steps = [...(before ? [{ ...before, problems: -1 }] : []), ...(after ? [{ ...after, problems: 1 }] : [])];
  const rows = new Map<string, { machine_id: number; facet: number; period: number; problems: number }>();
  for (const { machine_id, facet, day, problems } of steps) {
    for (const machine of [machine_id, allMachines]) {
      for (const period of [day, monthOf(day), yearOf(day)]) {
        const key = `${machine} ${facet} ${period}`;
        const known = rows.get(key)?.problems ?? 0;
        rows.set(key, { machine_id: machine, facet, period, problems: known + problems });
      }
    }
  }
  await addCounts(
    db,
    [...rows.values()].filter(({ problems }) => problems !== 0),
  );
}

export async function addCounts(
  db: Kysely<CtpReadSchema>,
  rows: readonly { machine_id: number; facet: number; period: number; problems: number }[],
): Promise<void> {
  if (rows.length === 0) return;
  await db
    .insertInto('ctp_count')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['machine_id', 'facet', 'period'])
        .doUpdateSet({ problems: sql<number>`ctp_count.problems + excluded.problems` }),
    )
    .execute();
}

/** How many problems of `machines` (all when undefined) and `facets` began in `periods` (ever when undefined). */
export async function countedIn(
  db: Kysely<CtpReadSchema>,
  machines: readonly number[] | undefined,
  facets: readonly number[],
  periods: Periods | undefined,
): Promise<number> {
  const spans = periods ? [...periods.days, ...periods.months, ...periods.years] : [{ first: 1, last: 9999 }];
  if (spans.length === 0 || facets.length === 0 || machines?.length === 0) return 0;
  // One part for each span: a condition with `or` would walk every day there is.
  const parts = spans.map(
    ({ first, last }) => sql`
      select sum(problems) as problems from ctp_count where machine_id in (${sql.join(machines ?? [allMachines])})
        and facet in (${sql.join(facets)}) and period between ${first} and ${last}`,
  );
  const { rows } = await sql<{ problems: number | null }>`
    select sum(problems) as problems from (${sql.join(parts, sql` union all `)}) as parts`.execute(db);
  return Number(rows[0]?.problems ?? 0);
}
