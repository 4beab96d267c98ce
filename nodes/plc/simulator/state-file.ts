// Keeps a text in a file that a crash leaves either old or new, never half.
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import type { StateFile } from './mill-state.ts';

export function stateFile(path: string): StateFile {
  return {
    load: () => {
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    save: async (text) => {
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
    },
  };
}
