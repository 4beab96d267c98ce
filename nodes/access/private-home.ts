// Keeps the plant's home to the account that runs it: database, sessions, flows and photos are nobody else's to read.
import { chmodSync, existsSync, lstatSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ownerOnly = { folder: 0o700, file: 0o600 } as const;
/** Rights of group and others. */
const others = 0o077;

/** What others may read, change or enter, home first; empty on Windows, which has other rights. */
export function openPaths(home: string, databaseUrl?: string): readonly string[] {
  if (process.platform === 'win32') return [];
  return [...pathsOf(home), ...databaseFiles(databaseUrl)].filter((path) => (lstatSync(path).mode & others) !== 0);
}

/**
 * Takes what lies in the home from everybody else, also what an older version or a copy has left open, and sees to it that new files
 * begin so. What belongs to another account stays as it is and is returned.
 */
export function keepHomePrivate(home: string, databaseUrl?: string): readonly string[] {
  if (process.platform === 'win32') return [];
  process.umask(others);
  return openPaths(home, databaseUrl).filter((path) => {
    try {
      chmodSync(path, lstatSync(path).isDirectory() ? ownerOnly.folder : ownerOnly.file);
      return false;
    } catch {
      return true;
    }
  });
}

/** Folders before what is in them. Installed packages hold no secret, and their scripts have to stay executable; links lead elsewhere. */
function pathsOf(path: string): readonly string[] {
  const about = lstatSync(path, { throwIfNoEntry: false });
  if (!about || about.isSymbolicLink()) return [];
  if (!about.isDirectory()) return about.isFile() ? [path] : [];
  const inside = readdirSync(path).filter((name) => name !== 'node_modules');
  return [path, ...inside.flatMap((name) => pathsOf(join(path, name)))];
}

/** SQLite's file and what it keeps beside it, wherever that is; their folder may be somebody else's. */
function databaseFiles(databaseUrl: string | undefined): readonly string[] {
  const path = /^sqlite:(.+)$/.exec(databaseUrl ?? '')?.[1];
  if (path === undefined || path === ':memory:' || !existsSync(dirname(path))) return [];
  return [path, `${path}-wal`, `${path}-shm`, `${path}-journal`].filter((file) => existsSync(file));
}
