// Counts problems by machine, facet and the period of their start, so that the total above a list costs nothing.
import { type Kysely, sql } from 'kysely';
import type { PlantTime } from '../../core/plant-time.ts';
import { inList } from '../../store/empty-lists.ts';
import { dayOf, monthOf, type Periods, type PlantDay, yearOf } from './plant-days.ts';
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
      select sum(problems) as problems from ctp_count where machine_id in (${inList(machines ?? [allMachines])})
        and facet in (${inList(facets)}) and period between ${first} and ${last}`,
  );
  const { rows } = await sql<{ problems: number | null }>`
    select sum(problems) as problems from (${sql.join(parts, sql` union all `)}) as parts`.execute(db);
  return Number(rows[0]?.problems ?? 0);
}

/** Facts that are read at once. */
const factsAtOnce = 2_000;

/** Counts every problem of a machine anew, after the zone of its days has changed. */
export async function recountMachine(db: Kysely<CtpReadSchema>, plant: PlantTime, machine: number): Promise<void> {
  /** What is to be added, mapped by facet and period. */
  const changes = new Map<string, { readonly facet: number; readonly period: number; problems: number }>();
  const add = (facet: number, period: number, problems: number): void => {
    const key = `${facet} ${period}`;
    const known = changes.get(key) ?? { facet, period, problems: 0 };
    known.problems += problems;
    changes.set(key, known);
  };
  const known = await db.selectFrom('ctp_count').selectAll().where('machine_id', '=', machine).execute();
  for (const { facet, period, problems } of known) add(facet, period, -problems);
  for (const facet of new Set(known.map((row) => row.facet))) {
    for (let after: number | undefined = Number.MIN_SAFE_INTEGER; after !== undefined; ) {
      const facts: readonly { place: number; start_ms: number }[] = await db
        .selectFrom('ctp_fact')
        .select(['place', 'start_ms'])
        .where('machine_id', '=', machine)
        .where('facet', '=', facet)
        .where('place', '>', after)
        .orderBy('place')
        .limit(factsAtOnce)
        .execute();
      for (const { start_ms } of facts) {
        const day = dayOf(plant, start_ms);
        for (const period of [day, monthOf(day), yearOf(day)]) add(facet, period, 1);
      }
      after = facts.length < factsAtOnce ? undefined : facts.at(-1)?.place;
    }
  }
  const rows = [...changes.values()].filter(({ problems }) => problems !== 0);
  for (let from = 0; from < rows.length; from += factsAtOnce) {
    await addCounts(
      db,
      rows
        .slice(from, from + factsAtOnce)
        .flatMap((row) => [machine, allMachines].map((machine_id) => ({ machine_id, ...row }))),
    );
  }
}
