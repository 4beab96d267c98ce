// What settings.ts plugs into Node-RED for its HTTP side: who is not recognised is answered before a flow sees the request.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerInTimeOnceRead } from '../core/answer-deadline.ts';
import { asError, ShopfloorError } from '../core/errors.ts';
import { errorReply } from '../core/http-envelope.ts';
import { vouchFor } from './actor.ts';
import type { IsEditor } from './editor-door.ts';
import { answerEditorLogin, isEditorLogin } from './editor-login.ts';
import { watchEditor } from './editor-trail.ts';
import { commandBytes, deployBytes, isJson, jsonBody, readJson, unknownBytes } from './json-body.ts';
import { actionOfOwnRoute } from './own-routes.ts';
import { answerPackedScript } from './packed-scripts.ts';
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
    answerInTimeOnceRead(request, response);
    const user = { user: undefined };
    Object.assign(request, user);
    const { pathname } = requestUrl(request);
    const isPublic = publicPaths.includes(pathname);
    const letIn = async (): Promise<boolean> => {
      const who = isPublic ? undefined : await admit(request, web);
      await web.takeTurn(request, response);
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
        web.noteRefused(request, error);
        refuse(request, response, error);
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
  } else if (isUnsafe(request)) {
    const { pathname } = requestUrl(request);
    const isOfPackage = web.isDescribed(request.method ?? '', pathname);
    const action = actionOfOwnRoute(request.method, pathname) ?? 'route.act';
    // The package's own nodes ask for the finer action; a route of the plant's own flows asks for nothing, so the token has to name it.
    if (!isOfPackage && !can(who.holder, action)) {
      throw new Forbidden('forbidden', `The token ${who.holder.name} may not send to own routes (${action}).`);
    }
  }
  vouchFor(request, who.voucher.actor, who.voucher.may, who.voucher.rights);
  return { name: who.voucher.actor.name, may: who.voucher.may };
}

/** A login page's form is sent at once. */
const unknownBodyMs = 10_000;

/**
 * `httpAdminMiddleware`: headers for the editor and, where editor and flows share their root, for everything; `adminAuth`
 * decides who may use the editor. Node-RED's own parsers come right after it and read 5 MB for anybody, so a body that is not
 * small waits here until its sender is known; JSON is read here, because that parser answers a fault with a page.
 */
export function httpAdminGuard(web: WebAccess, editorIsOn = true, isEditor: IsEditor = async () => false): Middleware {
  return (request, response, next) => {
    setGeneralHeaders(response, web.facts(request).secure);
    response.setHeader('content-security-policy', "object-src 'none'; base-uri 'self'; frame-ancestors 'self'");
    const { pathname } = requestUrl(request);
    if (isEditorLogin(request)) {
      answerEditorLogin(web, editorIsOn, request, response).catch((error: unknown) => refuse(request, response, error));
      return;
    }
    watchEditor(request, response, web);
    if (request.method === 'POST' && /\/auth\/revoke\/?$/i.test(pathname)) endEditorAfter(request, response, web);
    letIn(request, response).then(
      (goesOn) => {
        if (goesOn) next();
      },
      (error: unknown) => refuse(request, response, error),
    );
  };

  /** False: the request has been answered. */
  async function letIn(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    if (await answerPackedScript(request, response)) return false;
    // Files are read by the door of uploads, for senders that are known.
    if (!hasBody(request) || carriesFiles(request)) return true;
    const length =
      request.headers['transfer-encoding'] === undefined ? Number(request.headers['content-length']) : null;
    const isSmall = length !== null && length <= unknownBytes;
    const limit = isSmall ? unknownBytes : await limitOf(request, response);
    if (limit === undefined) return false;
    if (isJson(request)) await readJson(request, limit, limit === unknownBytes ? unknownBodyMs : undefined);
    else refuseLongBody(length, limit);
    return true;
  }

  /** Undefined: the request has been answered. */
  async function limitOf(request: IncomingMessage, response: ServerResponse): Promise<number | undefined> {
    const who = await web.identify(request).catch(() => undefined);
    if (who) return isApiPath(request) && (isJson(request) || isForm(request)) ? commandBytes : deployBytes;
    if (request.headers.authorization === undefined) return unknownBytes;
    return (await isEditor(request, response)) ? deployBytes : undefined;
  }
}

function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}

/** A form is read by Node-RED's own parser, too; a file of other bytes is not. */
function isForm(request: IncomingMessage): boolean {
  return /^\s*application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '');
}

/** As Express routes it: the case of letters does not matter. */
function isApiPath(request: IncomingMessage): boolean {
  return /\/api\//i.test(requestUrl(request).pathname);
}

/** A body that Node-RED reads. */
function refuseLongBody(length: number | null, limitBytes: number): void {
  if (length === null) throw new ShopfloorError('length-needed', 400, 'A body that is no JSON has to say its length.');
  if (length > limitBytes) throw new ShopfloorError('too-large', 413, `The body is larger than ${limitBytes} bytes.`);
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  answerError(response, error);
  dropRest(request);
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
    ...(reply.statusCode === 429 && { 'retry-after': '1' }),
  });
  response.end(JSON.stringify(reply.payload));
}
