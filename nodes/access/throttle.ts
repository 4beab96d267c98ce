// How often somebody may guess: failures of one account or address make the next try wait, twice as long each time.

export interface Attempts {
  readonly failures: number;
  readonly lastAt: Date;
  readonly blockedUntil: Date | undefined;
}

export interface ThrottlePolicy {
  /** Failures that cost nothing but the try. */
  readonly free: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** Without a try for this long everything is forgotten. */
  readonly forgetAfterMs: number;
}

const minute = 60_000;

/** A forgetful person gets five tries; a machine gets four an hour. */
export const accountPolicy: ThrottlePolicy = {
  free: 5,
  firstWaitMs: minute / 2,
  longestWaitMs: 15 * minute,
  forgetAfterMs: 24 * 60 * minute,
};

/** One address may be a whole department behind one tablet, so it gets more. */
export const addressPolicy: ThrottlePolicy = {
  free: 20,
  firstWaitMs: minute / 2,
  longestWaitMs: 15 * minute,
  forgetAfterMs: 60 * minute,
};

/**
 * All strange addresses together that guess at one account. A whole network of them has to be at work before it holds: below that it
 * would only let one stranger keep others out.
 */
export const strangersPolicy: ThrottlePolicy = {
  free: 1000,
  firstWaitMs: minute / 2,
  longestWaitMs: 15 * minute,
  forgetAfterMs: 24 * 60 * minute,
};

export type ThrottleDecision =
  | { readonly allowed: true; readonly next: Attempts }
  | { readonly allowed: false; readonly waitMs: number };

/**
 * Counts the try before its outcome is known, so that parallel guesses can't slip through together; whoever succeeds gives it
 * back. While blocked a try is refused unseen and costs nothing.
 */
export function decideTry(policy: ThrottlePolicy, known: Attempts | undefined, now: Date): ThrottleDecision {
  const current =
    known && now.getTime() - known.lastAt.getTime() < policy.forgetAfterMs
      ? known
      : { failures: 0, lastAt: now, blockedUntil: undefined };
  const waitMs = (current.blockedUntil?.getTime() ?? 0) - now.getTime();
  // No block is longer, so one that seems to be was dated by a clock that has been set back since.
  if (waitMs > 0 && waitMs <= policy.longestWaitMs) return { allowed: false, waitMs };
  const failures = current.failures + 1;
  const over = failures - policy.free;
  const blockMs = over < 0 ? 0 : Math.min(policy.longestWaitMs, policy.firstWaitMs * 2 ** Math.min(over, 20));
  return {
    allowed: true,
    next: { failures, lastAt: now, blockedUntil: blockMs > 0 ? new Date(now.getTime() + blockMs) : undefined },
  };
}
