// What the link tells about itself: its state, and counts for a status or a metric.

/**
 * `idle` not started; `connecting` first attempt; `connected`; `disconnected` trying again, `reason` says why;
 * `closed` for good.
 */
export type LinkPhase = 'idle' | 'connecting' | 'connected' | 'disconnected' | 'closed';

export interface LinkStatus {
  readonly phase: LinkPhase;
  readonly since: Date;
  /** Why the connection is missing. */
  readonly reason?: string;
}

/** Counts since the link was made. */
export interface LinkCounters {
  /** Requests that left for the PLC. */
  readonly requests: number;
  /** Polls that were served by the answer of an identical waiting poll. */
  readonly merged: number;
  /** Requests refused because too many were waiting. */
  readonly dropped: number;
  readonly timeouts: number;
  /** Connections opened after the first. */
  readonly reconnects: number;
  /** Requests kept in flight at present. */
  readonly depth: number;
  readonly lastAnswerAt: Date | undefined;
}
