// search, read, search_read, fields_get of the simulated models, with Odoo's shapes: false for unset, [id, name] for many2one.
import { compileDomain, modelNamed } from './domain-filter.ts';
import type { Field, Model, Models } from './field-table.ts';
import { PythonFault } from './python-fault.ts';

export interface SearchOptions {
  readonly order?: unknown;
  readonly limit?: unknown;
  readonly offset?: unknown;
}

export function search(models: Models, modelName: string, domain: unknown, options: SearchOptions = {}): number[] {
  const model = modelNamed(models, modelName);
  const test = compileDomain(models, modelName, domain ?? []);
  const found = [...model.records.values()].filter(test);
  const sorted = sortBy(model, modelName, found, options.order);
  const offset = typeof options.offset === 'number' ? options.offset : 0;
  const limit = typeof options.limit === 'number' && options.limit > 0 ? options.limit : sorted.length;
  return sorted.slice(offset, offset + limit).map((record) => record.id);
}

function sortBy(model: Model, modelName: string, records: Array<{ readonly id: number }>, order: unknown) {
  const keys = (typeof order === 'string' && order !== '' ? order : 'id').split(',').map((part) => {
    const [name = 'id', direction = 'asc'] = part.trim().split(/\s+/);
    return { field: fieldNamed(model, modelName, name), sign: direction.toLowerCase() === 'desc' ? -1 : 1 };
  });
  return records.sort((a, b) => {
    for (const { field, sign } of keys) {
      const [left, right] = [field.value(a), field.value(b)];
      if (left < right) return -sign;
      if (left > right) return sign;
    }
    return 0;
  });
}

/** Missing ids are left out, without a fault, as Odoo does. */
export function read(models: Models, modelName: string, ids: readonly number[], fields: unknown): object[] {
  const model = modelNamed(models, modelName);
  const names = Array.isArray(fields) && fields.length > 0 ? fields.map(String) : [...model.fields.keys()];
  const columns = names.map((name) => [name, fieldNamed(model, modelName, name)] as const);
  return ids.flatMap((id) => {
    const record = model.records.get(id);
    if (!record) return [];
    return [
      {
        id,
        ...Object.fromEntries(columns.map(([name, field]) => [name, wireValue(models, field, field.value(record))])),
      },
    ];
  });
}

function wireValue(models: Models, field: Field, value: unknown): unknown {
  if (field.type !== 'many2one' || typeof value !== 'number') return value;
  return [value, models.get(field.relation ?? '')?.displayName(value) ?? ''];
}

function fieldNamed(model: Model, modelName: string, name: string): Field {
  const field = model.fields.get(name);
  if (!field) throw new PythonFault('ValueError', `Invalid field '${name}' on model '${modelName}'`);
  return field;
}

export function fieldsGet(models: Models, modelName: string, names: unknown, attributes: unknown): object {
  const wanted = Array.isArray(names) && names.length > 0 ? names.map(String) : undefined;
  const shown = Array.isArray(attributes) ? attributes.map(String) : ['type', 'relation', 'string'];
  const entries = [...modelNamed(models, modelName).fields].filter(([name]) => wanted?.includes(name) ?? true);
  return Object.fromEntries(
    entries.map(([name, field]) => {
      const all: Record<string, unknown> = { type: field.type, string: name };
      if (field.relation !== undefined) all.relation = field.relation;
      return [name, Object.fromEntries(shown.filter((key) => key in all).map((key) => [key, all[key]]))];
    }),
  );
}
