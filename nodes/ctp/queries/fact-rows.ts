// Makes rows of the reading side out of problems.
import { facetOf, isOpen, type ProblemFact, spanClassOf } from './problem-fact.ts';
import type { FactTable } from './read-tables.ts';

/** @param place see `placeOf` */
export function factRow(fact: ProblemFact, place: number): FactTable {
  const endMs = isOpen(fact.status) ? null : fact.end_ms;
  return {
    place,
    id: fact.id,
    machine_id: fact.machine_id,
    facet: facetOf(fact),
    start_ms: fact.start_ms,
    end_ms: endMs,
    response_ms: fact.response_ms,
    span_class: spanClassOf(fact.start_ms, endMs),
    error_code: fact.error_code,
    category: fact.category,
    technician_name: fact.technician_name,
    vendor_name: fact.vendor_name,
  };
}
