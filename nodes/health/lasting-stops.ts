// The stops that last, of machines that report their state, and how far production's events about them were taken.
import type { OpenStop } from './machine-stops.ts';
import type { RepairScope } from './repair-scope.ts';

export class LastingStops {
  readonly #scope: RepairScope;

  constructor(scope: RepairScope) {
    this.#scope = scope;
  }

  /** Number of the last event of production that was taken; 0 before the first. */
  async eventPosition(): Promise<number> {
    const row = await this.#scope.db.selectFrom('repair_position').select('seq').executeTakeFirst();
    return row?.seq ?? 0;
  }

  async saveEventPosition(seq: number): Promise<void> {
    await this.#scope.db
      .insertInto('repair_position')
      .values({ id: 1, seq })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ seq }))
      .execute();
  }

  async openStop(machine: string): Promise<(OpenStop & { readonly shift: string }) | undefined> {
    const row = await this.#scope.db
      .selectFrom('repair_open_stop')
      .selectAll()
      .where('machine', '=', machine)
      .executeTakeFirst();
    return row && { machine, cause: row.cause, state: row.state, shift: row.shift, startMs: row.start_ms };
  }

  async saveOpenStop({ machine, cause, state, startMs }: OpenStop, shift: string): Promise<void> {
    const values = { cause, state, shift, start_ms: startMs };
    await this.#scope.db
      .insertInto('repair_open_stop')
      .values({ machine, ...values })
      .onConflict((conflict) => conflict.column('machine').doUpdateSet(values))
      .execute();
  }

  async forgetOpenStop(machine: string): Promise<void> {
    await this.#scope.db.deleteFrom('repair_open_stop').where('machine', '=', machine).execute();
  }
}
