// Which outbox rows this process has handed out and not got back: known only to the process, so that a crash frees them.

/** Longer than any push takes with all its deadlines; after it a row whose answer never came is handed out again. */
const leaseMs = 5 * 60_000;

export class PushLeases {
  /** Monotonic instant at which waiting for the answer ends, mapped by outbox row id. */
  readonly #untilMs = new Map<string, number>();

  handOut(pushId: string, nowMs: number): void {
    this.#untilMs.set(pushId, nowMs + leaseMs);
  }

  answered(pushId: string): void {
    this.#untilMs.delete(pushId);
  }

  inFlight(nowMs: number): ReadonlySet<string> {
    for (const [pushId, untilMs] of this.#untilMs) if (untilMs <= nowMs) this.#untilMs.delete(pushId);
    return new Set(this.#untilMs.keys());
  }
}
