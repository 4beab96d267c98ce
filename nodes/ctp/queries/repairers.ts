// Compares who repairs: each technician, and each vendor's firm with the plant's own technicians.
import type { TechnicianRow, TechnicianType, VendorRow } from '../messages.ts';
import { addTo, type KeyedSum, type Measures, noMeasures } from './figures.ts';
import { rounded, unitMs } from './units.ts';

/** Most problems first. @param rows of the dimension `technician` (see `technicianKey`) */
export function techniciansOf(rows: readonly KeyedSum[]): readonly TechnicianRow[] {
  return mostProblemsFirst(rows).map(({ key, sum }) => {
    const [type, name, vendor] = readKey(key);
    return { type, name, vendor, ...figuresOf(sum) };
  });
}

/**
 * One row for each firm, one for the plant's own technicians together, and one for vendors' technicians whose firm nobody wrote
 * down; most problems first. The figures are made of the sums of their technicians. What was repaired by nobody is in none.
 * @param rows of the dimension `technician` (see `technicianKey`)
 */
export function vendorsOf(rows: readonly KeyedSum[]): readonly VendorRow[] {
  /** Mapped by type and firm. */
  const firms = new Map<string, { readonly row: Pick<VendorRow, 'type' | 'vendor'>; readonly sum: Measures }>();
  for (const { key, sum } of rows) {
    const [type, , firm] = readKey(key);
    if (type === 'none') continue;
    // A firm beside an own technician is what is left of a correction.
    const vendor = type === 'vendor' ? firm : null;
    const at = JSON.stringify([type, vendor]);
    const known = firms.get(at) ?? { row: { type, vendor }, sum: noMeasures() };
    firms.set(at, known);
    addTo(known.sum, sum);
  }
  const sums = [...firms].map(([key, { row, sum }]) => ({ key, row, sum }));
  return mostProblemsFirst(sums).map(({ row, sum }) => ({ ...row, ...figuresOf(sum) }));
}

function readKey(key: string): readonly [TechnicianType, string | null, string | null] {
  return JSON.parse(key) as [TechnicianType, string | null, string | null];
}

/** A row may hold nothing but downtime of problems that began before the window: it is left out. */
function mostProblemsFirst<Row extends KeyedSum>(rows: readonly Row[]): readonly Row[] {
  return rows
    .filter(({ sum }) => sum.problems > 0)
    .sort((left, right) => right.sum.problems - left.sum.problems || (left.key < right.key ? -1 : 1));
}

function figuresOf(sum: Readonly<Measures>): Pick<TechnicianRow, 'problems' | 'mttr_minutes' | 'response_minutes'> {
  return {
    problems: sum.problems,
    mttr_minutes: meanMinutes(sum.repair_ms, sum.completed),
    response_minutes: meanMinutes(sum.response_ms, sum.responded),
  };
}

/** Null where nothing was counted. */
function meanMinutes(sumMs: number, count: number): number | null {
  return count > 0 ? rounded(sumMs / count / unitMs.minutes) : null;
}
