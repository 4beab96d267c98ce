// Narrows the fields of a record that Odoo sent; anything of another shape is a protocol error that names the field.
import { OdooError } from './odoo-error.ts';
import type { OdooRecord } from './odoo-port.ts';

/** A many2one: the other record's id and how Odoo displays it. */
export interface Reference {
  readonly id: number;
  readonly name: string;
}

/** Unset values come as `false`, whatever the field's type. */
function present(record: OdooRecord, field: string): unknown {
  if (!Object.hasOwn(record, field)) throw wrong(record, field, 'missing');
  return record[field];
}

export function textOf(record: OdooRecord, field: string): string | null {
  const value = present(record, field);
  if (typeof value === 'string') return value;
  if (value === false || value === null) return null;
  throw wrong(record, field, 'no text');
}

export function requiredText(record: OdooRecord, field: string): string {
  const value = textOf(record, field);
  if (value === null) throw wrong(record, field, 'empty');
  return value;
}

export function quantityOf(record: OdooRecord, field: string): number {
  const value = present(record, field);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw wrong(record, field, 'no number');
}

export function flagOf(record: OdooRecord, field: string): boolean {
  const value = present(record, field);
  if (typeof value === 'boolean') return value;
  throw wrong(record, field, 'neither true nor false');
}

export function referenceOf(record: OdooRecord, field: string): Reference | null {
  const value = present(record, field);
  if (value === false || value === null) return null;
  if (Array.isArray(value)) {
    const [id, name]: readonly unknown[] = value;
    if (isRecordId(id) && typeof name === 'string') return { id, name };
  }
  throw wrong(record, field, 'no reference');
}

export function requiredReference(record: OdooRecord, field: string): Reference {
  const value = referenceOf(record, field);
  if (!value) throw wrong(record, field, 'empty');
  return value;
}

export function idsOf(record: OdooRecord, field: string): readonly number[] {
  const value = present(record, field);
  if (Array.isArray(value) && value.every(isRecordId)) return value;
  throw wrong(record, field, 'no list of ids');
}

/** Odoo's `YYYY-MM-DD HH:MM:SS`, always UTC, as ISO 8601. */
export function instantOf(record: OdooRecord, field: string): string | null {
  const text = textOf(record, field);
  if (text === null) return null;
  const iso = `${text.replace(' ', 'T')}Z`;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(iso) || Number.isNaN(Date.parse(iso))) {
    throw wrong(record, field, 'no date and time');
  }
  return new Date(iso).toISOString();
}

export function isRecordId(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

/** The reply of a read as records, each with an id. */
export function recordsOf(model: string, reply: unknown): readonly OdooRecord[] {
  if (!Array.isArray(reply)) throw new OdooError('protocol', `Odoo's list of ${model} is no list.`);
  return reply.map((entry: unknown) => {
    if (typeof entry === 'object' && entry !== null && 'id' in entry && isRecordId(entry.id))
      return entry as OdooRecord;
    throw new OdooError('protocol', `Odoo's list of ${model} holds something that is no record.`);
  });
}

function wrong(record: OdooRecord, field: string, what: string): OdooError {
  return new OdooError('protocol', `Odoo's field ${field} of record ${record.id} is ${what}.`);
}
