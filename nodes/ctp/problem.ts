// A problem as the rules see it: the row of the log with its parts read, instants in ms UTC.
import type { Selectable } from 'kysely';
import type { MachineStatus, ProblemStatus, SparePart } from './messages.ts';
import type { MachineTable, ProblemTable } from './tables.ts';

export type ProblemRow = Readonly<Selectable<ProblemTable>>;
export type MachineRow = Readonly<Selectable<MachineTable>>;

export type Problem = Omit<ProblemRow, 'parts'> & { readonly parts: readonly SparePart[] };

/** What a person may write; absent fields stay as they are. */
export type FieldChanges = Partial<
  Pick<
    Problem,
    | 'machine_id'
    | 'error_code'
    | 'category'
    | 'severity'
    | 'problem_description'
    | 'solution'
    | 'technician_type'
    | 'technician_name'
    | 'vendor_name'
    | 'start_ms'
    | 'response_ms'
    | 'end_ms'
    | 'parts'
  >
>;
export type ChangedField = keyof FieldChanges;

/** Names on the wire, mapped by field. */
const wireNames: Partial<Record<ChangedField, string>> = {
  start_ms: 'start_time',
  response_ms: 'response_time',
  end_ms: 'end_time',
};

export function wireName(field: ChangedField): string {
  return wireNames[field] ?? field;
}

export function isOpen(status: ProblemStatus): boolean {
  return status === 'ongoing' || status === 'reopened';
}

export function problemOf(row: ProblemRow): Problem {
  return { ...row, parts: JSON.parse(row.parts) as readonly SparePart[] };
}

/**
 * What makes two open problems of a machine the same: their error code, or their category where there is no code. Null when
 * neither is known: then nothing tells them apart or together.
 */
export function sameKindOf({ error_code, category }: Pick<Problem, 'error_code' | 'category'>): string | null {
  if (error_code !== null) return `code ${error_code}`;
  return category === null ? null : `category ${category}`;
}

/** What is open on a machine, as far as its status depends on it. */
export type OpenProblem = Pick<Problem, 'severity' | 'category'>;

/** Worst last. */
const worse: readonly MachineStatus[] = ['active', 'cleaning', 'maintenance', 'offline'];

export function worstStatus(statuses: readonly MachineStatus[]): MachineStatus {
  return worse[Math.max(0, ...statuses.map((status) => worse.indexOf(status)))] ?? 'active';
}

/** A stop means maintenance, cleaning is cleaning however bad it is, and with the rest the machine runs; the worst one wins. */
export function derivedStatus(open: readonly OpenProblem[]): MachineStatus {
  return worstStatus(
    open.map(({ severity, category }) => {
      if (category === 'cleaning') return 'cleaning';
      return severity === 'stop' ? 'maintenance' : 'active';
    }),
  );
}
