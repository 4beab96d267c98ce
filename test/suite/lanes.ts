// Puts test files side by side in a few lanes, the long ones first, and those that must be alone after all others.

import type { TestFile } from './declaration.ts';
import type { FileOutcome } from './file-run.ts';

/**
 * Order in which files begin: those that say so, then by how long they took last time, unknown ones in front, so that
 * the last file to end is a short one.
 */
export function startOrder(files: readonly TestFile[], lastSeconds: ReadonlyMap<string, number>): readonly TestFile[] {
  const weight = (file: TestFile): number =>
    lastSeconds.get(file.path) ?? (file.manners.has('first') ? Number.MAX_SAFE_INTEGER : 60);
  return [...files].sort((a, b) => weight(b) - weight(a) || a.path.localeCompare(b.path));
}

/** Runs `files` in `lanes` lanes; `report` hears of each as it ends. Resolves when all have ended. */
export async function runInLanes(
  files: readonly TestFile[],
  lanes: number,
  run: (file: TestFile) => Promise<FileOutcome>,
  report: (outcome: FileOutcome) => void,
): Promise<readonly FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  const drain = async (waiting: TestFile[]): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const outcome = await run(file);
      outcomes.push(outcome);
      report(outcome);
    }
  };
  const isAlone = (file: TestFile): boolean => file.manners.has('alone');
  const shared = files.filter((file) => !isAlone(file));
  await Promise.all(Array.from({ length: lanes }, () => drain(shared)));
  await drain(files.filter(isAlone));
  return outcomes;
}
