// Downtime by brute force: looks at every minute of a window and asks who owns it.
import type { ProblemFact } from '../../../nodes/ctp/queries/problem-fact.ts';
import { minuteMs } from './read-world.ts';

const rank = { stop: 0, slow: 1, minor: 2 } as const;

export interface OracleFigures {
  downtimeMs: number;
  /** Mapped by the key of each dimension. */
  readonly code: Map<string, number>;
  readonly category: Map<string, number>;
  /** Mapped by plant date. */
  readonly day: Map<string, number>;
}

/** All instants must lie on whole minutes. */
export function minuteByMinute(
  problems: readonly ProblemFact[],
  window: { readonly fromMs: number; readonly toMs: number; readonly nowMs: number },
  dateOf: (instantMs: number) => string,
  isPlanned: (instantMs: number) => boolean,
): OracleFigures {
  const result: OracleFigures = { downtimeMs: 0, code: new Map(), category: new Map(), day: new Map() };
  const live = problems.filter(({ status }) => status !== 'void');
  for (let minute = window.fromMs; minute < window.toMs; minute += minuteMs) {
    if (!isPlanned(minute)) continue;
    let owner: ProblemFact | undefined;
    for (const problem of live) {
      if (problem.start_ms > minute || (problem.end_ms ?? window.nowMs) <= minute) continue;
      if (!owner || isStronger(problem, owner)) owner = problem;
    }
    if (!owner) continue;
    result.downtimeMs += minuteMs;
    add(result.code, owner.error_code ?? '');
    add(result.category, owner.category ?? '');
    add(result.day, dateOf(minute));
  }
  return result;
}

function isStronger(one: ProblemFact, other: ProblemFact): boolean {
  if (rank[one.severity] !== rank[other.severity]) return rank[one.severity] < rank[other.severity];
  if (one.start_ms !== other.start_ms) return one.start_ms < other.start_ms;
  return one.id < other.id;
}

function add(sums: Map<string, number>, key: string): void {
  sums.set(key, (sums.get(key) ?? 0) + minuteMs);
}
