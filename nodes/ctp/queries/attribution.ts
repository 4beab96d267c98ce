// Gives each moment of downtime to exactly one problem, so that the parts of a Pareto add up to the union.
import type { Interval } from '../../core/intervals.ts';

/** A problem's claim on time, clipped to a window. Lower `rank` wins; then who began earlier; then the lower id. */
export interface Claim extends Interval {
  readonly rank: number;
  /** Its true start, before clipping. */
  readonly begunMs: number;
  readonly id: number;
}

/** A stretch of time with its owner; a list of them is sorted and disjoint, and covers the union of the claims. */
export interface Attributed<Owner extends Claim> extends Interval {
  readonly owner: Owner;
}

/** Negative when `left` owns time that both claim. */
function priority(left: Claim, right: Claim): number {
  return left.rank - right.rank || left.begunMs - right.begunMs || left.id - right.id;
}

/** Splits the union of `claims` among them: severity first (rank), then who began earlier, then who was reported earlier. */
export function attributed<Owner extends Claim>(claims: readonly Owner[]): readonly Attributed<Owner>[] {
  const waiting = claims
    .filter(({ startMs, endMs }) => endMs > startMs)
    .sort((left, right) => left.startMs - right.startMs);
  /** Claims under way, the strongest last. */
  const running: Owner[] = [];
  const stretches: { startMs: number; endMs: number; owner: Owner }[] = [];
  let next = 0;
  let now = waiting[0]?.startMs ?? 0;
  while (next < waiting.length || running.length > 0) {
    if (running.length === 0) now = Math.max(now, waiting[next]?.startMs ?? now);
    for (let claim = waiting[next]; claim && claim.startMs <= now; claim = waiting[next]) {
      insert(running, claim);
      next += 1;
    }
    const owner = running.at(-1);
    if (!owner) continue;
    if (owner.endMs <= now) {
      running.pop();
      continue;
    }
    const until = Math.min(owner.endMs, waiting[next]?.startMs ?? owner.endMs);
    const last = stretches.at(-1);
    if (last && last.owner === owner && last.endMs === now) last.endMs = until;
    else stretches.push({ startMs: now, endMs: until, owner });
    now = until;
  }
  return stretches;
}

function insert<Owner extends Claim>(running: Owner[], claim: Owner): void {
  let low = 0;
  let high = running.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (priority(running[middle] as Owner, claim) > 0) low = middle + 1;
    else high = middle;
  }
  running.splice(low, 0, claim);
}
