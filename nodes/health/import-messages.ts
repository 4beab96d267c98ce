// Messages about files of past stops: how their columns are named, how far the reading is, and what became of every row.
import type { DateOrder } from './stops/file-dates.ts';
import type { Why } from './stops/file-judgement.ts';
import type { DecimalMark } from './stops/file-numbers.ts';
import type { FileEncoding } from './stops/file-text.ts';

/** Names of the columns in a file, mapped by what they are; how its dates are written. */
export interface ColumnMapping {
  readonly machine: string;
  readonly shift: string;
  readonly order: string;
  readonly start: string;
  readonly end: string;
  readonly minutes: string;
  readonly stop_cause: string;
  /** Order of `05/04/2025`, where the file itself doesn't show it. */
  readonly date_order?: DateOrder;
  /** Mark of `1.250` or `1,250`, where the file itself doesn't show it. */
  readonly decimal?: DecimalMark;
}

/** Answer to `import-undo`. */
export interface ImportUndone {
  readonly id: string;
  readonly undone_at: string;
  readonly undone_by: string;
  /** Stops that no longer count. */
  readonly removed: number;
  /** Stops that another file holds as well, and that go on counting. */
  readonly kept: number;
}

/** What the sender of a file says about it beside its columns. */
export interface ImportWord {
  /** Machines of the file that the plant has not registered, and that are taken all the same. */
  readonly new_machines?: readonly string[];
}

/** One stop as a reading of the file has it. */
export interface PreviewRow {
  readonly line: number;
  readonly machine: string;
  readonly cause: string;
  /** Instants, ISO 8601; null where the text is none. */
  readonly start: string | null;
  readonly end: string | null;
  readonly minutes: number | null;
}

/** The first rows as they are in one of the readings that a file allows. */
export interface FileVariant {
  readonly date_order: DateOrder;
  readonly decimal: DecimalMark;
  readonly rows: readonly PreviewRow[];
}

/** What a file is, before a row of it is taken. */
export interface ImportPreview {
  readonly encoding: FileEncoding;
  readonly separator: string;
  /** Lines above the header, which are passed over. */
  readonly skipped: readonly string[];
  readonly columns: readonly string[];
  readonly rows: number;
  readonly stops: number;
  readonly refused: number;
  readonly date_order: { readonly order: DateOrder; readonly why: Why };
  readonly decimal: { readonly mark: DecimalMark; readonly why: Why };
  /** One, or one for each reading between which the sender has to choose. */
  readonly readings: readonly FileVariant[];
  /** Machines that the plant has not registered; empty also where it registers none at all. */
  readonly new_machines: readonly { readonly machine: string; readonly stops: number }[];
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
  /** `encoding-lost`: a text in which a decoder has replaced what it could not read. */
  | { readonly code: 'empty' | 'encoding-lost' }
  | { readonly code: 'no-column' | 'no-end'; readonly wanted: string; readonly has: string }
  /** Two places that can't both be true. */
  | {
      readonly code: 'dates-contradict' | 'decimals-contradict';
      readonly one: string;
      readonly one_line: number;
      readonly other: string;
      readonly other_line: number;
    }
  /** The file shows a reading, and its sender names the other one. */
  | {
      readonly code: 'dates-given-otherwise' | 'decimals-given-otherwise';
      readonly shown: string;
      readonly told: string;
    };

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
  /** When its stops were taken back, and by whom; null while they count. */
  readonly undone_at: string | null;
  readonly undone_by: string | null;
  /** Why it failed, English. */
  readonly error: string | null;
  /** The same for pages, where the file itself was the reason. */
  readonly file_fault: FileFault | null;
}
