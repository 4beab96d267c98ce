// Routes of this package itself (accounts, notifications): matched, authenticated, authorised and answered in one place.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerInTimeOnceRead } from '../core/answer-deadline.ts';
import { ShopfloorError } from '../core/errors.ts';
import { errorReply, type HttpReply } from '../core/http-envelope.ts';
import { refusalOf } from './actor.ts';
import type { Origin } from './audit.ts';
import { readJson, readText, unknownBytes } from './json-body.ts';
import type { Action } from './messages.ts';
import { parametersOf } from './path-pattern.ts';
import { isUnsafe, requestUrl } from './request-facts.ts';
import { setGeneralHeaders } from './security-headers.ts';
import type { Session } from './sessions.ts';
import { type Identified, refusePasswordDue, Unauthorized, type WebAccess } from './web-access.ts';

export type Body = Readonly<Record<string, unknown>>;

export interface RouteCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Parts of the path, mapped by the names in braces. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Body;
  readonly who: Identified;
  /** For the audit trail. */
  readonly origin: Origin;
}

/** A call that only a person in a session can make. */
export type SessionCall = RouteCall & { readonly session: Session };

interface RoutePattern {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Such as `/api/access/users/{id}`. */
  readonly path: string;
}

/** `action` is asked of the policy; a `session` route is about the caller's own session and takes no token. */
export type Route = RoutePattern &
  (
    | { readonly action: Action; readonly session?: never; readonly handle: (call: RouteCall) => Promise<HttpReply> }
    | {
        readonly action: Action;
        readonly session: true;
        /** Open although a one-time password has not been changed yet. */
        readonly beforePasswordChange?: boolean;
        readonly handle: (call: SessionCall) => Promise<HttpReply>;
      }
  );

/** Answers `request` when one of `routes` is meant; false when none is. */
export async function answerRoute(
  web: WebAccess,
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
  onError: (error: Error, errorId: string) => void,
): Promise<boolean> {
  const url = requestUrl(request);
  const candidates = routes.flatMap((route) => {
    const parameters = parametersOf(route.path, url.pathname);
    return parameters ? [{ route, parameters }] : [];
  });
  if (candidates.length === 0) return false;
  setGeneralHeaders(response, web.facts(request).secure);
  answerInTimeOnceRead(request, response);
  try {
    const found = candidates.find(({ route }) => route.method === request.method);
    if (!found) throw new ShopfloorError('unknown-route', 404, `${request.method} is not possible here.`);
    answerJson(response, await call(web, found.route, found.parameters, url, request, response));
  } catch (thrown) {
    web.noteRefused(request, thrown);
    const reply = errorReply(thrown);
    if (reply.errorId !== undefined && thrown instanceof Error) onError(thrown, reply.errorId);
    answerJson(response, reply);
  }
  return true;
}

async function call(
  web: WebAccess,
  route: Route,
  parameters: Readonly<Record<string, string>>,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<HttpReply> {
  const who = await web.identify(request);
  if (!who) throw new Unauthorized();
  if (who.kind === 'session' && isUnsafe(request)) web.refuseForeign(request);
  const early = route.session === true && route.beforePasswordChange === true;
  if (who.kind === 'session' && !early) refusePasswordDue(who.session);
  await web.takeTurn(request, response);
  if (!early && !(await who.voucher.may(route.action))) throw await refusalOf(who.voucher, route.action);
  const common: RouteCall = {
    request,
    response,
    parameters,
    query: url.searchParams,
    body: isUnsafe(request) ? await bodyOf(request) : {},
    who,
    origin: { actor: who.voucher.actor.name, address: web.facts(request).address },
  };
  if (route.session !== true) return route.handle(common);
  if (who.kind !== 'session') throw new Unauthorized('This is about a session, not about a token.');
  return route.handle({ ...common, session: who.session });
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const body = await readJson(request);
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Body;
  throw new ShopfloorError('invalid-json', 400, 'The body must be a JSON object.');
}

/** A browser sends a form at once. */
const formWithinMs = 10_000;

/** Fields of a plain HTML form. */
export async function formOf(request: IncomingMessage, mostBytes = unknownBytes): Promise<Body> {
  const { body, _body } = request as { body?: unknown; _body?: boolean };
  // Node-RED's own parser has read it already where editor and flows share their root.
  if (_body === true && typeof body === 'object' && body !== null) return body as Body;
  return Object.fromEntries(new URLSearchParams(await readText(request, mostBytes, formWithinMs)));
}

function answerJson(response: ServerResponse, reply: HttpReply): void {
  response.writeHead(reply.statusCode, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(reply.payload));
}
