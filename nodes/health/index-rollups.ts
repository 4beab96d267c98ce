// The history of every index by minute and hour, in SQL: what a trend is drawn of.
import type { Kysely } from 'kysely';
import type { HealthSchema } from './tables.ts';

/** One sample of an index, for the trend. */
export interface IndexSample {
  readonly machine: string;
  readonly component: string;
  readonly atMs: number;
  /** Null: unknown. */
  readonly index: number | null;
  readonly smoothed: number | null;
}

export class IndexRollups {
  readonly #db: Kysely<HealthSchema>;

  constructor(db: Kysely<HealthSchema>) {
    this.#db = db;
  }

  /** Adds samples to the minute and the hour that they belong to. */
  async add({ machine, component, atMs, index, smoothed }: IndexSample): Promise<void> {
    for (const [grain, ms] of [
      ['minute', 60_000],
      ['hour', 3_600_000],
    ] as const) {
      const bucket_ms = Math.floor(atMs / ms) * ms;
      await this.#db
        .insertInto('health_rollup')
        .values({
          machine,
          component,
          grain,
          bucket_ms,
          samples: 1,
          unknown: index === null ? 1 : 0,
          total: index ?? 0,
          least: index,
          most: index,
          smoothed,
        })
        .onConflict((conflict) =>
          conflict.columns(['machine', 'component', 'grain', 'bucket_ms']).doUpdateSet((eb) => ({
            samples: eb('health_rollup.samples', '+', 1),
            ...(index === null
              ? { unknown: eb('health_rollup.unknown', '+', 1) }
              : {
                  total: eb('health_rollup.total', '+', index),
                  least: eb
                    .case()
                    .when(eb.or([eb('health_rollup.least', 'is', null), eb('health_rollup.least', '>', index)]))
                    .then(index)
                    .else(eb.ref('health_rollup.least'))
                    .end(),
                  most: eb
                    .case()
                    .when(eb.or([eb('health_rollup.most', 'is', null), eb('health_rollup.most', '<', index)]))
                    .then(index)
                    .else(eb.ref('health_rollup.most'))
                    .end(),
                }),
            smoothed,
          })),
        )
        .execute();
    }
  }

  async forget(grain: 'minute' | 'hour', beforeMs: number): Promise<void> {
    await this.#db.deleteFrom('health_rollup').where('grain', '=', grain).where('bucket_ms', '<', beforeMs).execute();
  }
}
