// Lays the doctor's findings out as plain, aligned text.
import type { Diagnosis } from '../../nodes/core/diagnosis.ts';
import type { Examination } from './examination.ts';

/** Characters of a terminal line; logs and tickets show this much without breaking. */
const lineWidth = 100;
const verdictWidth = 'doubtful'.length;

/** The section of one system, ending with a line break. */
export function formatExamination({ system, diagnoses }: Examination): string {
  if ('standIn' in system) return `${heading(system.name, 'not configured')}${indented(system.standIn, 2)}\n`;
  const checkWidth = Math.max(...diagnoses.map(({ check }) => check.length), 0);
  const lines = diagnoses.map((diagnosis) => formatDiagnosis(diagnosis, checkWidth));
  return `${heading(system.name, system.location)}${lines.join('')}\n`;
}

/** The last lines: how many checks work, are doubtful, fail, and what that means. */
export function formatSummary(examinations: readonly Examination[]): string {
  const count = (verdict: Diagnosis['verdict']): number =>
    examinations.flatMap(({ diagnoses }) => diagnoses).filter((diagnosis) => diagnosis.verdict === verdict).length;
  const failing = examinations.filter(hasFailure).map(({ system }) => system.name);
  const works = count('works');
  const counts = `${works} ${works === 1 ? 'check works' : 'checks work'}, ${count('doubtful')} doubtful, ${count('fails')} failed.`;
  return failing.length === 0 ? `${counts}\n` : `${counts} To be put right: ${failing.join(', ')}.\n`;
}

export function hasFailure({ diagnoses }: Examination): boolean {
  return diagnoses.some(({ verdict }) => verdict === 'fails');
}

function heading(name: string, location: string): string {
  return `${name}: ${location}\n`;
}

/**
 * Verdict and check in columns, then what was seen. Where the checks are too long for three columns, what was seen stands
 * below them.
 */
function formatDiagnosis({ check, verdict, found, advice }: Diagnosis, checkWidth: number): string {
  const column = 2 + verdictWidth + 2 + checkWidth + 2;
  const start = `  ${verdict.padEnd(verdictWidth)}  `;
  const body =
    column <= lineWidth / 2
      ? `${start}${check.padEnd(checkWidth)}  ${indented(found, column).trimStart()}`
      : `${start}${check}\n${indented(found, start.length)}`;
  return advice === undefined ? body : `${body}${indented(`-> ${advice}`, start.length)}`;
}

/** Breaks at blanks so that `indent` blanks and the text fit the line; keeps the text's own line breaks. */
function indented(text: string, indent: number): string {
  const width = lineWidth - indent;
  return text
    .split('\n')
    .flatMap((paragraph) => broken(paragraph, width))
    .map((line) => `${' '.repeat(indent)}${line}\n`)
    .join('');
}

function broken(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of paragraph.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
