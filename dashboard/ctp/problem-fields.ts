// The fields of a problem in words: for showing, for comparing two states of it, and for reading what was typed.
import type { CtpProblem, SparePart } from '../../nodes/ctp/messages.ts';
import type { TextKey } from '../catalogues/index.ts';
import { hasText, instant, missing, text } from '../common/language.ts';
import { instantOfPlantMinute } from '../common/plant-clock.ts';
import { severityWords, technicianWords } from './ctp-words.ts';
import { labelOf } from './plant-codes.ts';

/** In the order in which people read them. */
export const shownFields = [
  'problem_description',
  'severity',
  'category',
  'error_code',
  'start_time',
  'response_time',
  'end_time',
  'technician_type',
  'technician_name',
  'vendor_name',
  'solution',
  'parts',
] as const;
export type ShownField = (typeof shownFields)[number];

export function fieldName(field: ShownField): string {
  return text(`ctp.field.${field}`);
}

export function categoryName(category: string | null): string {
  if (category === null) return missing;
  const key = `ctp.category.${category}`;
  return hasText(key) ? text(key as TextKey) : (labelOf(category) ?? category);
}

export function partsText(parts: readonly SparePart[]): string {
  return parts.map(({ name, quantity }) => `${quantity} × ${name}`).join(', ') || missing;
}

export function fieldText(problem: CtpProblem, field: ShownField): string {
  switch (field) {
    case 'severity':
      return text(severityWords[problem.severity].key);
    case 'category':
      return categoryName(problem.category);
    case 'start_time':
    case 'response_time':
    case 'end_time':
      return instant(problem[field]);
    case 'technician_type':
      return text(technicianWords[problem.technician_type].key);
    case 'parts':
      return partsText(problem.parts);
    default:
      return problem[field] ?? missing;
  }
}

export interface FieldChange {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** What differs between the state that a person saw and the one that the server holds now. */
export function changesBetween(seen: CtpProblem, now: CtpProblem): readonly FieldChange[] {
  const state = text('ctp.field.status');
  const status =
    seen.status === now.status
      ? []
      : [{ name: state, before: text(`ctp.problem.${seen.status}`), after: text(`ctp.problem.${now.status}`) }];
  const machine =
    seen.machine_id === now.machine_id
      ? []
      : [{ name: text('ctp.field.machine_id'), before: seen.machine_name, after: now.machine_name }];
  return [
    ...status,
    ...machine,
    ...shownFields.flatMap((field) => {
      const [before, after] = [fieldText(seen, field), fieldText(now, field)];
      return before === after ? [] : [{ name: fieldName(field), before, after }];
    }),
  ];
}

/** Whether an answer's `current` is a problem, so that it can be shown. */
export function isProblem(value: unknown): value is CtpProblem {
  return typeof value === 'object' && value !== null && 'problem_description' in value && 'version' in value;
}

/** The instant of a reading of the plant's clock, as an input of type datetime-local holds it; null when nothing is entered. */
export function instantOf(typed: string): string | null {
  return instantOfPlantMinute(typed)?.toISOString() ?? null;
}
