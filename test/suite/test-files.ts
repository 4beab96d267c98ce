// Finds the test files of this package.
import { globSync } from 'node:fs';
import { dirname } from 'node:path';

const root = dirname(dirname(import.meta.dirname));

/** Paths from the package's root, sorted. */
export function testFiles(patterns: readonly string[] = ['test/**/*.test.ts']): readonly string[] {
  return globSync([...patterns], { cwd: root, exclude: (path) => path.includes('node_modules') }).sort();
}
