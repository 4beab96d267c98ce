// Looks at a SQLite file and the folder around it without creating, changing or leaving anything behind.
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Diagnosis } from '../../nodes/core/diagnosis.ts';
import { asError } from '../../nodes/core/errors.ts';

/** Below this a write-ahead log, a backup and a year of batches may no longer fit. */
const scarceBytes = 500 * 1024 * 1024;

/** Whether the database can be written where it is, or made where it is not yet. */
export function diagnosePlace(file: string): Diagnosis {
  const check = 'folder';
  const folder = nearestFolder(dirname(file));
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK);
  } catch (error) {
    const advice = 'Let the user that runs Node-RED read and write it, or name another file in DATABASE_URL.';
    return { check, verdict: 'fails', found: asError(error).message, advice };
  }
  const { bavail, bsize } = statfsSync(folder);
  const free = `${formatBytes(bavail * bsize)} free`;
  const found =
    folder === dirname(file) ? `writable, ${free}` : `will be made in ${folder}, which is writable, ${free}`;
  if (bavail * bsize >= scarceBytes) return { check, verdict: 'works', found };
  return { check, verdict: 'doubtful', found, advice: 'Free space on this disk: a full disk stops the plant.' };
}

export function formatBytes(bytes: number): string {
  const kibibytes = bytes / 1024;
  if (kibibytes < 1024) return `${Math.ceil(kibibytes)} KiB`;
  const mebibytes = kibibytes / 1024;
  return mebibytes < 1024 ? `${mebibytes.toFixed(1)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

/** The `file:` URL under which an existing file is read without a trace. */
export function urlForReading(file: string): string {
  // Reading a database in WAL mode makes its two side files. Without them nobody has it open: it can't change meanwhile.
  const isAtRest = !existsSync(`${file}-wal`);
  const url = pathToFileURL(file);
  if (isAtRest) url.searchParams.set('immutable', '1');
  return url.href;
}

function nearestFolder(folder: string): string {
  const parent = dirname(folder);
  if (parent === folder || statSync(folder, { throwIfNoEntry: false })) return folder;
  return nearestFolder(parent);
}
