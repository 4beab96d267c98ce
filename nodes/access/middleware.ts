// What settings.ts plugs into Node-RED: every HTTP request is checked before a flow or the editor sees it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorReply } from '../core/http-envelope.ts';
import { actorOf, vouchFor } from './actor.ts';
import { checkRequest, type RequestCheckOptions } from './request-check.ts';

export type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** Vouches for the request's actor, or answers 401 or 403 with the error envelope. */
export function accessMiddleware(options: RequestCheckOptions): Middleware {
  return (request, response, next) => {
    try {
      admit(request, options);
    } catch (error) {
      const reply = errorReply(error);
      response.writeHead(reply.statusCode, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify(reply.payload));
      return;
    }
    next();
  };
}

/** Checks a request unless somebody has vouched for it already; throws AccessRefused. */
export function admit(request: IncomingMessage, options: RequestCheckOptions): void {
  if (actorOf({ req: request })) return;
  const actor = checkRequest(
    { method: request.method ?? 'GET', headers: request.headers, remoteAddress: request.socket.remoteAddress },
    options,
  );
  vouchFor(request, actor);
}

/** Options from the environment variables of the package. */
export function accessOptions(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): RequestCheckOptions {
  const apiToken = environment.SHOPFLOOR_API_TOKEN;
  return apiToken ? { apiToken } : {};
}
