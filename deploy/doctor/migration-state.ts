// Compares the migrations a database has with those this version brings, and says what the next start will do.
import type { Diagnosis } from '../../nodes/core/diagnosis.ts';

/**
 * @param expected names that this version brings
 * @param applied names that the database has; undefined when it has no tables of this room at all
 */
export function diagnoseMigrations(
  room: string,
  expected: readonly string[],
  applied: readonly string[] | undefined,
): Diagnosis {
  const check = `tables of ${room}`;
  const wanted = [...expected].sort();
  if (applied === undefined || applied.length === 0) {
    return { check, verdict: 'works', found: 'none yet; the next start makes them' };
  }
  const unknown = applied.filter((name) => !wanted.includes(name));
  if (unknown.length > 0) {
    const found = `made by another version, which knows ${unknown.join(', ')}`;
    return { check, verdict: 'fails', found, advice: 'Install that version, or restore the backup made before it.' };
  }
  const missing = wanted.filter((name) => !applied.includes(name));
  if (missing.length === 0) return { check, verdict: 'works', found: `up to date (${wanted.at(-1) ?? ''})` };
  const isGap = missing.some((name) => name < (applied.toSorted().at(-1) ?? ''));
  if (isGap) {
    const found = `${missing.join(', ')} is missing between others`;
    return { check, verdict: 'fails', found, advice: 'This database was changed by hand. Restore its last backup.' };
  }
  return {
    check,
    verdict: 'doubtful',
    found: `${missing.join(', ')} still to come; the next start applies it`,
    advice: 'Back up the database first: an older version can no longer use it afterwards.',
  };
}
