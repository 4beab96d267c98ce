// Imports of past stops with their reports and refused rows, in SQL.
import { randomUUID } from 'node:crypto';
import type { ImportReport, RowFault } from './repair-facts.ts';
import type { RepairScope } from './repair-scope.ts';

/** Refused rows that are kept word for word; all of them are counted. */
export const keptRefusals = 1_000;

export class ImportRecords {
  readonly #scope: RepairScope;

  constructor(scope: RepairScope) {
    this.#scope = scope;
  }

  async begin(name: string, actor: string, at: string): Promise<string> {
    const id = randomUUID();
    await this.#scope.db
      .insertInto('repair_import')
      .values({ id, name, status: 'running', report: '{}', started_at: at, actor })
      .execute();
    return id;
  }

  async addRefusals(importId: string, refusals: ImportReport['refusals']): Promise<void> {
    if (refusals.length === 0) return;
    await this.#scope.db
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

  async save(report: ImportReport): Promise<void> {
    const { refusals: _refusals, ...kept } = report;
    await this.#scope.db
      .updateTable('repair_import')
      .set({ status: report.status, report: JSON.stringify(kept) })
      .where('id', '=', report.id)
      .execute();
  }

  /** Imports that a crash ended; importing the file again completes them. */
  async failInterrupted(): Promise<void> {
    const rows = await this.#scope.db.selectFrom('repair_import').selectAll().where('status', '=', 'running').execute();
    for (const row of rows) {
      const report = {
        ...(JSON.parse(row.report) as object),
        status: 'failed',
        error: 'interrupted; import the file again',
      };
      await this.#scope.db
        .updateTable('repair_import')
        .set({ status: 'failed', report: JSON.stringify(report) })
        .where('id', '=', row.id)
        .execute();
    }
  }

  async list(limit: number, offset: number) {
    const rows = await this.#scope.db
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

  async report(id: string, limit: number, offset: number): Promise<ImportReport | undefined> {
    const row = await this.#scope.db.selectFrom('repair_import').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) return undefined;
    const refusals = await this.#scope.db
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
}
