// What views need of the database beyond the open batches; the SQL is behind it.
import type { Batch } from './batch.ts';
import type { BatchEvent } from './messages.ts';

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Number of rows that match, not of those on the page. */
  readonly total: number;
}

/** An event with what explains it. */
export interface TrailEntry extends BatchEvent {
  readonly version: number;
  readonly data: unknown;
}

export interface WatchedRow {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly mo_id: string | null;
  readonly payload: unknown;
}

/** Reads that need no transaction; none keeps the process from other work for longer than 20 ms. */
export interface LedgerArchive {
  /** Ended batches of the line, the latest first; `search` is any part of the order's name. */
  history(limit: number, offset: number, search: string | undefined): Promise<Page<Batch>>;
  /** All events of a batch in the order in which they happened. */
  trail(batchId: string): Promise<TrailEntry[]>;
  watched(limit: number, offset: number): Promise<Page<WatchedRow>>;
}
