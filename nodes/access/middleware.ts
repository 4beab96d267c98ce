// What settings.ts plugs into Node-RED for its HTTP side: who is not recognised is answered before a flow sees the request.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asError } from '../core/errors.ts';
import { errorReply } from '../core/http-envelope.ts';
import { vouchFor } from './actor.ts';
import { answerEditorLogin, isEditorLogin } from './editor-login.ts';
import { editorBody, jsonBody } from './json-body.ts';
import { actionOfOwnRoute } from './own-routes.ts';
import { can } from './policy.ts';
import { header, isUnsafe, requestUrl } from './request-facts.ts';
import { setGeneralHeaders } from './security-headers.ts';
import {
  carriesFiles,
  closedDoor,
  isOwnUpload,
  type OwnUpload,
  refuseUnboundedBody,
  type UploadDoor,
  type UploadSender,
} from './upload-door.ts';
import { Forbidden, refusePasswordDue, Unauthorized, type WebAccess } from './web-access.ts';

export type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** How bodies of flows' routes are let in. */
export interface NodeGuardOptions {
  /** Paths that need no login, such as `/health`. */
  readonly publicPaths?: readonly string[];
  /** Takes files for the routes of rooms that declared them. */
  readonly door?: UploadDoor;
  /** Routes of the plant's own flows that take files. */
  readonly uploads?: readonly OwnUpload[];
}

/**
 * `httpNodeMiddleware`: lets a request of a session or token into http-in nodes, vouches for its actor, and writes the
 * server's own `req.user`. Whether the actor may do what the request asks for is decided by the command node. Of files none is
 * read before the sender is known, and none at all where nobody expects them.
 */
export function httpNodeGuard(web: WebAccess, options: NodeGuardOptions = {}): Middleware {
  const { publicPaths = [], door = closedDoor, uploads = [] } = options;
  return (request, response, next) => {
    setGeneralHeaders(response, web.facts(request).secure);
    const user = { user: undefined };
    Object.assign(request, user);
    const { pathname } = requestUrl(request);
    const isPublic = publicPaths.includes(pathname);
    const letIn = async (): Promise<boolean> => {
      const who = isPublic ? undefined : await admit(request, web);
      if (isUnsafe(request) && isOwnUpload(uploads, request, pathname)) return false;
      if (!carriesFiles(request)) {
        refuseUnboundedBody(request);
        return false;
      }
      await (who ? door.take(request, response, pathname, who) : closedDoor.take(request, response, pathname, nobody));
      return true;
    };
    letIn().then(
      (bodyIsRead) => {
        if (bodyIsRead) next();
        else jsonBody(request, response, next);
      },
      (error: unknown) => {
        answerError(response, error);
        dropRest(request);
      },
    );
  };
}

const nobody = { name: 'nobody', may: async () => false };

/** How long a refused sender may go on sending before the connection is cut. */
const dropForMs = 10_000;

/**
 * Reads what a refused sender still sends, for a while: a browser looks at the answer only when it has sent everything, and a
 * connection that is closed at once would look to it as if the server were away.
 */
function dropRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const timer = setTimeout(() => request.destroy(), dropForMs);
  timer.unref();
  const done = () => clearTimeout(timer);
  request.once('end', done);
  request.once('close', done);
  request.on('error', () => {});
  request.resume();
}

/** Recognises the sender and vouches for it; rejects with 401 or 403. */
export async function admit(request: IncomingMessage, web: WebAccess): Promise<UploadSender> {
  const who = await web.identify(request);
  if (!who) throw new Unauthorized();
  if (who.kind === 'session') {
    refusePasswordDue(who.session);
    const { identity } = who.session.user;
    if (isUnsafe(request)) {
      web.refuseForeign(request);
      const action = actionOfOwnRoute(request.method, requestUrl(request).pathname) ?? 'route.act';
      if (!can(identity, action)) throw new Forbidden('forbidden', 'This account reads and never acts.');
    }
    Object.assign(request, { user: identity });
  }
  vouchFor(request, who.voucher.actor, who.voucher.may, who.voucher.rights);
  return { name: who.voucher.actor.name, may: who.voucher.may };
}

/**
 * `httpAdminMiddleware`: headers for the editor and, where editor and flows share their root, for everything; `adminAuth`
 * decides who may use the editor. JSON for flows is read here, because Node-RED's own parser answers a fault with a page.
 */
export function httpAdminGuard(web: WebAccess, editorIsOn = true): Middleware {
  return (request, response, next) => {
    setGeneralHeaders(response, web.facts(request).secure);
    response.setHeader('content-security-policy', "object-src 'none'; base-uri 'self'; frame-ancestors 'self'");
    const { pathname } = requestUrl(request);
    if (isEditorLogin(request)) {
      answerEditorLogin(web, editorIsOn, request, response).catch((error: unknown) => answerError(response, error));
      return;
    }
    if (request.method === 'POST' && /\/auth\/revoke\/?$/i.test(pathname)) endEditorAfter(request, response, web);
    (pathname.startsWith('/api/') ? jsonBody : editorBody)(request, response, next);
  };
}

/** Node-RED forgets a token of its own when somebody leaves the editor; ours is a session, which ends with the answer. */
function endEditorAfter(request: IncomingMessage, response: ServerResponse, web: WebAccess): void {
  const [, token] = /^Bearer +(\S+)$/i.exec(header(request, 'authorization') ?? '') ?? [];
  if (token === undefined) return;
  response.once('finish', () => {
    web.access
      .ready()
      .then(({ logins }) => logins.leaveEditor(token, web.facts(request).address))
      // The session ends by itself within a shift; the answer is out already.
      .catch(() => {});
  });
}

export function answerError(response: ServerResponse, error: unknown): void {
  const reply = errorReply(error);
  if (reply.errorId !== undefined) {
    process.stderr.write(`[shopfloor] ${reply.errorId}: ${asError(error).stack ?? asError(error).message}\n`);
  }
  response.writeHead(reply.statusCode, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(reply.payload));
}
