// Odoo over JSON-2 (19 and later): an API key as bearer, named arguments only, real HTTP statuses.
import { type HttpPost, type PostReply, requireMediaType } from './http-post.ts';
import { OdooError } from './odoo-error.ts';
import type { OdooServer } from './odoo-port.ts';
import type { CallOptions, OdooRequest, OdooTransport } from './odoo-transport.ts';
import { parseReply, remainingOf } from './parse-reply.ts';
import { json2Error, notOdoo, unknownDatabase } from './server-faults.ts';
import { firstJson2Series, namesOf, unknownVersion } from './version-table.ts';
import type { OdooAccount } from './xml-rpc-adapter.ts';

const probe: OdooRequest = { kind: 'search-read', model: 'mrp.production', domain: [], fields: ['id'], limit: 1 };

/** Proves the key with a call that changes nothing; a missing right shows later, by the call that needs it. */
export async function openJson2(
  http: HttpPost,
  account: OdooAccount,
  server: OdooServer,
  options: CallOptions,
): Promise<OdooTransport> {
  const transport: OdooTransport = {
    server: { ...server, protocol: 'json-2' },
    execute: (request, callOptions) => call(http, account, request, server, callOptions),
  };
  await transport.execute(probe, options).catch((error: unknown) => {
    if (!(error instanceof OdooError) || error.kind !== 'denied' || error.login) throw error;
  });
  return transport;
}

async function call(
  http: HttpPost,
  account: OdooAccount,
  request: OdooRequest,
  server: OdooServer,
  options: CallOptions,
): Promise<unknown> {
  const { method, body } = named(request, server.series);
  const startedMs = performance.now();
  const reply = await http.post({
    path: `/json/2/${request.model}/${method}`,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      authorization: `bearer ${account.secret}`,
      'x-odoo-database': account.database,
    },
    body: JSON.stringify(body),
    ...options,
  });
  const value = await replyValue(reply, account, server, remainingOf(options.deadlineMs, startedMs));
  if (reply.status !== 200) throw errorOf(reply.status, value);
  // `create` takes and gives lists here.
  return request.kind === 'create' && Array.isArray(value) ? value[0] : value;
}

async function replyValue(
  reply: PostReply,
  { database }: OdooAccount,
  server: OdooServer,
  remainingMs: number,
): Promise<unknown> {
  if (reply.status === 404 && reply.contentType.startsWith('text/html')) {
    // An Odoo that said it is 19 or later has JSON-2; its page says that no database of this name is there.
    if (server.version !== unknownVersion && server.series >= firstJson2Series) throw unknownDatabase(database);
    throw new OdooError('protocol', 'The server has no JSON-2 for this database.', {
      hint: 'Check ODOO_URL and ODOO_DB; JSON-2 needs Odoo 19 or later.',
    });
  }
  requireMediaType(reply, ['application/json']);
  const parsed = await parseReply('json', reply.body, remainingMs);
  if (parsed.kind === 'value') return parsed.value;
  throw notOdoo('no well-formed JSON', new Error(parsed.kind === 'malformed' ? parsed.message : 'a fault'));
}

function errorOf(status: number, value: unknown): OdooError {
  const body = typeof value === 'object' && value !== null ? value : {};
  const name = 'name' in body && typeof body.name === 'string' ? body.name : '';
  const message = 'message' in body && typeof body.message === 'string' ? body.message : `HTTP ${status}`;
  return json2Error(status, name, message);
}

function named(request: OdooRequest, series: number): { method: string; body: object } {
  switch (request.kind) {
    case 'search-read': {
      const { kind: _kind, model: _model, ...search } = request;
      return { method: 'search_read', body: search };
    }
    case 'read':
      return { method: 'read', body: { ids: request.ids, fields: request.fields } };
    case 'write':
      return { method: 'write', body: { ids: request.ids, vals: request.values } };
    case 'create':
      return { method: 'create', body: { vals_list: [request.values], context: request.context } };
    case 'method':
      return { method: request.method, body: { ids: request.ids, context: request.context } };
    case 'may-access': {
      const { rightsMethod } = namesOf(series);
      const ids = rightsMethod === 'has_access' ? { ids: [] } : {};
      return { method: rightsMethod, body: { ...ids, operation: request.operation } };
    }
  }
}
