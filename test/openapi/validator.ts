// Holds replies of a running Shopfloor to the schemas of the OpenAPI document.
import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { apiDocument } from '../../nodes/openapi/document.ts';

interface Described {
  readonly responses: Readonly<Record<string, unknown>>;
}

const document = apiDocument() as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
};
const ajv = new Ajv2020({ strict: false, allErrors: true });
(addFormats as unknown as (target: Ajv2020) => void)(ajv);
ajv.addSchema(JSON.parse(JSON.stringify(document)) as object, 'api');

/** Throws unless `body` is what the operation (`GET /api/...`, with names in braces) says of this status. */
export function assertDescribed(operation: string, status: number, body: unknown): void {
  const [method = '', path = ''] = operation.split(' ');
  const responses = document.paths[path]?.[method.toLowerCase()]?.responses;
  assert.ok(responses, `${operation} is not described`);
  assert.ok(responses[status], `${operation}: ${status} is not described (${JSON.stringify(body)})`);
  const parts = [
    'paths',
    path,
    method.toLowerCase(),
    'responses',
    String(status),
    'content',
    'application/json',
    'schema',
  ];
  const pointer = parts
    .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
    .map(encodeURIComponent)
    .join('/');
  const validate = ajv.getSchema(`api#/${pointer}`);
  assert.ok(validate, `${operation}: ${status} has no JSON`);
  const isAsDescribed = validate(body);
  assert.ok(
    isAsDescribed,
    `${operation} ${status}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(body).slice(0, 2_000)}`,
  );
}
