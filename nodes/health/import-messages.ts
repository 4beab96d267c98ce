// Messages about files of past stops: how their columns are named, how far the reading is, and what became of every row.

/** Names of the columns in a file, mapped by what they are; how its dates are written. */
export interface ColumnMapping {
  readonly machine: string;
  readonly shift: string;
  readonly order: string;
  readonly start: string;
  readonly end: string;
  readonly minutes: string;
  readonly stop_cause: string;
  /** Order of `05/04/2025`. */
  readonly date_order: 'dmy' | 'mdy';
}

/** Second output of repair-estimate, topic `repair/progress`: for a progress bar. */
export interface ImportProgress {
  readonly id: string;
  readonly name: string;
  readonly status: 'running' | 'done' | 'failed';
  /** 0 to 100. */
  readonly percent: number;
  /** Lines of data that were read. */
  readonly rows: number;
  readonly imported: number;
  /** Known already: the same machine, cause, start and end. */
  readonly duplicates: number;
  /** Rows of production, without a stop. */
  readonly production: number;
  readonly refused: number;
}

/** What is wrong with one field of a row. */
export type RowFault = { readonly field: 'machine' | 'start' | 'end' | 'minutes' | 'stop_cause' } & (
  | { readonly code: 'length'; readonly least: number; readonly most: number }
  | { readonly code: 'no-instant' | 'no-minutes'; readonly given: string }
  | { readonly code: 'before-start' | 'future' }
  | { readonly code: 'too-long'; readonly days: number }
  /** Minutes by their column, and from start to end. */
  | { readonly code: 'minutes-differ'; readonly given: number; readonly span: number }
);

/** Why no row of a file can be read; columns as one text. */
export type FileFault =
  | { readonly code: 'empty' }
  | { readonly code: 'no-column' | 'no-end'; readonly wanted: string; readonly has: string };

export interface RefusedRow {
  readonly line: number;
  /** English. */
  readonly reason: string;
  /** The same for pages; empty for rows that an earlier version refused. */
  readonly faults: readonly RowFault[];
  readonly raw: string;
}

export interface ImportReport extends ImportProgress {
  readonly started_at: string;
  readonly actor: string;
  /** Imported stops that overlap another of the same machine; both are kept. */
  readonly overlapping: number;
  /** Imported stops mapped by class. */
  readonly classes: Readonly<Record<string, number>>;
  /** Refused rows, the first of them, with what is wrong. */
  readonly refusals: readonly RefusedRow[];
  /** Why it failed, English. */
  readonly error: string | null;
  /** The same for pages, where the file itself was the reason. */
  readonly file_fault: FileFault | null;
}
