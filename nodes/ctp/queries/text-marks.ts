// Marks that the full-text index carries beside a problem's words, so that a filtered search is one walk through the index.
import { isOpen, type ProblemFact } from './problem-fact.ts';
import { searchableWords } from './words.ts';

/** Words hold letters and digits only; what begins with `_` is a mark and can't be typed. */
export const marks = {
  machine: (id: number) => `_m${id}`,
  status: (status: string) => `_s${status}`,
  severity: (severity: string) => `_v${severity}`,
  technician: (type: string) => `_t${type}`,
  /** Some word of a live problem begins like this. */
  beginning: (text: string) => `_b${text}`,
  /** Completed with a solution: somebody can learn from it. */
  solved: '_k',
} as const;

const spanMs = 2 ** 21 * 1000;

/** Spans of 2^21 s, some 24 days, counted from 1970. */
export function spanOf(instantMs: number): number {
  return Math.floor(instantMs / spanMs);
}

export function spanStartMs(span: number): number {
  return span * spanMs;
}

/** A word of a void problem: found only when void ones are asked for, and never in the way of the others. */
export function voidWord(word: string): string {
  return `_x${word}`;
}

export function isSolved(fact: Pick<ProblemFact, 'status' | 'solution'>): boolean {
  return fact.status === 'completed' && fact.solution !== null && fact.solution.trim() !== '';
}

/** Everything a full-text index holds of a problem, its words and what it is filtered by. */
export function indexedTerms(fact: ProblemFact): readonly string[] {
  const words = searchableWords(fact);
  return [
    ...(fact.status === 'void' ? words.map(voidWord) : words),
    marks.machine(fact.machine_id),
    marks.status(fact.status),
    ...(isOpen(fact.status) ? [marks.status('open')] : []),
    marks.severity(fact.severity),
    marks.technician(fact.technician_type),
    ...(isSolved(fact) ? [marks.solved] : []),
  ];
}
