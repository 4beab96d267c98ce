// Makes the search index of every problem again, for migrations that change what is indexed or how.
import type { Kysely } from 'kysely';
import type { StoreEngine } from '../../store/store.ts';
import type { CtpSchema } from '../tables.ts';
import { problemsIn } from './problem-source.ts';
import type { CtpReadSchema } from './read-tables.ts';
import { emptyText, TextFill } from './text-index.ts';

export async function indexAnew(db: Kysely<CtpReadSchema & CtpSchema>, engine: StoreEngine): Promise<void> {
  const reading = db as unknown as Kysely<CtpReadSchema>;
  await emptyText(reading, engine);
  const fill = new TextFill(reading, engine);
  for await (const facts of problemsIn(db as unknown as Kysely<CtpSchema>)) {
    const ids = facts.map(({ id }) => id);
    const placed = await db.selectFrom('ctp_fact').select(['id', 'place']).where('id', 'in', ids).execute();
    const places = new Map(placed.map(({ id, place }) => [id, place]));
    await fill.add(
      facts.flatMap((fact) => {
        const place = places.get(fact.id);
        return place === undefined ? [] : [{ place, fact }];
      }),
    );
  }
  await fill.finish();
}
