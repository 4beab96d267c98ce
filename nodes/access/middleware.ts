// What settings.ts plugs into Node-RED for its HTTP side: who is not recognised is answered before a flow sees the request.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorReply } from '../core/http-envelope.ts';
import { vouchFor } from './actor.ts';
import { editorBody, jsonBody } from './json-body.ts';
import { can } from './policy.ts';
import { isUnsafe, requestUrl } from './request-facts.ts';
import { setGeneralHeaders } from './security-headers.ts';
import { Forbidden, refusePasswordDue, Unauthorized, type WebAccess } from './web-access.ts';

export type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/**
 * `httpNodeMiddleware`: lets a request of a session or token into http-in nodes, vouches for its actor, and writes the
 * server's own `req.user`. Whether the actor may do what the request asks for is decided by the command node.
 * @param publicPaths paths that need no login, such as `/health`
 */
export function httpNodeGuard(web: WebAccess, publicPaths: readonly string[]): Middleware {
  return (request, response, next) => {
    setGeneralHeaders(response, web.facts(request).secure);
    const user = { user: undefined };
    Object.assign(request, user);
    if (publicPaths.includes(requestUrl(request).pathname)) {
      jsonBody(request, response, next);
      return;
    }
    admit(request, web).then(
      () => jsonBody(request, response, next),
      (error: unknown) => answerError(response, error),
    );
  };
}

/** Recognises the sender and vouches for it; rejects with 401 or 403. */
export async function admit(request: IncomingMessage, web: WebAccess): Promise<void> {
  const who = await web.identify(request);
  if (!who) throw new Unauthorized();
  if (who.kind === 'session') {
    refusePasswordDue(who.session);
    const { identity } = who.session.user;
    if (isUnsafe(request)) {
      web.refuseForeign(request);
      if (!can(identity, 'route.act')) throw new Forbidden('forbidden', 'This account reads and never acts.');
    }
    Object.assign(request, { user: identity });
  }
  vouchFor(request, who.voucher.actor, who.voucher.may);
}

/**
 * `httpAdminMiddleware`: headers for the editor and, where editor and flows share their root, for everything; `adminAuth`
 * decides who may use the editor. JSON for flows is read here, because Node-RED's own parser answers a fault with a page.
 */
export function httpAdminGuard(web: WebAccess): Middleware {
  return (request, response, next) => {
    setGeneralHeaders(response, web.facts(request).secure);
    response.setHeader('content-security-policy', "object-src 'none'; base-uri 'self'; frame-ancestors 'self'");
    const { pathname } = requestUrl(request);
    (pathname.startsWith('/api/') ? jsonBody : editorBody)(request, response, next);
  };
}

export function answerError(response: ServerResponse, error: unknown): void {
  const reply = errorReply(error);
  response.writeHead(reply.statusCode, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(reply.payload));
}
