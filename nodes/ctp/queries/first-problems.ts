// Finds the first problem of a machine by one step of an index, also for one that came to the plant after many others' problems.
import { type Kysely, sql } from 'kysely';
import { firstVoidFacet, highestPlace } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';

/** Start of the first problem of each machine, void ones apart, in ms UTC, mapped by machine; one without problems is missing. */
export async function firstStarts(
  db: Kysely<CtpReadSchema>,
  machines: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (machines.length === 0) return new Map();
  // One value of two columns, or a planner may walk over everybody's problems by place until one of the machine comes.
  const firsts = machines.map(
    (machine) => sql`select * from (
      select machine_id, start_ms from ctp_fact
      where (machine_id, place) >= (${machine}, 0) and (machine_id, place) < (${machine}, ${highestPlace})
        and facet < ${sql.lit(firstVoidFacet)}
      order by machine_id, place limit 1) as part`,
  );
  const { rows } = await sql<{ machine_id: number; start_ms: number }>`${sql.join(firsts, sql` union all `)}`.execute(
    db,
  );
  return new Map(rows.map(({ machine_id, start_ms }) => [machine_id, start_ms]));
}
