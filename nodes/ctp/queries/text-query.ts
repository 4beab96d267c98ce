// One full-text question in the language of each engine, built of words and marks only, so that no typed sign can break it.
import { marks, voidWord } from './text-marks.ts';

/** Every group must be met, by any of its terms. */
export interface TextQuery {
  readonly groups: readonly (readonly TextTerm[])[];
}

export interface TextTerm {
  readonly term: string;
  /** Found by its beginning. */
  readonly isBeginning?: boolean;
}

/** For `ctp_text match ...`; quoted, because a word such as `and` would be an operator. */
export function sqliteMatch({ groups }: TextQuery): string {
  return groups
    .map((terms) => `(${terms.map(({ term, isBeginning }) => `"${term}"${isBeginning ? '*' : ''}`).join(' OR ')})`)
    .join(' AND ');
}

/** For `words @@ ...::tsquery`. */
export function postgresQuery({ groups }: TextQuery): string {
  return groups
    .map((terms) => `(${terms.map(({ term, isBeginning }) => `'${term}'${isBeginning ? ':*' : ''}`).join(' | ')})`)
    .join(' & ');
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
