// Words for a run of the suite: a line for each file, failures whole, and the closing line that machines read.
import type { FileOutcome } from './file-run.ts';

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** A file that passed is one line with what it skipped under it; a failed one is shown with everything it wrote. */
export function fileReport(outcome: FileOutcome): string {
  const { path, passed, skipped, failures, seconds, output } = outcome;
  const counts = [
    `${passed} passed`,
    ...(failures.length > 0 ? [`${failures.length} FAILED`] : []),
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
    ...[...sums([outcome])].map(([name, value]) => `${name}: ${value}`),
  ];
  const line = `${seconds.toFixed(1).padStart(7)} s  ${path}  ${counts.join(', ')}\n`;
  const skips = skipped.map((title) => `             skipped: ${title}\n`).join('');
  if (failures.length === 0) return line + skips;
  const reasons = failures.map((title) => `             failed: ${title}\n`).join('');
  return `${line}${skips}${reasons}\n---- all that ${path} wrote ----\n${output.trimEnd()}\n---- end of ${path} ----\n\n`;
}

function sums(outcomes: readonly FileOutcome[]): ReadonlyMap<string, number> {
  const total = new Map<string, number>();
  for (const { name, value } of outcomes.flatMap(({ figures }) => figures)) {
    total.set(name, (total.get(name) ?? 0) + value);
  }
  return total;
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** `skipsFail`: in continuous integration everything is installed, so what is skipped there was not tested. */
export function totals(outcomes: readonly FileOutcome[], skipsFail: boolean): Totals {
  const sum = (count: (outcome: FileOutcome) => number): number =>
    outcomes.reduce((total, outcome) => total + count(outcome), 0);
  const skipped = sum((outcome) => outcome.skipped.length);
  return {
    passed: sum((outcome) => outcome.passed),
    failed: sum((outcome) => outcome.failures.length) + (skipsFail ? skipped : 0),
    skipped: skipsFail ? 0 : skipped,
  };
}

/** Everything after the last file, ending with `N passed, N failed, N skipped`. */
export function closingReport(outcomes: readonly FileOutcome[], skipsFail: boolean, seconds: number): string {
  const { passed, failed, skipped } = totals(outcomes, skipsFail);
  const slowest = [...outcomes].sort((a, b) => b.seconds - a.seconds).slice(0, 10);
  const figures = [...sums(outcomes)].map(([name, value]) => `${name}: ${value}`);
  const failures = outcomes.flatMap((outcome) => [
    ...outcome.failures.map((title) => `  ${outcome.path}: ${title}`),
    ...(skipsFail ? outcome.skipped.map((title) => `  ${outcome.path}: CI must not skip: ${title}`) : []),
  ]);
  return [
    '',
    `${plural(outcomes.length, 'file')} in ${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s; the slowest:`,
    ...slowest.map((outcome) => `${outcome.seconds.toFixed(1).padStart(7)} s  ${outcome.path}`),
    ...(figures.length > 0 ? ['', ...figures] : []),
    ...(failures.length > 0 ? ['', 'Failed:', ...failures] : []),
    '',
    `${passed} passed, ${failed} failed, ${skipped} skipped`,
    '',
  ].join('\n');
}
