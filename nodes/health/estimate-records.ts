// Estimates in SQL: what production said when they were made, what was answered, what the repairs took, and how well all of them did.
import { nameOfCause } from './cause-names.ts';
import type { ProductionWindowFacts, RepairEstimate } from './repair-facts.ts';
import type { RepairScope } from './repair-scope.ts';
import type { RepairSchema } from './repair-tables.ts';
import type { Stop } from './stop-row.ts';

export class EstimateRecords {
  readonly #scope: RepairScope;

  constructor(scope: RepairScope) {
    this.#scope = scope;
  }

  async estimateOfAlarm(alarmId: string): Promise<RepairEstimate | undefined> {
    const row = await this.#scope.db
      .selectFrom('repair_estimate')
      .select('estimate')
      .where('alarm_id', '=', alarmId)
      .executeTakeFirst();
    return row && readEstimate(row.estimate);
  }

  /** Keeps an estimate; of one alarm the first stays. @returns the one that is kept */
  async saveEstimate(estimate: RepairEstimate, alarmId: string | null): Promise<RepairEstimate> {
    await this.#scope.db
      .insertInto('repair_estimate')
      .values({
        id: estimate.id,
        alarm_id: alarmId,
        machine: estimate.machine,
        at_ms: Date.parse(estimate.at),
        estimate: JSON.stringify(estimate),
        actual_minutes: null,
      })
      .onConflict((conflict) => conflict.column('alarm_id').doNothing())
      .execute();
    return (alarmId === null ? undefined : await this.estimateOfAlarm(alarmId)) ?? estimate;
  }

  /** Writes what it took to the estimate that was about this stop. */
  async settleEstimate(stop: Stop, id: string | undefined): Promise<void> {
    const found = await this.#scope.db
      .selectFrom('repair_estimate')
      .select('id')
      .where((eb) =>
        id !== undefined
          ? eb('id', '=', id)
          : eb.and([
              eb('machine', '=', stop.machine),
              eb('at_ms', '>=', stop.startMs - 3_600_000),
              eb('at_ms', '<=', stop.endMs),
              eb('actual_minutes', 'is', null),
            ]),
      )
      .orderBy('at_ms', 'desc')
      .executeTakeFirst();
    if (!found) return;
    await this.#scope.db
      .updateTable('repair_estimate')
      .set({ actual_minutes: stop.minutes })
      .where('id', '=', found.id)
      .execute();
  }

  /** What production last said about a machine; undefined when it never did. */
  async window(machine: string): Promise<ProductionWindowFacts | undefined> {
    const row = await this.#scope.db
      .selectFrom('health_machine')
      .select(['last_window', 'window_ms'])
      .where('machine', '=', machine)
      .executeTakeFirst();
    if (!row?.last_window) return undefined;
    return { ...(JSON.parse(row.last_window) as Omit<ProductionWindowFacts, 'atMs'>), atMs: row.window_ms };
  }

  async saveCalibration(values: Omit<RepairSchema['repair_calibration'], 'id'>): Promise<void> {
    await this.#scope.db
      .insertInto('repair_calibration')
      .values({ id: 1, ...values })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
      .execute();
  }
}

/** An estimate as it is kept; one of an earlier version has no name of its cause. */
export function readEstimate(text: string): RepairEstimate {
  const kept = JSON.parse(text) as Omit<RepairEstimate, 'cause_name'> & Partial<Pick<RepairEstimate, 'cause_name'>>;
  return { ...kept, cause_name: kept.cause_name ?? nameOfCause(kept.cause) };
}
