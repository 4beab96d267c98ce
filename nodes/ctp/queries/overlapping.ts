// Finds the problems that touch a window, at the same cost whether the log is a day or ten years long.
import { type Kysely, sql } from 'kysely';
import type { FigureFact } from './figures.ts';
import { firstPlaceAt, firstVoidFacet, longestSpanClass, openSpanClass, placeFrom, reachOf } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';

const spanClasses = [...Array.from({ length: longestSpanClass + 1 }, (_, spanClass) => spanClass), openSpanClass];

/**
 * Problems of `machines`, void ones apart, that begin in [fromMs, toMs) or last into it. Each span class is one short range of
 * the index: a problem of up to 2^n hours that touches the window begins at most 2^n hours before it.
 */
export async function problemsTouching(
  db: Kysely<CtpReadSchema>,
  machines: readonly number[],
  fromMs: number,
  toMs: number,
): Promise<FigureFact[]> {
  if (machines.length === 0 || toMs <= fromMs) return [];
  const classes = spanClasses.map((spanClass) => {
    const lowest = spanClass === openSpanClass ? 0 : firstPlaceAt(Math.max(0, fromMs - reachOf(spanClass)));
    return sql`(cast(${spanClass} as integer), cast(${lowest} as bigint))`;
  });
  const { rows } = await sql<FigureFact>`
    with span (span_class, lowest) as (values ${sql.join(classes)})
    select fact.id, fact.machine_id, fact.facet, fact.start_ms, fact.end_ms, fact.response_ms, fact.error_code, fact.category,
      fact.technician_name, fact.vendor_name
    from span cross join ctp_fact as fact
    where fact.machine_id in (${sql.join(machines)}) and fact.span_class = span.span_class and fact.facet < ${sql.lit(firstVoidFacet)}
      and fact.place >= span.lowest and fact.place < ${placeFrom(toMs)}
      and fact.start_ms < ${toMs}
      and (fact.end_ms is null or fact.end_ms > ${fromMs} or fact.start_ms >= ${fromMs})`.execute(db);
  return rows;
}
