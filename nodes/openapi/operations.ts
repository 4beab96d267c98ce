// How a room writes down its routes, and what becomes of that in the OpenAPI document.
import { called, oneOf, type Schema, text } from './schema-words.ts';

export interface Query {
  readonly name: string;
  readonly description?: string;
  readonly schema: Schema;
}

/** A body that is no JSON of the envelope: a file, a page, an export. */
export interface RawReply {
  readonly types: readonly string[];
  readonly description: string;
}

export interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly query?: readonly Query[];
  /** Schemas of parts of the path by name; a text where none is given. */
  readonly path?: Readonly<Record<string, Schema>>;
  readonly body?: Schema;
  /** The body may come as multipart/form-data too, with files in these fields. */
  readonly files?: readonly string[];
  /** Body of an HTML form, instead of JSON. */
  readonly form?: Schema;
  readonly reply: Schema | RawReply;
  /** Default 200. */
  readonly status?: number;
  /** The body is a file, byte for byte. */
  readonly bytes?: true;
  /** Refusals besides those that every route has: 401, 403 and 429, and for a body 400 and 413. */
  readonly refusals?: readonly number[];
  /** Open to everybody. */
  readonly open?: true;
}

/** Mapped by method and path, such as `GET /api/ctp-problem-logs/{id}`. */
export type Operations = Readonly<Record<string, Operation>>;

export interface RoomOfApi {
  readonly tag: string;
  readonly description: string;
  readonly operations: Operations;
  /** Named schemas, referred to with `called(name)`. */
  readonly schemas: Readonly<Record<string, Schema>>;
}

const refusalWords: Readonly<Record<number, string>> = {
  400: 'A field is wrong; `error.fields` names each.',
  401: 'Nobody is logged in, or the token is none.',
  403: 'This one may not do it.',
  404: 'There is no such thing.',
  409: 'The state has changed; `error.current` is what it is now.',
  413: 'Too large.',
  415: 'A file is of a kind that is not taken.',
  429: 'Tried too often, or more requests at once than one client may send; `Retry-After` says when to try again.',
  500: 'A fault that was logged under the id in the message.',
  503: 'The database or a connection is away.',
};

/** Path items of the document. Throws for a key that is no method and path. */
export function pathItems(rooms: readonly RoomOfApi[]): Schema {
  const items: Record<string, Record<string, Schema>> = {};
  for (const { tag, operations } of rooms) {
    for (const [key, operation] of Object.entries(operations)) {
      const [, method, path] = /^(GET|POST|PUT|PATCH|DELETE) (\/\S*)$/.exec(key) ?? [];
      if (method === undefined || path === undefined) throw new Error(`"${key}" is no method and path`);
      const item = items[path] ?? {};
      if (method.toLowerCase() in item) throw new Error(`"${key}" is described twice`);
      items[path] = { ...item, [method.toLowerCase()]: operationObject(tag, method, path, operation) };
    }
  }
  return items;
}

function operationObject(tag: string, method: string, path: string, operation: Operation): Schema {
  const { summary, description, open, status = 200 } = operation;
  const parameters = [...pathParameters(path, operation), ...(operation.query ?? []).map(queryParameter)];
  const body = requestBody(operation);
  const refused = new Set([
    ...(open ? [] : [401, 403, 429]),
    ...(body ? [400, 413] : []),
    ...(operation.files ? [415] : []),
    ...(operation.refusals ?? []),
    500,
    503,
  ]);
  return {
    tags: [tag],
    operationId: operationId(method, path),
    summary,
    ...(description !== undefined && { description }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: {
      [status]: { description: summary, content: contentOf(operation.reply) },
      ...Object.fromEntries([...refused].sort((one, other) => one - other).map((code) => [code, refusal(code)])),
    },
    ...(open && { security: [] }),
  };
}

function pathParameters(path: string, { path: schemas = {} }: Operation): readonly Schema[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: schemas[name] ?? text,
  }));
}

function queryParameter({ name, description, schema }: Query): Schema {
  return { name, in: 'query', schema, ...(description !== undefined && { description }) };
}

function requestBody({ body, files, form, bytes }: Operation): Schema | undefined {
  if (bytes)
    return {
      required: true,
      content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
    };
  if (form) return { required: true, content: { 'application/x-www-form-urlencoded': { schema: form } } };
  if (!body) return undefined;
  return {
    content: {
      'application/json': { schema: body },
      ...(files && { 'multipart/form-data': { schema: withFiles(body, files) } }),
    },
  };
}

/** In a form every field is a text, and small pictures are named after the position of their photo. */
function withFiles(body: Schema, files: readonly string[]): Schema {
  const binary = { type: 'string', contentMediaType: 'application/octet-stream' };
  const fields = Object.keys((body.properties ?? {}) as object).map((name) => [name, text]);
  return {
    type: 'object',
    properties: {
      ...Object.fromEntries(fields),
      role: oneOf('before', 'after'),
      ...Object.fromEntries(files.map((name) => [name, { type: 'array', items: binary, maxItems: 5 }])),
      thumbnail_0: {
        ...binary,
        description: 'Small picture of the first file; `thumbnail_1` of the second, and so on.',
      },
    },
    ...(body.required !== undefined && { required: body.required }),
  };
}

function contentOf(reply: Schema | RawReply): Schema {
  if (!isRaw(reply)) return { 'application/json': { schema: reply } };
  return Object.fromEntries(reply.types.map((type) => [type, { schema: { description: reply.description } }]));
}

function isRaw(reply: Schema | RawReply): reply is RawReply {
  return 'types' in reply && Array.isArray(reply.types);
}

function refusal(code: number): Schema {
  return {
    description: refusalWords[code] ?? 'Refused.',
    content: { 'application/json': { schema: called('Refusal') } },
  };
}

function operationId(method: string, path: string): string {
  const words = path
    .replace(/[{}]/g, '')
    .split(/[/.-]+/)
    .filter(Boolean);
  return [method.toLowerCase(), ...words].map((word, at) => (at === 0 ? word : capital(word))).join('');
}

const capital = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
