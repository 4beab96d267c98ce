// Fills a fresh database with a large CTP log: problems and events by set-based SQL, the reading side by its own rebuild.
import { setImmediate as turn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { PlantTime } from '../../../nodes/core/plant-time.ts';
import { ctpMigrations, ctpRoom } from '../../../nodes/ctp/migrations.ts';
import { problemsInOrder } from '../../../nodes/ctp/queries/problem-source.ts';
import { rebuildLists } from '../../../nodes/ctp/queries/rebuild.ts';
import type { CtpSchema } from '../../../nodes/ctp/tables.ts';
import type { Store } from '../../../nodes/store/store.ts';
import { machineNicknames, numbers, problemColumns, run } from './large-log.ts';

/** Events for each problem: reported, corrected, completed. */
const eventsOfProblem = 3;

export async function fillLog(store: Store, plant: PlantTime, problems: number, nowMs: number): Promise<void> {
  await store.migrate(ctpRoom, ctpMigrations(store.engine));
  const db = store.db<CtpSchema>();
  for (const nickname of machineNicknames.slice(3)) {
    await db
      .insertInto('ctp_machine')
      .values({
        name: `CTP ${nickname}`,
        nickname,
        kind: 'ctp',
        description: null,
        retired: 0,
        derived_status: 'active',
        status: 'active',
        status_since_ms: nowMs,
        manual_status: null,
        manual_reason: null,
        manual_by: null,
        manual_at_ms: null,
        version: 1,
      })
      .execute();
  }
  const column = problemColumns(problems, nowMs);
  const isPostgres = store.engine === 'postgres';
  const row = numbers(store, problems);
  const given = isPostgres ? ' overriding system value' : '';
  await run(
    store.db<unknown>(),
    `insert into ctp_problem (id, machine_id, problem_ms, error_code, category, severity, problem_description, solution, technician_type,
      technician_name, vendor_name, start_ms, response_ms, end_ms, status, void_reason, parts, same_kind, opening, open_since_ms, escalated,
      created_by, created_ms, updated_ms, version)${given}
    ${row} select ${column.id}, ${column.machine}, ${column.startMs}, ${column.errorCode}, ${column.category}, ${column.severity},
      ${column.description}, ${column.solution}, ${column.technicianType}, ${column.technicianName}, ${column.vendorName}, ${column.startMs},
      ${column.responseMs}, ${column.endMs}, ${column.status}, case when ${column.status} = 'void' then 'salah input' end, '[]', null, 1,
      ${column.startMs}, 0, 'bench', ${column.startMs}, ${column.startMs}, 1 from number`,
  );
  await turn();
  await run(
    store.db<unknown>(),
    `insert into ctp_event (problem_id, machine_id, at_ms, actor, via, type, reason, detail)
    select problem.id, problem.machine_id, problem.start_ms + kind.number * 60000, 'bench', 'http',
      case kind.number when 0 then 'reported' when 1 then 'corrected' else 'completed' end, null, '{}'
    from ctp_problem as problem cross join (${Array.from({ length: eventsOfProblem }, (_, index) => `select ${index} as number`).join(' union all ')}) as kind`,
  );
  if (isPostgres) {
    await run(store.db<unknown>(), `select setval(pg_get_serial_sequence('ctp_problem', 'id'), ${problems})`);
    await run(store.db<unknown>(), 'vacuum analyze');
  }
  await rebuildLists(store, plant, () => problemsInOrder(store));
  if (isPostgres) await run(store.db<unknown>(), 'vacuum analyze');
  else await sql`analyze`.execute(store.db<unknown>());
}
