// Stops of the past, causes, estimates and imports in SQL.
import { randomUUID } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Store } from '../store/store.ts';
import type { OpenStop } from './machine-stops.ts';
import type { ImportReport, ProductionWindowFacts, RepairEstimate, RowFault } from './repair-facts.ts';
import type { Repair } from './repair-model.ts';
import type { RepairSchema } from './repair-tables.ts';
import { classByKeyword, type StopClass } from './stop-classes.ts';
import type { Stop } from './stop-row.ts';
import type { HealthSchema } from './tables.ts';

type Schema = RepairSchema & HealthSchema;

/** Source of stops that machines reported themselves. */
export const machineSource = 'machine';
/** Refused rows that are kept word for word; all of them are counted. */
export const keptRefusals = 1_000;

export interface StopsQuery {
  readonly machine?: string;
  readonly class?: string;
  readonly limit?: number;
  readonly offset?: number;
}

export class RepairStore {
  readonly #store: Store;
  readonly #transaction: Transaction<Schema> | undefined;

  constructor(store: Store, transaction?: Transaction<Schema>) {
    this.#store = store;
    this.#transaction = transaction;
  }

  /** All that `work` does by the store that it is given is committed, or nothing. */
  inTransaction<Result>(work: (store: RepairStore) => Promise<Result>): Promise<Result> {
    return this.#store.transaction<Schema, Result>((transaction) => work(new RepairStore(this.#store, transaction)));
  }

  /** Number of the last event of production that was taken; 0 before the first. */
  async eventPosition(): Promise<number> {
    const row = await this.#db.selectFrom('repair_position').select('seq').executeTakeFirst();
    return row?.seq ?? 0;
  }

  async saveEventPosition(seq: number): Promise<void> {
    await this.#db
      .insertInto('repair_position')
      .values({ id: 1, seq })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ seq }))
      .execute();
  }

  /** Whether a machine's stop is recorded, whatever it is called by now. */
  async knowsStop(machine: string, startMs: number): Promise<boolean> {
    const row = await this.#db
      .selectFrom('repair_stop')
      .select('seq')
      .where('machine', '=', machine)
      .where('start_ms', '=', startMs)
      .where('source', '=', machineSource)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** What the plant itself says its causes are, mapped by cause. */
  async causes(): Promise<ReadonlyMap<string, StopClass>> {
    const rows = await this.#db.selectFrom('repair_cause').select(['cause', 'class']).execute();
    return new Map(rows.map((row) => [row.cause, row.class]));
  }

  /** @returns for each stop whether it was new */
  async addStops(
    stops: readonly Stop[],
    causes: ReadonlyMap<string, StopClass>,
    source: string,
    at: string,
  ): Promise<{ readonly added: readonly (Stop & { readonly class: StopClass })[]; readonly duplicates: number }> {
    const classed = new Map(
      stops.map((stop) => [
        fingerprintOf(stop),
        { ...stop, class: causes.get(stop.cause) ?? classByKeyword(stop.cause) },
      ]),
    );
    if (classed.size === 0) return { added: [], duplicates: 0 };
    const rows = await this.#db
      .insertInto('repair_stop')
      .values(
        [...classed].map(([fingerprint, stop]) => ({
          fingerprint,
          machine: stop.machine,
          shift: stop.shift,
          order_name: stop.order,
          cause: stop.cause,
          start_ms: stop.startMs,
          end_ms: stop.endMs,
          minutes: stop.minutes,
          class: stop.class,
          source,
          recorded_at: at,
        })),
      )
      .onConflict((conflict) => conflict.column('fingerprint').doNothing())
      .returning('fingerprint')
      .execute();
    const added = rows.flatMap((row) => classed.get(row.fingerprint) ?? []);
    return { added, duplicates: stops.length - added.length };
  }

  /** How many stops of `source` overlap another stop of their machine. */
  async overlapping(source: string): Promise<number> {
    const row = await this.#store
      .reader<Schema>()
      .selectFrom('repair_stop as own')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('own.source', '=', source)
      .where((eb) =>
        eb.exists(
          eb
            .selectFrom('repair_stop as other')
            .select('other.seq')
            .whereRef('other.machine', '=', 'own.machine')
            .whereRef('other.start_ms', '<', 'own.end_ms')
            // Longer stops are so rare that looking further back would cost more than it finds.
            .where('other.start_ms', '>', eb('own.start_ms', '-', 2 * 24 * 3_600_000))
            .whereRef('other.end_ms', '>', 'own.start_ms')
            .whereRef('other.seq', '<>', 'own.seq'),
        ),
      )
      .executeTakeFirstOrThrow();
    return Number(row.count);
  }

  /** The last `limit` repairs, in the order in which they began. */
  async repairs(limit: number): Promise<Repair[]> {
    const rows = await this.#store
      .reader<Schema>()
      .selectFrom('repair_stop')
      .selectAll()
      .where('class', '=', 'repair')
      .orderBy('start_ms', 'desc')
      .limit(limit)
      .execute();
    return rows
      .map(({ machine, shift, cause, start_ms, end_ms, minutes }) => ({
        machine,
        shift,
        cause,
        startMs: start_ms,
        endMs: end_ms,
        minutes,
      }))
      .reverse();
  }

  async stops({ machine, class: stopClass, limit = 50, offset = 0 }: StopsQuery) {
    let query = this.#store.reader<Schema>().selectFrom('repair_stop');
    if (machine !== undefined) query = query.where('machine', '=', machine);
    if (stopClass !== undefined) query = query.where('class', '=', stopClass as StopClass);
    const { total } = await query.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
    // What is left out is passed over in the index alone.
    const shown = query.select('seq').orderBy('start_ms', 'desc').orderBy('seq').limit(limit).offset(offset);
    const rows = await this.#store
      .reader<Schema>()
      .selectFrom('repair_stop')
      .selectAll()
      .where('seq', 'in', sql<number>`(select seq from ${shown} as shown)`)
      .orderBy('start_ms', 'desc')
      .orderBy('seq')
      .execute();
    return {
      data: rows.map((row) => ({
        machine: row.machine,
        shift: row.shift,
        order: row.order_name,
        cause: row.cause,
        class: row.class,
        start: new Date(row.start_ms).toISOString(),
        end: new Date(row.end_ms).toISOString(),
        minutes: row.minutes,
        source: row.source,
      })),
      total: Number(total),
      limit,
      offset,
    };
  }

  /** Every cause that was seen, the most frequent first. */
  async causeList() {
    const rows = await this.#store
      .reader<Schema>()
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
    const own = await this.causes();
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
    await this.#store.transaction<Schema, void>(async (db) => {
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

  async openStop(machine: string): Promise<(OpenStop & { readonly shift: string }) | undefined> {
    const row = await this.#db
      .selectFrom('repair_open_stop')
      .selectAll()
      .where('machine', '=', machine)
      .executeTakeFirst();
    return row && { machine, cause: row.cause, state: row.state, shift: row.shift, startMs: row.start_ms };
  }

  async saveOpenStop({ machine, cause, state, startMs }: OpenStop, shift: string): Promise<void> {
    const values = { cause, state, shift, start_ms: startMs };
    await this.#db
      .insertInto('repair_open_stop')
      .values({ machine, ...values })
      .onConflict((conflict) => conflict.column('machine').doUpdateSet(values))
      .execute();
  }

  async forgetOpenStop(machine: string): Promise<void> {
    await this.#db.deleteFrom('repair_open_stop').where('machine', '=', machine).execute();
  }

  /** Gives a stop that a machine reported the cause that a person knows. @returns whether there was one */
  async renameStop(machine: string, startMs: number, cause: string, stopClass: StopClass): Promise<boolean> {
    const row = await this.#db
      .selectFrom('repair_stop')
      .select(['seq', 'end_ms'])
      .where('machine', '=', machine)
      .where('start_ms', '=', startMs)
      .where('source', '=', machineSource)
      .executeTakeFirst();
    if (!row) return false;
    const fingerprint = fingerprintOf({ machine, cause, startMs, endMs: row.end_ms });
    await this.#db
      .updateTable('repair_stop')
      .set({ cause, class: stopClass, fingerprint })
      .where('seq', '=', row.seq)
      .execute();
    return true;
  }

  async estimateOfAlarm(alarmId: string): Promise<RepairEstimate | undefined> {
    const row = await this.#db
      .selectFrom('repair_estimate')
      .select('estimate')
      .where('alarm_id', '=', alarmId)
      .executeTakeFirst();
    return row && (JSON.parse(row.estimate) as RepairEstimate);
  }

  /** Keeps an estimate; of one alarm the first stays. @returns the one that is kept */
  async saveEstimate(estimate: RepairEstimate, alarmId: string | null): Promise<RepairEstimate> {
    await this.#db
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
    const found = await this.#db
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
    await this.#db
      .updateTable('repair_estimate')
      .set({ actual_minutes: stop.minutes })
      .where('id', '=', found.id)
      .execute();
  }

  /** What production last said about a machine; undefined when it never did. */
  async window(machine: string): Promise<ProductionWindowFacts | undefined> {
    const row = await this.#db
      .selectFrom('health_machine')
      .select(['last_window', 'window_ms'])
      .where('machine', '=', machine)
      .executeTakeFirst();
    if (!row?.last_window) return undefined;
    return { ...(JSON.parse(row.last_window) as Omit<ProductionWindowFacts, 'atMs'>), atMs: row.window_ms };
  }

  async saveCalibration(values: Omit<RepairSchema['repair_calibration'], 'id'>): Promise<void> {
    await this.#db
      .insertInto('repair_calibration')
      .values({ id: 1, ...values })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
      .execute();
  }

  async beginImport(name: string, actor: string, at: string): Promise<string> {
    const id = randomUUID();
    await this.#db
      .insertInto('repair_import')
      .values({ id, name, status: 'running', report: '{}', started_at: at, actor })
      .execute();
    return id;
  }

  async addRefusals(importId: string, refusals: ImportReport['refusals']): Promise<void> {
    if (refusals.length === 0) return;
    await this.#db
      .insertInto('repair_import_refusal')
      .values(
        refusals.map(({ line, reason, faults, raw }) => ({
          import_id: importId,
          line,
          reason,
          faults: JSON.stringify(faults),
          raw,
        })),
      )
      .onConflict((conflict) => conflict.columns(['import_id', 'line']).doNothing())
      .execute();
  }

  async saveImport(report: ImportReport): Promise<void> {
    const { refusals: _refusals, ...kept } = report;
    await this.#db
      .updateTable('repair_import')
      .set({ status: report.status, report: JSON.stringify(kept) })
      .where('id', '=', report.id)
      .execute();
  }

  /** Imports that a crash ended; importing the file again completes them. */
  async failInterrupted(): Promise<void> {
    const rows = await this.#db.selectFrom('repair_import').selectAll().where('status', '=', 'running').execute();
    for (const row of rows) {
      const report = {
        ...(JSON.parse(row.report) as object),
        status: 'failed',
        error: 'interrupted; import the file again',
      };
      await this.#db
        .updateTable('repair_import')
        .set({ status: 'failed', report: JSON.stringify(report) })
        .where('id', '=', row.id)
        .execute();
    }
  }

  async imports(limit: number, offset: number) {
    const rows = await this.#db
      .selectFrom('repair_import')
      .selectAll()
      .orderBy('started_at', 'desc')
      .limit(limit)
      .offset(offset)
      .execute();
    return rows.map(({ report, id, name, status, started_at, actor }) => ({
      ...(JSON.parse(report) as object),
      id,
      name,
      status,
      started_at,
      actor,
    }));
  }

  async importReport(id: string, limit: number, offset: number): Promise<ImportReport | undefined> {
    const row = await this.#db.selectFrom('repair_import').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) return undefined;
    const refusals = await this.#db
      .selectFrom('repair_import_refusal')
      .select(['line', 'reason', 'faults', 'raw'])
      .where('import_id', '=', id)
      .orderBy('line')
      .limit(limit)
      .offset(offset)
      .execute();
    const { name, status, started_at, actor } = row;
    const kept = JSON.parse(row.report) as ImportReport;
    return {
      ...kept,
      // Reports of an earlier version have none.
      file_fault: kept.file_fault ?? null,
      id,
      name,
      status,
      started_at,
      actor,
      refusals: refusals.map(({ faults, ...refusal }) => ({ ...refusal, faults: JSON.parse(faults) as RowFault[] })),
    };
  }

  get #db(): Kysely<Schema> {
    return this.#transaction ?? this.#store.db<Schema>();
  }
}

function fingerprintOf(stop: Pick<Stop, 'machine' | 'cause' | 'startMs' | 'endMs'>): string {
  return `${stop.machine}|${stop.cause}|${stop.startMs}|${stop.endMs}`;
}
