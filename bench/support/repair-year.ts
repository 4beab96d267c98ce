// Fills a store with the past of repairs: the stops that machines reported, estimates of alarms, and the report of an import.
import { sql } from 'kysely';
import { migrateHealthTables } from '../../nodes/health/health-store.ts';
import type { ImportReport } from '../../nodes/health/messages.ts';
import type { Store } from '../../nodes/store/store.ts';

export interface RepairPastOptions {
  readonly machines: readonly string[];
  readonly days: number;
  readonly nowMs: number;
}

const dayMs = 24 * 60 * 60 * 1000;
/** Of the forty changes of state a day, so many are stops that repair-estimate records: errors and stops without a planned reason. */
const stopsADay = 8;
/** One in four is a repair; the others are for a person to look at. */
const causes = 24;
const refusedRows = 1_000;

/** Fills what is not there yet: a store of an earlier run has everything else. */
export async function fillRepairs(store: Store, { machines, days, nowMs }: RepairPastOptions): Promise<void> {
  await migrateHealthTables(store);
  const db = store.db<unknown>();
  const { rows } = await sql`select 1 from repair_stop limit 1`.execute(db);
  if (rows.length > 0) return;
  const fromMs = nowMs - days * dayMs;
  const everyMs = dayMs / stopsADay;
  for (const machine of machines) {
    await sql`insert into repair_stop (fingerprint, machine, shift, order_name, cause, start_ms, end_ms, minutes, class, source, recorded_at)
      with recursive stop (n) as (select 0 union all select n + 1 from stop where n + 1 < ${days * stopsADay})
      select ${machine} || '/' || n, ${machine}, cast(1 + n % 3 as text), '', 'CAUSE ' || (n % ${causes}),
        cast(${fromMs} as bigint) + n * cast(${everyMs} as bigint),
        cast(${fromMs} as bigint) + n * cast(${everyMs} as bigint) + (300 + (n * 7919) % 3600) * 1000,
        (300 + (n * 7919) % 3600) / 60.0,
        case when n % 4 = 0 then 'repair' else 'other' end, 'machine', ${new Date(nowMs).toISOString()} from stop`.execute(
      db,
    );
  }
  await sql`insert into repair_estimate (id, alarm_id, machine, at_ms, estimate, actual_minutes)
    select 'e' || seq, 'a' || seq, machine, start_ms, '{}', minutes from repair_stop where class = 'repair'`.execute(
    db,
  );
  const report: Omit<ImportReport, 'refusals'> = {
    id: 'i1',
    name: 'stops.csv',
    status: 'done',
    percent: 100,
    rows: refusedRows,
    imported: 0,
    duplicates: 0,
    production: 0,
    refused: refusedRows,
    started_at: new Date(nowMs).toISOString(),
    actor: 'generator',
    overlapping: 0,
    classes: {},
    undone_at: null,
    undone_by: null,
    error: null,
    file_fault: null,
  };
  await sql`insert into repair_import (id, name, status, report, started_at, actor)
    values ('i1', 'stops.csv', 'done', ${JSON.stringify(report)}, ${report.started_at}, 'generator')`.execute(db);
  await sql`insert into repair_import_refusal (import_id, line, reason, raw)
    with recursive refused (n) as (select 2 union all select n + 1 from refused where n <= ${refusedRows})
    select 'i1', n, 'end: must be after start', 'C_FL101,1,1,x,y,15,TROUBLE' from refused`.execute(db);
}
