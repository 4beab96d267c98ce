// Finds the places of one page of a list without search, newest first: short ranges of an index, however rare the combination is.
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { PlantTime } from '../../core/plant-time.ts';
import type { StoreEngine } from '../../store/store.ts';
import { countedIn } from './counters.ts';
import type { ListFilter } from './filter.ts';
import { periodsOf, wholeDaysOf } from './plant-days.ts';
import { firstVoidFacet, highestPlace, placeFrom } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';

export interface Placed {
  readonly place: number;
  readonly id: number;
}

/** Ranges of one query: below SQLite's limit of 500 parts of a compound select. */
const rangesOfQuery = 150;

/** At most `limit` problems below `below`, newest first. */
export async function placesOf(
  db: Kysely<CtpReadSchema>,
  engine: StoreEngine,
  filter: ListFilter,
  below: number | undefined,
  limit: number,
): Promise<readonly Placed[]> {
  if (filter.machines?.length === 0) return [];
  const lowest = filter.fromMs === undefined ? 0 : placeFrom(filter.fromMs);
  const above = Math.min(below ?? highestPlace, filter.toMs === undefined ? highestPlace : placeFrom(filter.toMs));
  const rangeOf = engine === 'postgres' ? rangeAsOne : rangeOfPlaces;
  const ranges = rangesOf(filter, (keys) => rangeOf(keys, lowest, above));
  const found: Placed[] = [];
  for (let from = 0; from < ranges.length; from += rangesOfQuery) {
    const parts = ranges
      .slice(from, from + rangesOfQuery)
      .map((range) => sql`select * from (select place, id from ctp_fact where ${range} limit ${limit}) as part`);
    const { rows } = await sql<Placed>`
      ${sql.join(parts, sql` union all `)} order by place desc limit ${limit}`.execute(db);
    found.push(...rows);
  }
  return found.sort((left, right) => right.place - left.place).slice(0, limit);
}

/** A column of an index before `place`, and the one value of it that is asked for. */
interface Key {
  readonly column: 'machine_id' | 'facet';
  readonly value: number;
}

/** Places from `lowest` to below `above` of these keys, newest first. */
function rangeOfPlaces(keys: readonly Key[], lowest: number, above: number): RawBuilder<unknown> {
  const wanted = keys.map(({ column, value }) => sql`${sql.ref(column)} = ${value}`);
  return sql`${sql.join([...wanted, sql`place >= ${lowest}`, sql`place < ${above}`], sql` and `)} order by place desc`;
}

/**
 * The same as one value of several columns: otherwise PostgreSQL may walk over other problems by place until enough of the keys
 * have come, and of a machine or a facet that has not come for years these are all. SQLite searches by the first column alone.
 */
function rangeAsOne(keys: readonly Key[], lowest: number, above: number): RawBuilder<unknown> {
  if (keys.length === 0) return rangeOfPlaces(keys, lowest, above);
  const columns = [...keys.map(({ column }) => sql.ref(column)), sql.ref('place')];
  const row = sql`(${sql.join(columns)})`;
  const at = (place: number) => sql`(${sql.join([...keys.map(({ value }) => value), place])})`;
  const order = sql.join(columns.map((column) => sql`${column} desc`));
  return sql`${row} >= ${at(lowest)} and ${row} < ${at(above)} order by ${order}`;
}

/** Condition and order of each range of an index that the filter needs. */
function rangesOf(
  { machines, facets, hasFacetFilter }: ListFilter,
  rangeOf: (keys: readonly Key[]) => RawBuilder<unknown>,
): readonly RawBuilder<unknown>[] {
  const machineKeys = machines?.map((value): readonly Key[] => [{ column: 'machine_id', value }]) ?? [[]];
  if (!hasFacetFilter) return machineKeys.map((keys) => sql`facet < ${sql.lit(firstVoidFacet)} and ${rangeOf(keys)}`);
  return facets.flatMap((value) => machineKeys.map((keys) => rangeOf([...keys, { column: 'facet', value }])));
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
