// Asks every route of the OpenAPI document once, as a script with every right does, and says how long each answer took.
import { apiDocument } from '../../nodes/openapi/document.ts';
import { assertDescribed } from '../openapi/validator.ts';
import { scriptToken } from '../support/node-red-process.ts';

export interface RouteAnswer {
  /** Such as `GET /api/ctp-problem-logs/{id}`. */
  readonly operation: string;
  readonly status: number;
  readonly ms: number;
  /** Code of a refusal; undefined for a success, and for what is no JSON. */
  readonly code: string | undefined;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: { readonly type?: unknown; readonly format?: string; readonly enum?: readonly unknown[] };
}

interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
}

/** Requests under way at the same time: a few people and a script. */
const atOnce = 8;

/** Every answer that is JSON is held to its description. */
export async function askEveryRoute(url: string): Promise<readonly RouteAnswer[]> {
  const operations = everyOperation();
  const answers: RouteAnswer[] = [];
  const next = operations.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const { method, path, described } of next) answers.push(await ask(url, method, path, described));
    }),
  );
  return answers;
}

function everyOperation() {
  const { paths } = apiDocument() as { paths: Readonly<Record<string, Readonly<Record<string, Described>>>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ method: method.toUpperCase(), path, described })),
  );
}

async function ask(url: string, method: string, path: string, described: Described): Promise<RouteAnswer> {
  const query = (described.parameters ?? [])
    .filter((parameter) => parameter.in === 'query' && parameter.required === true)
    .map(({ name, schema }) => `${name}=${encodeURIComponent(askedValue(schema))}`)
    .join('&');
  const isForm = described.requestBody?.content['application/x-www-form-urlencoded'] !== undefined;
  const beganMs = performance.now();
  const response = await fetch(`${url}${path.replaceAll(/\{[^}]+\}/g, '1')}${query === '' ? '' : `?${query}`}`, {
    method,
    redirect: 'manual',
    headers: {
      authorization: `Bearer ${scriptToken}`,
      ...(method !== 'GET' && { 'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json' }),
    },
    ...(method !== 'GET' && { body: isForm ? 'login=someone&password=wrong' : '{}' }),
  });
  const text = await response.text();
  const ms = performance.now() - beganMs;
  const operation = `${method} ${path}`;
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  const body = isJson ? (JSON.parse(text) as { error?: { code: string } }) : {};
  if (isJson && !response.ok) assertDescribed(operation, response.status, body);
  return { operation, status: response.status, ms, code: body.error?.code };
}

function askedValue(schema: Parameter['schema']): string {
  if (schema.enum) return String(schema.enum[0]);
  if (schema.format === 'date-time') return '2026-01-05T00:00:00Z';
  if (schema.format === 'date') return '2026-01-05';
  return schema.type === 'integer' || schema.type === 'number' ? '1' : 'pump';
}
