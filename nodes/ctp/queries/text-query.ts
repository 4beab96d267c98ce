// What a full-text index is asked for and what it answers, whichever engine keeps it.
import type { Placed } from './pages.ts';
import { marks, voidWord } from './text-marks.ts';

/** Every group must be met, by any of its terms; words and marks only, so that no typed sign can break a query. */
export interface TextQuery {
  readonly groups: readonly (readonly TextTerm[])[];
}

export interface TextTerm {
  readonly term: string;
  /** Found by its beginning. */
  readonly isBeginning?: boolean;
}

export interface TextQuestion extends TextQuery {
  readonly fromPlace: number;
  /** Exclusive. */
  readonly toPlace: number;
  /** Rows of the answer at most. */
  readonly limit: number;
  /** Matches are counted up to here; 0 for no count. */
  readonly counted: number;
}

export interface Matches {
  /** At most as many as asked for, newest first. */
  readonly rows: readonly Placed[];
  /** May come after the rows: those can be shown before all others are counted. */
  readonly count: Promise<Total>;
}

/** What was counted, and whether that is all. */
export interface Total {
  readonly total: number;
  readonly totalExact: boolean;
}

export interface TextSearch {
  matches(question: TextQuestion): Promise<Matches>;
  /** For each of `queries` the newest problems of any time that meet it, at most `limit`. */
  newest(queries: readonly TextQuery[], limit: number): Promise<readonly (readonly Placed[])[]>;
}

export interface MarkFilter {
  readonly machines: readonly number[] | undefined;
  readonly status: string | undefined;
  readonly severity: string | undefined;
  readonly technicianType: string | undefined;
}

/** The marks that stand for a list's filter. Void problems have other words, so the live ones need no mark. */
export function markGroups({ machines, status, severity, technicianType }: MarkFilter): TextTerm[][] {
  return [
    ...(machines ? [machines.map((id) => ({ term: marks.machine(id) }))] : []),
    ...(status !== undefined && status !== 'void' ? [[{ term: marks.status(status) }]] : []),
    ...(severity !== undefined ? [[{ term: marks.severity(severity) }]] : []),
    ...(technicianType !== undefined ? [[{ term: marks.technician(technicianType) }]] : []),
  ];
}

export function wordTerm(word: string, isVoid: boolean, isBeginning = false): TextTerm {
  return { term: isVoid ? voidWord(word) : word, ...(isBeginning && { isBeginning }) };
}
