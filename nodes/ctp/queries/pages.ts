// Finds the places of one page of a list without search, newest first: short ranges of an index, however rare the combination is.
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { PlantTime } from '../../core/plant-time.ts';
import { countedIn } from './counters.ts';
import type { ListFilter } from './filter.ts';
import { periodsOf, wholeDaysOf } from './plant-days.ts';
import { firstVoidFacet, placeFrom } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';

export interface Placed {
  readonly place: number;
  readonly id: number;
}

/** Ranges of one query: below SQLite's limit of 500 parts of a compound select. */
const rangesOfQuery = 150;
/** Above every place there is. */
const noPlace = Number.MAX_SAFE_INTEGER;

/** At most `limit` problems below `below`, newest first. */
export async function placesOf(
  db: Kysely<CtpReadSchema>,
  filter: ListFilter,
  below: number | undefined,
  limit: number,
): Promise<readonly Placed[]> {
  if (filter.machines?.length === 0) return [];
  const lowest = filter.fromMs === undefined ? 0 : placeFrom(filter.fromMs);
  const above = Math.min(below ?? noPlace, filter.toMs === undefined ? noPlace : placeFrom(filter.toMs));
  const between = sql`place < ${above} and place >= ${lowest} order by place desc limit ${limit}`;
  const ranges = rangesOf(filter).map((where) => sql`select place, id from ctp_fact where ${where} and ${between}`);
  const found: Placed[] = [];
  for (let from = 0; from < ranges.length; from += rangesOfQuery) {
    const parts = ranges.slice(from, from + rangesOfQuery).map((range) => sql`select * from (${range}) as part`);
    const { rows } = await sql<Placed>`
      ${sql.join(parts, sql` union all `)} order by place desc limit ${limit}`.execute(db);
    found.push(...rows);
  }
  return found.sort((left, right) => right.place - left.place).slice(0, limit);
}

/** One condition for each range of an index that the filter needs. */
function rangesOf(filter: ListFilter): readonly RawBuilder<unknown>[] {
  const live = sql`facet < ${sql.lit(firstVoidFacet)}`;
  if (!filter.hasFacetFilter) {
    return filter.machines?.map((machine) => sql`machine_id = ${machine} and ${live}`) ?? [live];
  }
  return filter.facets.flatMap(
    (facet) =>
      filter.machines?.map((machine) => sql`machine_id = ${machine} and facet = ${facet}`) ?? [sql`facet = ${facet}`],
  );
}

/** The exact number of problems that the filter lets through: whole days from counters, the rest of a day from the index. */
export async function totalOf(db: Kysely<CtpReadSchema>, plant: PlantTime, filter: ListFilter): Promise<number> {
  const { machines, facets } = filter;
  if (machines?.length === 0) return 0;
  if (filter.fromMs === undefined && filter.toMs === undefined) return countedIn(db, machines, facets, undefined);
  const { edges, first, end } = wholeDaysOf(plant, filter.fromMs ?? 0, filter.toMs ?? Date.UTC(2106, 0));
  const parts = await Promise.all([
    first < end ? countedIn(db, machines, facets, periodsOf(first, end)) : 0,
    ...edges.map(({ fromMs, toMs }) => countBetween(db, filter, fromMs, toMs)),
  ]);
  return parts.reduce((sum, part) => sum + part, 0);
}

async function countBetween(
  db: Kysely<CtpReadSchema>,
  filter: ListFilter,
  fromMs: number,
  toMs: number,
): Promise<number> {
  const { problems } = await db
    .selectFrom('ctp_fact')
    .select((select) => select.fn.countAll<number>().as('problems'))
    .where('facet', 'in', filter.facets)
    .where('place', '>=', placeFrom(fromMs))
    .where('place', '<', placeFrom(toMs))
    .$if(filter.machines !== undefined, (query) => query.where('machine_id', 'in', filter.machines ?? []))
    .executeTakeFirstOrThrow();
  return Number(problems);
}
