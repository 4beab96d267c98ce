// Odoo over XML-RPC (14 to 21): positional arguments, uid and secret in every call, the context among the keywords.
import serializer from 'xmlrpc/lib/serializer.js';
import { type HttpPost, requireMediaType } from './http-post.ts';
import { OdooError } from './odoo-error.ts';
import type { OdooServer } from './odoo-port.ts';
import type { CallOptions, OdooRequest, OdooTransport } from './odoo-transport.ts';
import { remainingOf } from './parse-reply.ts';
import { httpFailure } from './server-faults.ts';
import { namesOf, oldestSeries } from './version-table.ts';
import { readXmlRpcReply } from './xml-rpc-reply.ts';

export interface OdooAccount {
  readonly database: string;
  readonly login: string;
  /** Password or API key. */
  readonly secret: string;
}

/** Largest integer that XML-RPC carries. */
const maximumInt = 2 ** 31 - 1;

async function call(
  http: HttpPost,
  service: 'common' | 'object',
  method: string,
  params: readonly unknown[],
  options: CallOptions,
) {
  const startedMs = performance.now();
  const reply = await http.post({
    path: `/xmlrpc/2/${service}`,
    headers: { 'content-type': 'text/xml', accept: 'text/xml' },
    body: serialise(method, params),
    ...options,
  });
  requireMediaType(reply, ['text/xml', 'application/xml']);
  if (reply.status !== 200) throw httpFailure(reply.status, reply.location);
  return readXmlRpcReply(reply.body, remainingOf(options.deadlineMs, startedMs));
}

function serialise(method: string, params: readonly unknown[]): string {
  assertCarriable(params);
  try {
    return serializer.serializeMethodCall(method, params);
  } catch (cause) {
    throw new OdooError('protocol', 'A value has no form in XML-RPC.', { cause });
  }
}

/** The serializer writes `undefined`, NaN and big integers as something that no server understands. */
function assertCarriable(value: unknown): void {
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) {
    throw new OdooError('protocol', `${String(value)} has no form in XML-RPC.`);
  }
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) > maximumInt) {
    throw new OdooError('protocol', `${value} is too large for XML-RPC.`);
  }
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) assertCarriable(inner);
}

/** What the server says it is, without logging in. */
export async function xmlRpcVersion(http: HttpPost, options: CallOptions): Promise<OdooServer> {
  const reply = await call(http, 'common', 'version', [], options);
  const version =
    typeof reply === 'object' && reply !== null && 'server_version' in reply ? String(reply.server_version) : '';
  const series = Number(/\d+/.exec(version)?.[0] ?? Number.NaN);
  if (!Number.isInteger(series)) throw new OdooError('protocol', 'The server does not say which Odoo it is.');
  if (series < oldestSeries) {
    throw new OdooError('unsupported', `This is Odoo ${series}; ${oldestSeries} is the oldest that is supported.`);
  }
  return { series, version, protocol: 'xml-rpc' };
}

/** Logs in; a wrong login or secret is `false` from Odoo and `denied` from here. */
export async function openXmlRpc(
  http: HttpPost,
  account: OdooAccount,
  server: OdooServer,
  options: CallOptions,
): Promise<OdooTransport> {
  const { database, login, secret } = account;
  const uid = await call(http, 'common', 'authenticate', [database, login, secret, {}], options);
  if (typeof uid !== 'number') {
    throw new OdooError('denied', `Odoo does not accept the login "${login}" with this password or API key.`, {
      hint: 'Check ODOO_LOGIN and ODOO_PASSWORD.',
      login: true,
    });
  }
  return {
    server,
    execute: (request, callOptions) => {
      const { method, args, keywords } = positional(request, server.series);
      const params = [database, uid, secret, request.model, method, args, keywords];
      return call(http, 'object', 'execute_kw', params, callOptions);
    },
  };
}

/** The request as `execute_kw` wants it: ids first for record methods. */
function positional(request: OdooRequest, series: number): { method: string; args: unknown[]; keywords: object } {
  switch (request.kind) {
    case 'search-read': {
      const { domain, fields, order, limit, offset } = request;
      const paging = {
        ...(order !== undefined && { order }),
        ...(limit !== undefined && { limit }),
        ...(offset !== undefined && { offset }),
      };
      return { method: 'search_read', args: [domain], keywords: { fields, ...paging } };
    }
    case 'read':
      return { method: 'read', args: [request.ids], keywords: { fields: request.fields } };
    case 'write':
      return { method: 'write', args: [request.ids, request.values], keywords: {} };
    case 'create':
      return { method: 'create', args: [request.values], keywords: { context: request.context } };
    case 'method':
      return { method: request.method, args: [request.ids], keywords: { context: request.context } };
    case 'may-access': {
      const { rightsMethod } = namesOf(series);
      const args = rightsMethod === 'has_access' ? [[], request.operation] : [request.operation, false];
      return { method: rightsMethod, args, keywords: {} };
    }
  }
}
