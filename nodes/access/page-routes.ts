// The plain pages' routes: login, log out and password, for browsers with or without a session.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { InvalidInput, ShopfloorError } from '../core/errors.ts';
import { plainText } from '../core/plain-text.ts';
import { mustChangePassword } from './access.ts';
import { TooManyAttempts } from './login-attempts.ts';
import { LoginRefused } from './logins.ts';
import { answerError } from './middleware.ts';
import { languageOf, type PageTextKey } from './page-texts.ts';
import { loginPage, logOutPage, passwordPage, sendPage } from './pages.ts';
import { header, requestUrl, wantsPage } from './request-facts.ts';
import { type Body, formOf } from './router.ts';
import { setGeneralHeaders } from './security-headers.ts';
import type { Session } from './sessions.ts';
import { Forbidden, Unauthorized, type WebAccess } from './web-access.ts';

export class PageRoutes {
  readonly #web: WebAccess;
  /** Where a login without a wish leads. */
  readonly #home: string;

  constructor(web: WebAccess, home: string) {
    this.#web = web;
    this.#home = home;
  }

  /** Answers when one of the pages is meant; false otherwise. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const { pathname } = requestUrl(request);
    const pages: Readonly<Record<string, () => Promise<void>>> = {
      'GET /login': () => this.#showLogin(request, response),
      'POST /login': () => this.#logIn(request, response),
      'GET /logout': () => this.#showLogOut(request, response),
      'POST /logout': () => this.#logOut(request, response),
      'GET /password': () => this.#showPassword(request, response),
      'POST /password': () => this.#changePassword(request, response),
    };
    const page = pages[`${request.method === 'HEAD' ? 'GET' : request.method} ${pathname}`];
    if (!page) return false;
    setGeneralHeaders(response, this.#web.facts(request).secure);
    try {
      await page();
    } catch (error) {
      if (error instanceof Unauthorized) redirect(response, '/login');
      else answerError(response, error);
    }
    return true;
  }

  async #showLogin(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { searchParams } = requestUrl(request);
    const next = this.#next(searchParams.get('next'));
    const session = await this.#web.access.sessionOf(this.#web.cookieOf(request)).catch(() => undefined);
    if (session) {
      redirect(response, mustChangePassword(session) ? '/password' : next);
      return;
    }
    const language = languageOf(searchParams.get('lang'), header(request, 'accept-language'));
    sendPage(response, loginPage({ language, next, formToken: this.#web.formToken(request, response) }));
  }

  async #logIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = await formOf(request);
    const next = this.#next(form.next);
    const login = plainText(form.login).slice(0, 100);
    const shared = form.shared === 'yes';
    try {
      this.#web.refuseForeign(request);
      this.#web.checkFormToken(request, form.csrf);
      const { logins } = await this.#web.access.ready();
      const before = await this.#web.access.sessionOf(this.#web.cookieOf(request));
      const { cookie, account } = await logins.open({
        login,
        password: plainText(form.password),
        address: this.#web.facts(request).address,
        shared,
        previous: before?.id,
      });
      const lasting = shared || account.identity.roles.every((role) => role === 'display');
      this.#web.setCookie(request, response, cookie, lasting);
      redirect(response, account.stored.must_change_password === 1 ? '/password' : next);
    } catch (error) {
      const { fault, statusCode } = faultOf(error);
      const language = languageOf(plainText(form.lang), header(request, 'accept-language'));
      const formToken = this.#web.formToken(request, response);
      sendPage(response, loginPage({ language, next, login, fault, statusCode, formToken }));
    }
  }

  async #showLogOut(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = await this.#session(request);
    sendPage(response, logOutPage(session.user.identity, this.#web.formToken(request, response)));
  }

  /** A script of our own page sends JSON or nothing and is known by its Origin; a form needs its token too. */
  async #logOut(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#web.refuseForeign(request);
    const session = await this.#web.access.sessionOf(this.#web.cookieOf(request));
    if (session && isForm(request)) this.#web.checkFormToken(request, (await formOf(request)).csrf);
    if (session) {
      const { logins } = await this.#web.access.ready();
      await logins.logOut(session, this.#web.facts(request).address);
    }
    this.#web.clearCookie(request, response);
    // Where the connection is encrypted, the browser also forgets what it has cached of our pages.
    if (this.#web.facts(request).secure) response.setHeader('clear-site-data', '"cache"');
    if (isForm(request) || wantsPage(request)) redirect(response, '/login');
    else {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
      response.end(JSON.stringify({ success: true }));
    }
  }

  async #showPassword(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = await this.#session(request);
    const formToken = this.#web.formToken(request, response);
    sendPage(response, passwordPage({ user: session.user.identity, due: mustChangePassword(session), formToken }));
  }

  async #changePassword(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#web.refuseForeign(request);
    const session = await this.#session(request);
    const form = await formOf(request);
    const address = this.#web.facts(request).address;
    try {
      this.#web.checkFormToken(request, form.csrf);
      refuseDifferent(form);
      const { logins } = await this.#web.access.ready();
      await logins.changeOwnPassword(session, plainText(form.current), form.next, address);
      redirect(response, this.#home);
    } catch (error) {
      const { fault, statusCode } = faultOf(error);
      const due = mustChangePassword(session);
      const formToken = this.#web.formToken(request, response);
      sendPage(response, passwordPage({ user: session.user.identity, due, fault, statusCode, formToken }));
    }
  }

  async #session(request: IncomingMessage): Promise<Session> {
    const session = await this.#web.access.sessionOf(this.#web.cookieOf(request));
    if (!session) throw new Unauthorized();
    return session;
  }

  /** A path inside this server; anything else could lead a person away after the login. */
  #next(wish: unknown): string {
    const path = typeof wish === 'string' ? wish : '';
    const inside = /^\/(?![/\\])[^\\\s]*$/.test(path) && !/^\/(login|logout)\b/.test(path);
    return inside ? path : this.#home;
  }
}

function refuseDifferent(form: Body): void {
  if (form.next === form.repeat) return;
  throw new ShopfloorError('passwords-differ', 400, 'The two new passwords differ.');
}

function isForm(request: IncomingMessage): boolean {
  return /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(header(request, 'content-type') ?? '');
}

/** What a form says about an error, and with which status. */
function faultOf(error: unknown): { readonly fault: PageTextKey; readonly statusCode: number } {
  if (error instanceof TooManyAttempts) return { fault: 'tooMany', statusCode: 429 };
  if (error instanceof LoginRefused)
    return { fault: error.code === 'locked' ? 'locked' : 'wrongLogin', statusCode: 401 };
  if (error instanceof InvalidInput) return { fault: 'weak', statusCode: 400 };
  if (error instanceof Forbidden) return { fault: 'staleForm', statusCode: 403 };
  if (error instanceof ShopfloorError && error.code === 'passwords-differ') return { fault: 'differ', statusCode: 400 };
  if (error instanceof ShopfloorError && error.code === 'same-password') return { fault: 'weak', statusCode: 400 };
  return { fault: 'unavailable', statusCode: 503 };
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, 'cache-control': 'no-store' });
  response.end();
}
