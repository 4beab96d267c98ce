// What a person set on the history, as the filter of the route.
import type { ProblemFilter, Severity, TechnicianType } from '../../nodes/ctp/messages.ts';

export interface TypedFilters {
  readonly search: string;
  readonly status: string;
  readonly severity: string;
  readonly technician_type: string;
  /** `YYYY-MM` of an input of type month. */
  readonly month: string;
}

export function machineFilter(machineId: number, typed: TypedFilters): ProblemFilter {
  const [year, month] = typed.month.split('-').map(Number);
  const search = typed.search.trim();
  return {
    machine_id: machineId,
    ...(search !== '' && { search }),
    ...(typed.status !== '' && { status: typed.status as NonNullable<ProblemFilter['status']> }),
    ...(typed.severity !== '' && { severity: typed.severity as Severity }),
    ...(typed.technician_type !== '' && { technician_type: typed.technician_type as TechnicianType }),
    ...(year && month && { year, month }),
  };
}
