// What the reading side keeps of a problem: its place in lists, its facet for filters and counters, its span of downtime.
import {
  type ProblemStatus,
  problemStatuses,
  type Severity,
  severities,
  type TechnicianType,
  technicianTypes,
} from '../messages.ts';

/** A problem as the commands hand it to the reading side; instants in ms UTC. */
export interface ProblemFact {
  readonly id: number;
  readonly machine_id: number;
  readonly status: ProblemStatus;
  readonly severity: Severity;
  readonly technician_type: TechnicianType;
  readonly technician_name: string | null;
  readonly vendor_name: string | null;
  readonly error_code: string | null;
  readonly category: string | null;
  readonly problem_description: string;
  readonly solution: string | null;
  readonly start_ms: number;
  readonly response_ms: number | null;
  readonly end_ms: number | null;
}

/** Ids that share a second are told apart by this many; seconds up to the year 2106 times it stay exact in a number. */
const placesPerSecond = 2 ** 21;

/**
 * The place of a problem in every list, newest first: its start to the second, then the order of reporting. One number, so
 * that a page, a span of dates and the full-text index all follow the same order.
 */
export function placeOf(startMs: number, id: number): number {
  return firstPlaceAt(startMs) + (id % placesPerSecond);
}

/** Above every place there is. */
export const highestPlace = Number.MAX_SAFE_INTEGER;

/** The lowest place of the second of `instantMs`. */
export function firstPlaceAt(instantMs: number): number {
  return Math.floor(instantMs / 1000) * placesPerSecond;
}

/** The lowest place of problems that start at `instantMs` or later, for spans that are cut at whole seconds. */
export function placeFrom(instantMs: number): number {
  return Math.ceil(instantMs / 1000) * placesPerSecond;
}

/** The second of a place, in ms. */
export function instantOf(place: number): number {
  return Math.floor(place / placesPerSecond) * 1000;
}

/** Status, severity and kind of technician as one number, 0 to 35: what every list is filtered and counted by. */
export function facetOf(fact: Pick<ProblemFact, 'status' | 'severity' | 'technician_type'>): number {
  return (
    problemStatuses.indexOf(fact.status) * (severities.length * technicianTypes.length) +
    severities.indexOf(fact.severity) * technicianTypes.length +
    technicianTypes.indexOf(fact.technician_type)
  );
}

/** Facets from here on are void: kept, found when asked for, counted nowhere. */
export const firstVoidFacet = facetOf({ status: 'void', severity: 'stop', technician_type: 'lokal' });

export interface FacetFilter {
  readonly status?: ProblemStatus | 'open' | undefined;
  readonly severity?: Severity | undefined;
  readonly technician_type?: TechnicianType | undefined;
}

/** Every facet that `filter` lets through, in order. Void problems only when they are asked for. */
export function facetsOf(filter: FacetFilter): readonly number[] {
  return problemStatuses
    .filter((status) => statusFits(status, filter.status))
    .flatMap((status) =>
      severities
        .filter((severity) => filter.severity === undefined || severity === filter.severity)
        .flatMap((severity) =>
          technicianTypes
            .filter((type) => filter.technician_type === undefined || type === filter.technician_type)
            .map((technician_type) => facetOf({ status, severity, technician_type })),
        ),
    );
}

function statusFits(status: ProblemStatus, wanted: ProblemStatus | 'open' | undefined): boolean {
  if (wanted === undefined) return status !== 'void';
  return wanted === 'open' ? isOpen(status) : status === wanted;
}

export function isOpen(status: ProblemStatus): boolean {
  return status === 'ongoing' || status === 'reopened';
}

const hourMs = 3_600_000;
/** Span class of problems that run on. */
export const openSpanClass = 99;
/** The longest closed span is some 120 years. */
export const longestSpanClass = 10;

/**
 * How long a problem lasted, as a power of four hours. What overlaps a window lies, for each class, in a short range of starts:
 * an index answers it without a range type.
 */
export function spanClassOf(startMs: number, endMs: number | null): number {
  if (endMs === null) return openSpanClass;
  return Math.min(longestSpanClass, Math.max(0, Math.ceil(Math.log2(Math.max(1, endMs - startMs) / hourMs) / 2)));
}

/** The longest span of a class, in ms. */
export function reachOf(spanClass: number): number {
  return hourMs * 4 ** spanClass;
}
