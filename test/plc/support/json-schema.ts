// Judges JSON by the few JSON Schema keywords that the package's own schemas use; an unknown keyword is an error.

type Json = unknown;
type Schema = Readonly<Record<string, Json>>;

const annotations = ['$schema', '$defs', 'title', 'description'];

/** Whether `value` is valid under `schema`; `root` holds the `$defs`. */
export function isValid(schema: Schema, value: Json, root: Schema = schema): boolean {
  return Object.entries(schema).every(([keyword, rule]) => {
    const judge = keywords[keyword];
    if (judge) return judge(rule, value, root, schema);
    if (annotations.includes(keyword)) return true;
    throw new Error(`the schema uses "${keyword}", which this test does not know`);
  });
}

type Judge = (rule: Json, value: Json, root: Schema, schema: Schema) => boolean;

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const keywords: Readonly<Record<string, Judge>> = {
  $ref: (rule, value, root) => {
    const name = String(rule).replace('#/$defs/', '');
    return isValid((root.$defs as Record<string, Schema>)[name] as Schema, value, root);
  },
  type: (rule, value) => {
    if (rule === 'object') return isObject(value);
    if (rule === 'array') return Array.isArray(value);
    if (rule === 'integer') return Number.isInteger(value);
    return typeof value === rule;
  },
  const: (rule, value) => value === rule,
  enum: (rule, value) => (rule as Json[]).includes(value),
  minimum: (rule, value) => typeof value !== 'number' || value >= Number(rule),
  maximum: (rule, value) => typeof value !== 'number' || value <= Number(rule),
  multipleOf: (rule, value) =>
    typeof value !== 'number' || Math.abs(value / Number(rule) - Math.round(value / Number(rule))) < 1e-6,
  minLength: (rule, value) => typeof value !== 'string' || value.length >= Number(rule),
  minItems: (rule, value) => !Array.isArray(value) || value.length >= Number(rule),
  items: (rule, value, root) => !Array.isArray(value) || value.every((item) => isValid(rule as Schema, item, root)),
  required: (rule, value) => !isObject(value) || (rule as string[]).every((name) => Object.hasOwn(value, name)),
  properties: (rule, value, root) =>
    !isObject(value) ||
    Object.entries(rule as Record<string, Schema>).every(
      ([name, schema]) => !Object.hasOwn(value, name) || isValid(schema, value[name], root),
    ),
  additionalProperties: (_rule, value, _root, schema) =>
    !isObject(value) || Object.keys(value).every((name) => Object.hasOwn(schema.properties as object, name)),
  oneOf: (rule, value, root) => (rule as Schema[]).filter((schema) => isValid(schema, value, root)).length === 1,
};
