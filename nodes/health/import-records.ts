// Imports of past stops with their reports and refused rows, in SQL.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { ShopfloorError } from '../core/errors.ts';
import type { ImportUndone } from './import-messages.ts';
import type { ImportReport, RowFault } from './repair-facts.ts';
import type { RepairScope } from './repair-scope.ts';
import { fingerprintOf } from './stop-history.ts';
import type { Stop } from './stop-row.ts';

/** Refused rows that are kept word for word; all of them are counted. */
export const keptRefusals = 1_000;

/** Source of the stops of an import. */
export function sourceOf(importId: string): string {
  return `import:${importId}`;
}

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

  /** Notes which stops an import holds, those included that were known before. */
  async addStops(importId: string, stops: readonly Stop[]): Promise<void> {
    const fingerprints = [...new Set(stops.map(fingerprintOf))];
    if (fingerprints.length === 0) return;
    await this.#scope.db
      .insertInto('repair_import_stop')
      .values(fingerprints.map((fingerprint) => ({ import_id: importId, fingerprint })))
      .onConflict((conflict) => conflict.columns(['import_id', 'fingerprint']).doNothing())
      .execute();
  }

  /**
   * Takes the stops of an import back, in one transaction: what another import holds as well goes on counting, as that one's. The
   * import itself stays with its report and says who took it back. Throws 404 for an unknown one and 409 for one that is running or
   * was taken back already.
   */
  undo(id: string, actor: string, at: string): Promise<ImportUndone> {
    return this.#scope.inTransaction(async ({ db }) => {
      const row = await db.selectFrom('repair_import').selectAll().where('id', '=', id).executeTakeFirst();
      if (!row) throw unknownImport(id);
      if (row.status === 'running') {
        throw new ShopfloorError('import-running', 409, 'This file is still being read. Wait until it is through.');
      }
      if (row.undone_at !== null) {
        const current = { undone_at: row.undone_at, undone_by: row.undone_by };
        throw new ShopfloorError('import-undone', 409, `${row.undone_by} has taken this import back already.`, {
          current,
        });
      }
      await db.updateTable('repair_import').set({ undone_at: at, undone_by: actor }).where('id', '=', id).execute();
      const kept = await db
        .updateTable('repair_stop')
        .set({
          source: sql<string>`(select 'import:' || min(other.import_id) from repair_import_stop as other
            join repair_import on repair_import.id = other.import_id and repair_import.undone_at is null
            where other.fingerprint = repair_stop.fingerprint)`,
        })
        .where('source', '=', sourceOf(id))
        .where((eb) =>
          eb.exists(
            eb
              .selectFrom('repair_import_stop as other')
              .innerJoin('repair_import', 'repair_import.id', 'other.import_id')
              .select('other.import_id')
              .whereRef('other.fingerprint', '=', 'repair_stop.fingerprint')
              .where('repair_import.undone_at', 'is', null),
          ),
        )
        .executeTakeFirst();
      const removed = await db.deleteFrom('repair_stop').where('source', '=', sourceOf(id)).executeTakeFirst();
      return {
        id,
        undone_at: at,
        undone_by: actor,
        removed: Number(removed.numDeletedRows),
        kept: Number(kept.numUpdatedRows),
      };
    });
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
    return rows.map(({ report, id, name, status, started_at, actor, undone_at, undone_by }) => ({
      ...(JSON.parse(report) as object),
      id,
      name,
      status,
      started_at,
      actor,
      undone_at,
      undone_by,
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
    const { name, status, started_at, actor, undone_at, undone_by } = row;
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
      undone_at,
      undone_by,
      refusals: refusals.map(({ faults, ...refusal }) => ({ ...refusal, faults: JSON.parse(faults) as RowFault[] })),
    };
  }
}

export function unknownImport(id: string): ShopfloorError {
  return new ShopfloorError('import-unknown', 404, `There is no import ${id}.`, {
    hint: 'The command imports lists them.',
  });
}
