// Opens a filled log for the benchmark: the reading commands over it, and a check that its figures are those of its problems.
import { sql } from 'kysely';
import type { PlantTime } from '../../../nodes/core/plant-time.ts';
import type { Asker } from '../../../nodes/ctp/asker.ts';
import { parseCtpCommand } from '../../../nodes/ctp/command-parser.ts';
import { parseCtpSettings } from '../../../nodes/ctp/ctp-settings.ts';
import { openProblemLog } from '../../../nodes/ctp/open-log.ts';
import { CtpProjections } from '../../../nodes/ctp/projections.ts';
import { RollupGate } from '../../../nodes/ctp/queries/planned-months.ts';
import type { ProblemFact } from '../../../nodes/ctp/queries/problem-fact.ts';
import { RollUp } from '../../../nodes/ctp/queries/roll-up.ts';
import type { CtpSchema } from '../../../nodes/ctp/tables.ts';
import type { Store } from '../../../nodes/store/store.ts';
import type { Command } from './reading-cases.ts';

export interface FilledLog {
  readonly send: Command;
  readonly projections: CtpProjections;
}

/** A supervisor who sees every machine. */
const asker: Asker = { actor: { name: 'bench', via: 'flow' }, may: async () => true };

/** Opens the log, has its figures rolled up to `nowMs` by the tick, and returns what its node runs. */
export async function openFilledLog(store: Store, plant: PlantTime, nowMs: number): Promise<FilledLog> {
  const clock = { now: () => new Date(nowMs), monotonicMs: () => performance.now(), after: () => () => {} };
  const settings = parseCtpSettings({ timeZone: plant.zone });
  const log = await openProblemLog(store, settings, { clock });
  const gate = new RollupGate();
  const side = { engine: store.engine, plant, calendar: () => undefined, gate };
  await new RollUp(store, side).settle(nowMs);
  const { fault } = await log.execute(parseCtpCommand({ command: 'tick' }, plant), asker);
  if (fault) throw fault;
  return {
    send: async (payload) => (await log.execute(parseCtpCommand(payload, plant), asker)).answer,
    projections: new CtpProjections(side),
  };
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
