// Finds the problems that touch a window, at the same cost whether the log is a day or ten years long.
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { inList } from '../../store/empty-lists.ts';
import type { FigureFact } from './figures.ts';
import { firstPlaceAt, firstVoidFacet, longestSpanClass, openSpanClass, placeFrom, reachOf } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';

const spanClasses = [...Array.from({ length: longestSpanClass + 1 }, (_, spanClass) => spanClass), openSpanClass];

/**
 * Problems of `machines`, void ones apart, that begin in [fromMs, toMs) or last into it. Each span class is one short range of
 * the index: a problem of up to 4^n hours that touches the window begins at most 4^n hours before it.
 */
export async function problemsTouching(
  db: Kysely<CtpReadSchema>,
  machines: readonly number[],
  fromMs: number,
  toMs: number,
): Promise<FigureFact[]> {
  const columns = sql`id, machine_id, facet, start_ms, end_ms, response_ms, error_code, category, technician_name, vendor_name`;
  return touching<FigureFact>(db, columns, machines, fromMs, toMs);
}

/** When something was wrong with a machine; null: still is. */
export type FactSpan = Pick<FigureFact, 'machine_id' | 'start_ms' | 'end_ms'>;

/** As `problemsTouching`, of each nothing but its span. */
export async function spansTouching(
  db: Kysely<CtpReadSchema>,
  machines: readonly number[],
  fromMs: number,
  toMs: number,
): Promise<FactSpan[]> {
  return touching<FactSpan>(db, sql`machine_id, start_ms, end_ms`, machines, fromMs, toMs);
}

async function touching<Row>(
  db: Kysely<CtpReadSchema>,
  columns: RawBuilder<unknown>,
  machines: readonly number[],
  fromMs: number,
  toMs: number,
): Promise<Row[]> {
  if (machines.length === 0 || toMs <= fromMs) return [];
  // One part for each class, because a planner that sees all of them at once reads the whole table.
  const parts = spanClasses.map((spanClass) => {
    const lowest = spanClass === openSpanClass ? 0 : firstPlaceAt(Math.max(0, fromMs - reachOf(spanClass)));
    return sql`
      select ${columns} from ctp_fact
      where machine_id in (${inList(machines)}) and span_class = ${sql.lit(spanClass)} and facet < ${sql.lit(firstVoidFacet)}
        and place >= ${lowest} and place < ${placeFrom(toMs)} and start_ms < ${toMs}
        and (end_ms is null or end_ms > ${fromMs} or start_ms >= ${fromMs})`;
  });
  const { rows } = await sql<Row>`${sql.join(parts, sql` union all `)}`.execute(db);
  return rows;
}
