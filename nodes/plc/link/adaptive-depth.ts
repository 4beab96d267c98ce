// Decides how many requests to keep in flight by measuring: many a PLC answers no faster, or 300 times slower, when pipelined.

/** Depths tried in this order after 1. 16 is the most transactions a Modbus/TCP client is to open at once (messaging guide 4.3.2). */
export const trialDepths: readonly number[] = [2, 4, 8, 16];
/** Cycles of each of two depths; their medians decide, so that one slow scan of the PLC does not. */
const cyclesPerDepth = 5;
/** A deeper pipeline is kept only when it takes at most this share of the time. */
const worthwhile = 0.8;
/** A trial with two cycles that take this multiple of the kept depth is over (Nagle with delayed acknowledgement: 44 ms for 0.13 ms). */
const hopeless = 4;
/** Connections on which pipelining met a fault before it is left alone for good. */
const faultyConnectionLimit = 2;

/** One uninterrupted run of polls, from the first request sent to the last answer. */
export interface PollCycle {
  readonly requests: number;
  readonly durationMs: number;
}

/**
 * Depth for `auto`: after a few cycles at depth 1, each deeper pipeline takes turns with the kept one, so that a drift of
 * the PLC or the network hits both alike, and is kept when its median is at most 0.8 of the other's. A fault (timeout,
 * exception, disconnect) returns to 1 for the rest of the connection.
 */
export class AdaptiveDepth {
  #kept = 1;
  /** Index into `trialDepths`; -1 while depth 1 alone is measured; `trialDepths.length` when the search is over. */
  #trial = -1;
  /** Requests of the cycles that are compared; the largest seen while depth 1 is measured. */
  #requests = 0;
  readonly #keptMs: number[] = [];
  readonly #trialMs: number[] = [];
  #faultyConnections = 0;

  /** Requests to keep in flight now. */
  get depth(): number {
    return this.#isTrialsTurn ? (trialDepths[this.#trial] ?? this.#kept) : this.#kept;
  }

  /** True when no trial is under way any more. */
  get settled(): boolean {
    return this.#trial >= trialDepths.length;
  }

  /** A new connection: measures again, unless pipelining has met faults on too many connections. */
  connected(): void {
    this.#restart();
    if (this.#faultyConnections >= faultyConnectionLimit) this.#trial = trialDepths.length;
  }

  /** A cycle in which every request was answered. */
  cycle({ requests, durationMs }: PollCycle): void {
    if (this.settled || requests < 2) return;
    if (this.#trial < 0 && requests > this.#requests) {
      this.#requests = requests;
      this.#keptMs.length = 0;
    }
    if (requests !== this.#requests) return;
    (this.#isTrialsTurn ? this.#trialMs : this.#keptMs).push(durationMs);
    if (this.#trial < 0) {
      if (this.#keptMs.length >= cyclesPerDepth) this.#next();
      return;
    }
    const keptMs = median(this.#keptMs);
    if (this.#trialMs.filter((ms) => ms > hopeless * keptMs).length >= 2) {
      this.#next();
      return;
    }
    if (this.#trialMs.length < cyclesPerDepth) return;
    if (median(this.#trialMs) <= worthwhile * keptMs) this.#kept = trialDepths[this.#trial] ?? 1;
    this.#next();
  }

  /** A timeout, an exception or the end of the connection. */
  fault(): void {
    if (this.depth > 1 || this.#kept > 1) this.#faultyConnections += 1;
    this.#restart();
    this.#trial = trialDepths.length;
  }

  get #isTrialsTurn(): boolean {
    return this.#trial >= 0 && this.#trialMs.length < this.#keptMs.length;
  }

  #next(): void {
    this.#keptMs.length = 0;
    this.#trialMs.length = 0;
    this.#trial += 1;
    // A pipeline deeper than the cycle is long cannot be told from the one before it.
    const before = trialDepths[this.#trial - 1] ?? 1;
    if (before >= this.#requests) this.#trial = trialDepths.length;
  }

  #restart(): void {
    this.#kept = 1;
    this.#trial = -1;
    this.#requests = 0;
    this.#keptMs.length = 0;
    this.#trialMs.length = 0;
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
