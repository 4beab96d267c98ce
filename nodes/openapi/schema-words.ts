// Words for writing JSON schemas (2020-12, as OpenAPI 3.1 has them) shortly and all alike.

export type Schema = Readonly<Record<string, unknown>>;

export const text: Schema = { type: 'string' };
export const whole: Schema = { type: 'integer' };
export const number: Schema = { type: 'number' };
export const flag: Schema = { type: 'boolean' };
/** ISO 8601 UTC. */
export const instant: Schema = { type: 'string', format: 'date-time' };
export const anything: Schema = {};

export function oneOf(...values: readonly string[]): Schema {
  return { type: 'string', enum: values };
}

export function always(value: string | boolean): Schema {
  return { const: value };
}

export function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

/** What is not known, or doesn't apply, is null. */
export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

export function called(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** An object with exactly these fields, all of them there but those whose name ends with `?`. */
export function exactly(fields: Readonly<Record<string, Schema>>): Schema {
  return { ...atLeast(fields), additionalProperties: false };
}

/** The same, with further fields allowed. */
export function atLeast(fields: Readonly<Record<string, Schema>>): Schema {
  const entries = Object.entries(fields);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace(/\?$/, ''), schema])),
    required: entries.map(([name]) => name).filter((name) => !name.endsWith('?')),
  };
}

/** The envelope of a success: `success` and these fields beside it. */
export function success(fields: Readonly<Record<string, Schema>> = {}): Schema {
  return exactly({ success: always(true), ...fields });
}
