// `dashboard.middleware`: pages, assets and setup of Dashboard 2.0 only with a session, and each page only for its roles.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ShopfloorError } from '../core/errors.ts';
import { passwordNeeded } from './actor.ts';
import { placeOf } from './dashboard-places.ts';
import { underRoot } from './http-root.ts';
import { answerError, type Middleware } from './middleware.ts';
import { forbiddenPage, notFoundPage, sendPage } from './pages.ts';
import { actionRule, can, needsPassword, pagesOf } from './policy.ts';
import { requestUrl, wantsPage } from './request-facts.ts';
import { dashboardPolicy, setGeneralHeaders } from './security-headers.ts';
import type { Session } from './sessions.ts';
import { Forbidden, refusePasswordDue, Unauthorized, type WebAccess } from './web-access.ts';

/**
 * Dashboard 2.0 mounts it in two styles, so it looks at the whole path.
 * @param dashboardPath path of the ui-base node, without the HTTP root of the flows before it
 */
export function dashboardGuard(web: WebAccess, dashboardPath: string): Middleware {
  return (request, response, next) => {
    setGeneralHeaders(response, web.facts(request).secure);
    response.setHeader('content-security-policy', dashboardPolicy);
    answer(request, response).then(
      (done) => {
        if (!done) next();
      },
      (error: unknown) => {
        if (wantsPage(request) && error instanceof Unauthorized) toLogin(request, response);
        else if (wantsPage(request) && error instanceof Forbidden && error.code === 'password-change-needed')
          redirect(response, '/password');
        else answerError(response, error);
      },
    );
  };

  /** Whether the request is answered; otherwise the dashboard answers it. */
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const who = await web.identify(request);
    if (who?.kind !== 'session') throw new Unauthorized();
    refusePasswordDue(who.session);
    const user = who.session.user.identity;
    const place = placeOf(request, dashboardPath);
    if (place.kind === 'file') return false;
    response.setHeader('cache-control', 'no-store');
    switch (place.kind) {
      case 'setup':
        return false;
      case 'debug':
        if (can(user, 'editor.use')) return false;
        throw needsPassword(user, 'editor.use')
          ? passwordNeeded(user.login)
          : new Forbidden('forbidden', 'Only who may use the editor sees this.');
      case 'page':
        return answerPage(request, response, who.session, place.page);
      case 'nothing':
        throw new ShopfloorError('unknown-route', 404, 'There is nothing at this address of the dashboard.');
    }
  }

  function answerPage(request: IncomingMessage, response: ServerResponse, session: Session, page: string): boolean {
    const user = session.user.identity;
    const own = pagesOf(user);
    if (page === '' ? own.length > 0 : can(user, `page:${page}`)) return false;
    const known = page === '' || actionRule(`page:${page}`) !== undefined;
    if (!wantsPage(request)) {
      throw known
        ? new Forbidden('forbidden', 'This page is not for your role.')
        : new ShopfloorError('unknown-route', 404, 'There is no such page.');
    }
    const context = { user, pages: own, dashboardPath, formToken: web.formToken(request, response) };
    sendPage(response, known ? forbiddenPage(context) : notFoundPage(context));
    return true;
  }
}

function toLogin(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = requestUrl(request);
  redirect(response, `/login?next=${encodeURIComponent(`${pathname}${search}`)}`);
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location: underRoot(location), 'cache-control': 'no-store' });
  response.end();
}
