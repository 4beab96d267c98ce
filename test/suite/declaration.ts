// What a test file says at its head about how it must be run: `// Suite: alone, first. The reason in a sentence.`
import { readFileSync } from 'node:fs';

/**
 * - `first`: takes minutes, so it begins before the others and no lane waits for it at the end;
 * - `alone`: nothing runs beside it, for what it measures is time of the whole machine;
 * - `root`: mounts a small disk, so CI runs it by `sudo` where it is not root;
 * - `long`: does more under SHOPFLOOR_LONG (`runSize`), and `npm run test:long` runs it so.
 */
const known = ['first', 'alone', 'root', 'long'] as const;
export type Manner = (typeof known)[number];

export interface TestFile {
  /** Relative to the package's root. */
  readonly path: string;
  readonly manners: ReadonlySet<Manner>;
}

/** Reads the declaration of one file; throws where a word of it is not known, for it would be ignored in silence. */
export function declared(path: string, source: string = readFileSync(path, 'utf8')): TestFile {
  const manners = new Set<Manner>();
  for (const [line, words = ''] of source.matchAll(/^\/\/ Suite: ([^.\n]*)\.?/gm)) {
    for (const word of words.split(',').map((text) => text.trim())) {
      const manner = known.find((name) => name === word);
      if (manner === undefined) throw new Error(`${path}: "${line}" has "${word}", known are ${known.join(', ')}`);
      manners.add(manner);
    }
  }
  return { path, manners };
}
