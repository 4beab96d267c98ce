// Keeps a text in a file that a crash leaves either old or new, never half; returns when it is written.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { OdooStateFile } from './simulator-state.ts';

export function stateFile(path: string): OdooStateFile {
  return {
    load: () => {
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    save: (text) => {
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    },
  };
}
