// Reads the fields of a problem from JSON or from a form, where everything is a text, and plant wall times as instants.
import type { FieldReader } from '../core/field-reader.ts';
import { type PlantTime, parseInstant } from '../core/plant-time.ts';
import { type SparePart, severities, technicianTypes } from './messages.ts';
import type { ChangedField, FieldChanges } from './problem.ts';

const lengths = { problem_description: 10_000, solution: 10_000, name: 100, category: 50 } as const;
/** The original's column has 25 characters. */
const errorCode = /^[A-Z0-9][A-Z0-9 ._/-]{0,24}$/;
const mostParts = 50;
const mostPieces = 100_000;

/** A code as it is kept, upper-case; undefined when it can't be one. */
export function wellFormedCode(text: string): string | undefined {
  const code = text.trim().toUpperCase();
  return errorCode.test(code) ? code : undefined;
}

/**
 * What the input says of a problem's fields. Absent fields are absent; null, and an empty text, empty a field that may be empty.
 * An empty choice or time of a form says nothing.
 */
export function readFields(fields: FieldReader, plant: PlantTime, allowed?: ReadonlySet<ChangedField>): FieldChanges {
  const takes = (field: ChangedField, name: string = field): boolean =>
    (allowed?.has(field) ?? true) && fields.raw(name) !== undefined;
  return {
    ...(takes('error_code') && { error_code: code(fields) }),
    ...(takes('category') && { category: optionalText(fields, 'category', lengths.category) }),
    ...(takes('severity') && fields.has('severity') && { severity: fields.oneOf('severity', severities) }),
    ...(takes('problem_description') && { problem_description: description(fields) }),
    ...(takes('solution') && { solution: optionalText(fields, 'solution', lengths.solution) }),
    ...(takes('technician_type') &&
      fields.has('technician_type') && { technician_type: fields.oneOf('technician_type', technicianTypes) }),
    ...(takes('technician_name') && { technician_name: optionalText(fields, 'technician_name', lengths.name) }),
    ...(takes('vendor_name') && { vendor_name: optionalText(fields, 'vendor_name', lengths.name) }),
    ...(takes('start_ms', 'start_time') &&
      fields.has('start_time') && { start_ms: instant(fields, 'start_time', plant) }),
    ...(takes('response_ms', 'response_time') &&
      fields.raw('response_time') !== '' && { response_ms: optionalInstant(fields, 'response_time', plant) }),
    ...(takes('end_ms', 'end_time') &&
      fields.raw('end_time') !== '' && { end_ms: optionalInstant(fields, 'end_time', plant) }),
    ...(takes('parts') && { parts: parts(fields) }),
  };
}

function description(fields: FieldReader): string {
  return fields.words('problem_description', lengths.problem_description).trim();
}

function code(fields: FieldReader): string | null {
  const text = optionalText(fields, 'error_code', lengths.name);
  if (text === null) return null;
  const known = wellFormedCode(text);
  if (known === undefined) {
    fields.fault(
      'error_code',
      'must have at most 25 letters, digits, blanks or . _ / - and begin with a letter or digit',
      'malformed-code',
    );
  }
  return known ?? null;
}

function optionalText(fields: FieldReader, field: string, longest: number): string | null {
  return fields.has(field) ? fields.text(field, longest).trim() || null : null;
}

function optionalInstant(fields: FieldReader, field: string, plant: PlantTime): number | null {
  return fields.has(field) ? instant(fields, field, plant) : null;
}

/** A wall time that a clock change skipped is taken as a clock that nobody moved would show it. */
function instant(fields: FieldReader, field: string, plant: PlantTime): number {
  const value = fields.raw(field);
  const ms = typeof value === 'string' ? parseInstant(value, plant) : undefined;
  if (ms === undefined)
    fields.fault(
      field,
      'must be an ISO 8601 date and time, such as 2026-11-21T08:15 or 2026-11-21T01:15:00Z',
      'not-a-time',
    );
  return ms ?? 0;
}

/** A list, or its JSON text in a form. */
function parts(fields: FieldReader): readonly SparePart[] {
  const given = fields.raw('parts');
  if (given === null || given === '') return [];
  const list = typeof given === 'string' ? parsed(given) : given;
  if (!Array.isArray(list) || list.length > mostParts) {
    const broken = Array.isArray(list) ? 'too-many' : 'not-a-list';
    fields.fault('parts', `must be a list of at most ${mostParts} parts, each {"name", "quantity"}`, broken, {
      most: mostParts,
    });
    return [];
  }
  return list.map((item: unknown, index) => {
    const { name, quantity } = typeof item === 'object' && item !== null ? (item as Record<string, unknown>) : {};
    const isNamed =
      typeof name === 'string' && name.trim() !== '' && name.length <= lengths.name && !name.includes('\0');
    if (!isNamed)
      fields.fault(`parts[${index}].name`, `must have 1 to ${lengths.name} characters`, 'length', {
        most: lengths.name,
      });
    const isWhole =
      typeof quantity === 'number' && Number.isInteger(quantity) && quantity >= 1 && quantity <= mostPieces;
    if (!isWhole)
      fields.fault(
        `parts[${index}].quantity`,
        `must be a whole number of pieces from 1 to ${mostPieces}`,
        'whole-number',
        { least: 1, most: mostPieces },
      );
    return { name: isNamed ? name.trim() : '', quantity: isWhole ? quantity : 1 };
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
