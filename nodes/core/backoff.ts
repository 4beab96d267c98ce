// Capped exponential backoff with equal jitter, so that a plant full of nodes does not reconnect in step.

export interface BackoffPolicy {
  readonly firstMs: number;
  readonly capMs: number;
}

/**
 * Delay before retry number `attempt` (0 is the first retry), in ms.
 * "Equal jitter": uniform between half and the whole of the capped exponential, so a retry is never immediate.
 * @param random a number in [0, 1)
 */
export function backoffDelayMs(policy: BackoffPolicy, attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(policy.capMs, policy.firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}
