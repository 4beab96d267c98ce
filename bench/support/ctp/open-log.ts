// Opens a filled log for the benchmark: the reading commands over it, and a check that its figures are those of its problems.
import { sql } from 'kysely';
import type { PlantTime } from '../../../nodes/core/plant-time.ts';
import type { CtpProblem } from '../../../nodes/ctp/messages.ts';
import { CtpProjections } from '../../../nodes/ctp/projections.ts';
import { CtpQueries } from '../../../nodes/ctp/queries/ctp-queries.ts';
import { RollupGate } from '../../../nodes/ctp/queries/planned-months.ts';
import type { ProblemFact } from '../../../nodes/ctp/queries/problem-fact.ts';
import { RollUp } from '../../../nodes/ctp/queries/roll-up.ts';
import type { CtpSchema } from '../../../nodes/ctp/tables.ts';
import type { Store } from '../../../nodes/store/store.ts';
import { machineNicknames } from './large-log.ts';

export interface FilledLog {
  readonly queries: CtpQueries;
  readonly projections: CtpProjections;
}

/** Rolls the figures up to `nowMs` and returns the reading side. */
export async function openFilledLog(store: Store, plant: PlantTime, nowMs: number): Promise<FilledLog> {
  const gate = new RollupGate();
  const settings = { engine: store.engine, plant, calendar: () => undefined, gate };
  await new RollUp(store, settings).settle(nowMs);
  const clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs, after: () => () => {} };
  const problems = (ids: readonly number[]) => problemsOf(store, ids, nowMs);
  return {
    queries: new CtpQueries({ store, clock, plant, calendar: () => undefined, gate, problems }),
    projections: new CtpProjections(settings),
  };
}

async function problemsOf(store: Store, ids: readonly number[], nowMs: number): Promise<readonly CtpProblem[]> {
  const rows = await store.reader<CtpSchema>().selectFrom('ctp_problem').selectAll().where('id', 'in', ids).execute();
  const iso = (ms: number) => new Date(ms).toISOString();
  const optional = (ms: number | null) => (ms === null ? null : iso(ms));
  return rows.map((row) => ({
    ...row,
    machine_nickname: machineNicknames[row.machine_id - 1] ?? '',
    machine_name: `CTP ${row.machine_id}`,
    problem_date: iso(row.problem_ms),
    start_time: iso(row.start_ms),
    response_time: optional(row.response_ms),
    end_time: optional(row.end_ms),
    parts: [],
    photos: [],
    documents: [],
    downtime_hours: row.status === 'void' ? null : ((row.end_ms ?? nowMs) - row.start_ms) / 3_600_000,
    created_at: iso(row.created_ms),
    updated_at: iso(row.updated_ms),
  }));
}

const checkedProblems = 25;

/**
 * Takes some problems out of the log and puts them back, as `void` and a correction do: sums that were filled by other rules than
 * the projection's would not come back to what they were. Throws when they don't.
 */
export async function checkProjections(store: Store, { projections }: FilledLog, problems: number): Promise<void> {
  const before = await sumsOf(store);
  for (let index = 1; index <= checkedProblems; index += 1) {
    const id = Math.max(1, Math.floor((index * problems) / (checkedProblems + 1)));
    await store.transaction<CtpSchema, void>(async (db) => {
      const row = await db.selectFrom('ctp_problem').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
      const gone: ProblemFact = { ...row, status: 'void' };
      await projections.changed(db, row, gone);
      await projections.changed(db, gone, row);
    });
  }
  const after = await sumsOf(store);
  if (before !== after) throw new Error(`the projection gives other sums than the fill: ${before} became ${after}`);
}

async function sumsOf(store: Store): Promise<string> {
  const db = store.db<unknown>();
  const { rows } = await sql<Record<string, unknown>>`
    select sum(problems) as problems, sum(completed) as completed, sum(repair_ms) as repair, sum(responded) as responded,
      sum(response_ms) as response, sum(downtime_ms) as downtime, sum(downtime_ms % 9973 * (period % 9973)) as spread,
      (select sum(problems * (period % 9973)) from ctp_count) as counted, (select count(*) from ctp_fact) as facts
    from ctp_rollup`.execute(db);
  return JSON.stringify(rows[0]);
}
