// JSON-2 of the simulated Odoo 19: real HTTP statuses, API keys only, named arguments only.
import type { IncomingMessage } from 'node:http';
import type { Accounts } from './accounts.ts';
import { runWithFault } from './fault-before-run.ts';
import { htmlPage, type ProtocolCall, type Reply } from './http-face.ts';
import type { ObjectService } from './object-service.ts';
import { PythonFault } from './python-fault.ts';

export function json2Call(
  service: ObjectService,
  accounts: Accounts,
  request: IncomingMessage,
  body: Buffer,
): ProtocolCall | Reply {
  const [, model = '', method = ''] = /^\/json\/2\/([\w.]+)\/(\w+)$/.exec(request.url ?? '') ?? [];
  const database = request.headers['x-odoo-database'];
  if (typeof database === 'string' && !accounts.hosts(database)) return htmlPage(404, 'Not Found');
  if (request.method !== 'POST' || model === '') return htmlPage(404, 'Not Found');
  const account = accounts.byApiKey(request.headers.authorization);
  if (!account) return httpError(401, 'Unauthorized', 'Invalid apikey');
  const named = parsedBody(body);
  if (!named) return httpError(400, 'BadRequest', 'Invalid JSON data');
  return {
    method,
    run: (fault) => {
      try {
        const args = method === 'create' ? [named.vals_list] : [];
        const result = runWithFault(fault, () =>
          service.execute({
            model,
            method,
            args,
            named: fault?.kind === 'context-lost' ? { ...named, context: {} } : named,
            rights: account.rights,
          }),
        );
        return json(200, method === 'create' ? [result.value] : result.value);
      } catch (error) {
        if (error instanceof PythonFault) return json(error.httpStatus, error.json);
        throw error;
      }
    },
  };
}

function httpError(status: number, name: string, message: string): Reply {
  return json(status, { name: `werkzeug.exceptions.${name}`, message, arguments: [], context: {}, debug: '' });
}

function json(status: number, value: unknown): Reply {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}

function parsedBody(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
