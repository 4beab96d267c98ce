// The plain pages' routes: login, log out and password, for browsers with or without a session.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerInTimeOnceRead } from '../core/answer-deadline.ts';
import { InvalidInput, ShopfloorError } from '../core/errors.ts';
import { plainText } from '../core/plain-text.ts';
import { mustChangePassword } from './access.ts';
import { isDeviceAccount } from './device-account.ts';
import { underRoot, withoutRoot } from './http-root.ts';
import { TooManyAttempts } from './login-attempts.ts';
import { LoginRefused } from './logins.ts';
import { answerError } from './middleware.ts';
import { languageOf, type PageTextKey } from './page-texts.ts';
import { loginPage, logOutPage, passwordPage, pinPage, sendPage } from './pages.ts';
import { isPinOutgrown, pinDigitsFor } from './pin-rules.ts';
import { header, requestUrl, wantsPage } from './request-facts.ts';
import { type Body, formOf } from './router.ts';
import { setGeneralHeaders } from './security-headers.ts';
import type { Session } from './sessions.ts';
import type { Account } from './user-table.ts';
import { Forbidden, refusePasswordDue, Unauthorized, type WebAccess } from './web-access.ts';

type FormCall = readonly [request: IncomingMessage, response: ServerResponse, session: Session, form: Body];

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
      'POST /password': () => this.#changeSecret(request, response),
    };
    const page = pages[`${request.method === 'HEAD' ? 'GET' : request.method} ${pathname}`];
    if (!page) return false;
    setGeneralHeaders(response, this.#web.facts(request).secure);
    answerInTimeOnceRead(request, response);
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
      const { cookie, account, device } = await logins.open({
        login,
        password: plainText(form.password),
        address: this.#web.facts(request).address,
        device: this.#web.deviceOf(request),
        shared,
        previous: before?.id,
      });
      this.#web.setCookie(request, response, cookie, shared || isDeviceAccount(account));
      this.#web.setDevice(request, response, device);
      redirect(response, account.stored.must_change_password === 1 ? '/password' : afterLogin(account, next));
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

  /** Also the page for a PIN, with `for=pin`. */
  async #showPassword(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = await this.#session(request);
    const formToken = this.#web.formToken(request, response);
    const { searchParams } = requestUrl(request);
    if (searchParams.get('for') === 'pin') {
      sendPage(response, pinPage({ ...pinFormOf(session), next: this.#next(searchParams.get('next')), formToken }));
    } else sendPage(response, passwordPage({ ...passwordFormOf(session), formToken }));
  }

  /** The form says what it is about: a password, a PIN, or that the person leaves the tablet instead. */
  async #changeSecret(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#web.refuseForeign(request);
    const session = await this.#session(request);
    const form = await formOf(request);
    if (form.act === 'leave') await this.#leave(request, response, session, form);
    else if (form.act === 'pin') await this.#changePin(request, response, session, form);
    else await this.#changePassword(request, response, session, form);
  }

  async #changePassword(...[request, response, session, form]: FormCall): Promise<void> {
    try {
      this.#web.checkFormToken(request, form.csrf);
      if (form.next !== form.repeat) throw new Differs('passwords-differ', 'The two new passwords differ.');
      const { logins } = await this.#web.access.ready();
      await logins.changeOwnPassword(session, plainText(form.current), form.next, this.#web.facts(request).address);
      redirect(response, afterLogin(session.user, this.#home));
    } catch (error) {
      const { fault, statusCode } = faultOf(error);
      const formToken = this.#web.formToken(request, response);
      sendPage(response, passwordPage({ ...passwordFormOf(session), fault, statusCode, formToken }));
    }
  }

  async #changePin(...[request, response, session, form]: FormCall): Promise<void> {
    refusePasswordDue(session);
    const next = this.#next(form.next);
    try {
      this.#web.checkFormToken(request, form.csrf);
      if (form.pin !== form.repeat) throw new Differs('pins-differ', 'The two PINs differ.');
      const { logins } = await this.#web.access.ready();
      await logins.changeOwnPin(session, plainText(form.current), form.pin, this.#web.facts(request).address);
      redirect(response, next);
    } catch (error) {
      const { fault, statusCode } = faultOf(error);
      const formToken = this.#web.formToken(request, response);
      const said = fault === 'weak' ? 'weakPin' : fault;
      sendPage(response, pinPage({ ...pinFormOf(session), next, fault: said, statusCode, formToken }));
    }
  }

  /** Somebody at a shared tablet goes; the tablet stays logged in. */
  async #leave(...[request, response, session, form]: FormCall): Promise<void> {
    this.#web.checkFormToken(request, form.csrf);
    if (session.personActive) {
      const { logins } = await this.#web.access.ready();
      this.#web.setCookie(request, response, await logins.leave(session, this.#web.facts(request).address), true);
    }
    redirect(response, this.#home);
  }

  async #session(request: IncomingMessage): Promise<Session> {
    const session = await this.#web.access.sessionOf(this.#web.cookieOf(request));
    if (!session) throw new Unauthorized();
    return session;
  }

  /** A path inside this server; anything else could lead a person away after the login. */
  #next(wish: unknown): string {
    const path = withoutRoot(typeof wish === 'string' ? wish : '');
    const inside = /^\/(?![/\\])[^\\\s]*$/.test(path) && !/^\/(login|logout|password)\b/.test(path);
    return inside ? path : this.#home;
  }
}

/** Somebody whose PIN no longer fits the roles is asked for another one first. */
function afterLogin({ identity, stored }: Account, next: string): string {
  return isPinOutgrown(stored, identity.roles) ? `/password?for=pin&next=${encodeURIComponent(next)}` : next;
}

function passwordFormOf(session: Session) {
  return { user: session.user.identity, due: mustChangePassword(session), atTablet: session.personActive };
}

function pinFormOf({ user: { identity } }: Session) {
  return { user: identity, least: pinDigitsFor(identity.roles) };
}

/** What was to be typed twice was not typed alike. */
class Differs extends ShopfloorError {
  constructor(code: 'passwords-differ' | 'pins-differ', message: string) {
    super(code, 400, message);
  }
}

function isForm(request: IncomingMessage): boolean {
  return /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(header(request, 'content-type') ?? '');
}

/** Mapped by the code of a refused login. */
const loginFaults: Readonly<Record<string, PageTextKey>> = { locked: 'locked', 'one-time-over': 'oneTimeOver' };

/** What a form says about an error, and with which status. */
function faultOf(error: unknown): { readonly fault: PageTextKey; readonly statusCode: number } {
  if (error instanceof TooManyAttempts) return { fault: 'tooMany', statusCode: 429 };
  if (error instanceof LoginRefused) return { fault: loginFaults[error.code] ?? 'wrongLogin', statusCode: 401 };
  if (error instanceof InvalidInput) return { fault: 'weak', statusCode: 400 };
  if (error instanceof Forbidden) return { fault: 'staleForm', statusCode: 403 };
  if (error instanceof Differs)
    return { fault: error.code === 'pins-differ' ? 'pinsDiffer' : 'differ', statusCode: 400 };
  if (error instanceof ShopfloorError && error.code === 'not-a-device') return { fault: 'notDevice', statusCode: 403 };
  if (error instanceof ShopfloorError && error.code === 'same-password') return { fault: 'weak', statusCode: 400 };
  return { fault: 'unavailable', statusCode: 503 };
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location: underRoot(location), 'cache-control': 'no-store' });
  response.end();
}
