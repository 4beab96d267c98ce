// Which components a machine has, with their RPN and how their index is made, in SQL.
import type { Kysely } from 'kysely';
import type { HealthSchema } from './tables.ts';

export interface ComponentRecord {
  readonly machine: string;
  readonly component: string;
  readonly rpn: number;
  readonly retired: boolean;
  /** As it was configured; parsed by who uses it. */
  readonly model: unknown;
  readonly version: number;
  readonly changedAt: string;
  readonly changedBy: string;
}

export class ComponentRegistry {
  readonly #db: Kysely<HealthSchema>;

  constructor(db: Kysely<HealthSchema>) {
    this.#db = db;
  }

  /** Of one machine or of all. */
  async components(machine?: string): Promise<ComponentRecord[]> {
    let query = this.#db.selectFrom('health_component').selectAll().orderBy('machine').orderBy('component');
    if (machine !== undefined) query = query.where('machine', '=', machine);
    return (await query.execute()).map((row) => ({
      machine: row.machine,
      component: row.component,
      rpn: row.rpn,
      retired: row.retired === 1,
      model: row.model === null ? null : JSON.parse(row.model),
      version: row.version,
      changedAt: row.changed_at,
      changedBy: row.changed_by,
    }));
  }

  async saveComponent(record: ComponentRecord): Promise<void> {
    const values = {
      rpn: record.rpn,
      retired: record.retired ? 1 : 0,
      model: record.model === null ? null : JSON.stringify(record.model),
      version: record.version,
      changed_at: record.changedAt,
      changed_by: record.changedBy,
    };
    await this.#db
      .insertInto('health_component')
      .values({ machine: record.machine, component: record.component, ...values })
      .onConflict((conflict) => conflict.columns(['machine', 'component']).doUpdateSet(values))
      .execute();
  }

  async saveMachineModel(machine: string, model: unknown): Promise<void> {
    const text = model === null ? null : JSON.stringify(model);
    await this.#db
      .insertInto('health_machine')
      .values({ machine, model: text, last_window: null, window_ms: 0 })
      .onConflict((conflict) => conflict.column('machine').doUpdateSet({ model: text }))
      .execute();
  }
}
