// Decides how many requests to keep in flight by measuring: many a PLC answers no faster, or 300 times slower, when pipelined.

/** Depths tried in this order after 1. 16 is the most transactions a Modbus/TCP client is to open at once (messaging guide 4.3.2). */
export const trialDepths: readonly number[] = [2, 4, 8, 16];
/** Cycles per depth; their median decides, so that one slow scan of the PLC does not. */
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
 * Depth for `auto`: cycles at depth 1 are measured, then each deeper pipeline is tried and kept only when its median is at
 * most 0.8 of the kept one. A fault (timeout, exception, disconnect) returns to 1 for the rest of the connection.
 */
export class AdaptiveDepth {
  #kept = 1;
  #keptMs = Number.POSITIVE_INFINITY;
  /** Index into `trialDepths`; -1 while depth 1 is measured; `trialDepths.length` when the search is over. */
  #trial = -1;
  /** Requests of the cycles that are compared; the largest seen while depth 1 is measured. */
  #requests = 0;
  #samples: number[] = [];
  #faultyConnections = 0;

  /** Requests to keep in flight now. */
  get depth(): number {
    return trialDepths[this.#trial] ?? this.#kept;
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
      this.#samples = [];
    }
    if (requests !== this.#requests) return;
    this.#samples.push(durationMs);
    if (this.#trial >= 0 && this.#samples.filter((ms) => ms > hopeless * this.#keptMs).length >= 2) {
      this.#next();
      return;
    }
    if (this.#samples.length < cyclesPerDepth) return;
    const medianMs = median(this.#samples);
    if (this.#trial < 0 || medianMs <= worthwhile * this.#keptMs) {
      this.#kept = this.depth;
      this.#keptMs = medianMs;
    }
    this.#next();
  }

  /** A timeout, an exception or the end of the connection. */
  fault(): void {
    if (this.depth > 1) this.#faultyConnections += 1;
    this.#restart();
    this.#trial = trialDepths.length;
  }

  #next(): void {
    this.#samples = [];
    this.#trial += 1;
    // A pipeline deeper than the cycle is long cannot be told from the one before it.
    const before = trialDepths[this.#trial - 1] ?? 1;
    if (before >= this.#requests) this.#trial = trialDepths.length;
  }

  #restart(): void {
    this.#kept = 1;
    this.#keptMs = Number.POSITIVE_INFINITY;
    this.#trial = -1;
    this.#requests = 0;
    this.#samples = [];
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
