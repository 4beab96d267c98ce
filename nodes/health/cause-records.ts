// Causes of stops and what kind of stop each is, where a plant says it itself, in SQL.
import type { RepairScope } from './repair-scope.ts';
import type { StopClass } from './stop-classes.ts';

export class CauseRecords {
  readonly #scope: RepairScope;

  constructor(scope: RepairScope) {
    this.#scope = scope;
  }

  /** What the plant itself says its causes are, mapped by cause. */
  async own(): Promise<ReadonlyMap<string, StopClass>> {
    const rows = await this.#scope.db.selectFrom('repair_cause').select(['cause', 'class']).execute();
    return new Map(rows.map((row) => [row.cause, row.class]));
  }

  /** Every cause that was seen, the most frequent first. */
  async list() {
    const rows = await this.#scope.reader
      .selectFrom('repair_stop')
      .select((eb) => [
        'cause',
        'class',
        eb.fn.countAll<number>().as('stops'),
        eb.fn.sum<number>('minutes').as('minutes'),
      ])
      .groupBy(['cause', 'class'])
      .orderBy('stops', 'desc')
      .execute();
    const own = await this.own();
    return rows.map((row) => ({
      cause: row.cause,
      class: row.class,
      by: own.has(row.cause) ? 'plant' : 'keyword',
      stops: Number(row.stops),
      minutes: Math.round(Number(row.minutes)),
    }));
  }

  async classify(cause: string, stopClass: StopClass, actor: string, at: string): Promise<void> {
    const values = { class: stopClass, changed_at: at, changed_by: actor };
    await this.#scope.inTransaction(async ({ db }) => {
      await db
        .insertInto('repair_cause')
        .values({ cause, ...values })
        .onConflict((conflict) => conflict.column('cause').doUpdateSet(values))
        .execute();
      await db.updateTable('repair_stop').set({ class: stopClass }).where('cause', '=', cause).execute();
      await db
        .insertInto('health_event')
        .values({
          at,
          actor,
          type: 'classify',
          machine: '',
          component: '',
          detail: JSON.stringify({ cause, class: stopClass }),
        })
        .execute();
    });
  }
}
