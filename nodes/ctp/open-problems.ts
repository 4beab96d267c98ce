// Asks what is open: sums for each machine's view, the worst for its card, and what has to be escalated.
import { type Kysely, sql } from 'kysely';
import { inList } from '../store/empty-lists.ts';
import { type Severity, severities } from './messages.ts';
import type { EscalationLimits } from './notices.ts';
import { type OpenProblem, type Problem, problemOf } from './problem.ts';
import type { CtpSchema } from './tables.ts';

/** Written out, so that both engines recognise the partial index of what is open. */
const isOpenSql = sql<boolean>`status in ('ongoing', 'reopened')`;

/** What is open on a machine, as its view shows it. */
export interface OpenSummary {
  readonly problems: number;
  readonly severity: Severity | null;
  /** Start of the earliest problem of that severity: since when the machine has stood, not since when something has been amiss. */
  readonly sinceMs: number | null;
  /** What the machine's status depends on: each kind of open problem once, and since when it has been one: its start, or when it was reopened. */
  readonly kinds: readonly (OpenProblem & { readonly openSinceMs: number })[];
}

export const nothingOpen: OpenSummary = { problems: 0, severity: null, sinceMs: null, kinds: [] };

/** Mapped by machine; one without open problems is missing. @param machineId one machine only */
export async function openSummaries(
  db: Kysely<CtpSchema>,
  machineId?: number,
): Promise<ReadonlyMap<number, OpenSummary>> {
  const open = db
    .selectFrom('ctp_problem')
    .select((eb) => [
      'machine_id',
      'severity',
      'category',
      eb.fn.countAll<number>().as('problems'),
      eb.fn.min('start_ms').as('since_ms'),
      eb.fn.min('open_since_ms').as('open_since_ms'),
    ])
    .where(isOpenSql)
    .groupBy(['machine_id', 'severity', 'category']);
  const rows = await (machineId === undefined ? open : open.where('machine_id', '=', machineId)).execute();
  const summaries = new Map<number, OpenSummary>();
  for (const { machine_id, severity, category, problems, since_ms, open_since_ms } of rows) {
    const known = summaries.get(machine_id) ?? nothingOpen;
    const isWorse = known.severity === null || severities.indexOf(severity) < severities.indexOf(known.severity);
    const worst = isWorse
      ? { severity, sinceMs: Number(since_ms) }
      : {
          severity: known.severity,
          sinceMs: severity === known.severity ? Math.min(known.sinceMs ?? Infinity, Number(since_ms)) : known.sinceMs,
        };
    summaries.set(machine_id, {
      problems: known.problems + Number(problems),
      ...worst,
      kinds: [...known.kinds, { severity, category, openSinceMs: Number(open_since_ms) }],
    });
  }
  return summaries;
}

export async function openSummary(db: Kysely<CtpSchema>, machineId: number): Promise<OpenSummary> {
  return (await openSummaries(db, machineId)).get(machineId) ?? nothingOpen;
}

/** Open problems of a machine that a new one could repeat. */
export async function openBeside(db: Kysely<CtpSchema>, machineId: number) {
  return db
    .selectFrom('ctp_problem')
    .select(['id', 'error_code', 'category', 'same_kind', 'problem_description'])
    .where(isOpenSql)
    .where('machine_id', '=', machineId)
    .orderBy('id')
    .execute();
}

/** What a card shows of an open problem. */
export type OpenOnCard = Pick<
  Problem,
  | 'id'
  | 'machine_id'
  | 'severity'
  | 'error_code'
  | 'problem_description'
  | 'start_ms'
  | 'response_ms'
  | 'technician_name'
>;

/** Of each machine the worst `most`: the worst first, then the longest open. */
export async function worstOpen(
  db: Kysely<CtpSchema>,
  machines: readonly number[],
  most: number,
): Promise<readonly OpenOnCard[]> {
  if (machines.length === 0) return [];
  const order = sql`case severity when 'stop' then 0 when 'slow' then 1 else 2 end, start_ms, id`;
  const { rows } = await sql<OpenOnCard>`
    select id, machine_id, severity, error_code, problem_description, start_ms, response_ms, technician_name
    from (
      select *, row_number() over (partition by machine_id order by ${order}) as nth
      from ctp_problem where ${isOpenSql} and machine_id in (${inList(machines)})
    ) as open where nth <= ${most} order by machine_id, nth`.execute(db);
  return rows;
}

/** Open problems that have reached a level of escalation that nobody was told of, the longest open first. */
export async function dueForEscalation(
  db: Kysely<CtpSchema>,
  limits: EscalationLimits,
  nowMs: number,
  most: number,
): Promise<readonly Problem[]> {
  const steps = severities.flatMap((severity) =>
    limits[severity].map((minutes, escalated) => ({ severity, escalated, sinceMs: nowMs - minutes * 60_000 })),
  );
  if (steps.length === 0) return [];
  const rows = await db
    .selectFrom('ctp_problem')
    .selectAll()
    .where(isOpenSql)
    .where((eb) =>
      eb.or(
        steps.map(({ severity, escalated, sinceMs }) =>
          eb.and([eb('severity', '=', severity), eb('escalated', '=', escalated), eb('open_since_ms', '<=', sinceMs)]),
        ),
      ),
    )
    .orderBy('open_since_ms')
    .orderBy('id')
    .limit(most)
    .execute();
  return rows.map(problemOf);
}
