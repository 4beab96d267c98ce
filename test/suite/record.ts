// The record of one test file's run, a line for each test as it ends, so that a crash loses nothing of what came before.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export type Entry =
  | { readonly kind: 'begun'; readonly title: string }
  | { readonly kind: 'passed' | 'skipped'; readonly title: string }
  | { readonly kind: 'failed'; readonly title: string }
  /** A number that the run is to show, such as how many processes it killed. */
  | { readonly kind: 'figure'; readonly name: string; readonly value: number }
  | { readonly kind: 'ended' };

/** Names the file that entries are written to; unset where a test file is run by hand. */
export const recordVariable = 'SHOPFLOOR_TEST_RECORD';

export function writeEntry(file: string, entry: Entry): void {
  appendFileSync(file, `${JSON.stringify(entry)}\n`);
}

export function readEntries(file: string): readonly Entry[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  // The last element is empty, or the beginning of a line that a killed process did not finish.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Entry);
}
