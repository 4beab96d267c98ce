// Makes the whole reading side again from the problems: for the doctor, after a repair, and for filling a large log at once.
import type { Kysely } from 'kysely';
import type { PlantTime } from '../../core/plant-time.ts';
import type { Store, StoreEngine } from '../../store/store.ts';
import { addCounts } from './counters.ts';
import { factRow } from './fact-rows.ts';
import { dayOf, monthOf, yearOf } from './plant-days.ts';
import { facetOf, type ProblemFact, placeOf } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';
import { allMachines } from './rollups.ts';
import { emptyText, TextFill } from './text-index.ts';

/** Counter rows of one insert. */
const rowsOfInsert = 5_000;

/**
 * Empties lists, counters, search index and figures and fills the first three from `problems`, all in one transaction. The
 * figures of days follow with the next `RollUp.settle`; the gate must be closed until then.
 * @param problems chunks of at most 2,000, such as `problemsInOrder`
 */
export async function rebuildLists(
  store: Store,
  plant: PlantTime,
  problems: () => AsyncIterable<readonly ProblemFact[]>,
): Promise<number> {
  return store.transaction<CtpReadSchema, number>(async (db) => {
    await empty(db, store.engine);
    const counts = new Map<string, { machine_id: number; facet: number; period: number; problems: number }>();
    let total = 0;
    const taken = new Set<number>();
    const texts = new TextFill(db, store.engine);
    for await (const chunk of problems()) {
      const rows = chunk.map((fact) => {
        let place = placeOf(fact.start_ms, fact.id);
        while (taken.has(place)) place += 1;
        taken.add(place);
        return { place, fact };
      });
      if (rows.length === 0) continue;
      await db
        .insertInto('ctp_fact')
        .values(rows.map(({ place, fact }) => factRow(fact, place)))
        .execute();
      await texts.add(rows);
      for (const fact of chunk) countIn(counts, plant, fact);
      total += rows.length;
    }
    await texts.finish();
    const counted = [...counts.values()];
    for (let from = 0; from < counted.length; from += rowsOfInsert)
      await addCounts(db, counted.slice(from, from + rowsOfInsert));
    return total;
  });
}

function countIn(
  counts: Map<string, { machine_id: number; facet: number; period: number; problems: number }>,
  plant: PlantTime,
  fact: ProblemFact,
): void {
  const day = dayOf(plant, fact.start_ms);
  const facet = facetOf(fact);
  for (const machine_id of [fact.machine_id, allMachines]) {
    for (const period of [day, monthOf(day), yearOf(day)]) {
      const key = `${machine_id} ${facet} ${period}`;
      const known = counts.get(key);
      if (known) known.problems += 1;
      else counts.set(key, { machine_id, facet, period, problems: 1 });
    }
  }
}

async function empty(db: Kysely<CtpReadSchema>, engine: StoreEngine): Promise<void> {
  await emptyText(db, engine);
  await db.deleteFrom('ctp_fact').execute();
  await db.deleteFrom('ctp_count').execute();
  await db.deleteFrom('ctp_rollup').execute();
  await db.deleteFrom('ctp_rollup_state').execute();
  await db.deleteFrom('ctp_rollup_month').execute();
}
