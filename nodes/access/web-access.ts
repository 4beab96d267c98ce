// Recognises who sends a request, by session cookie or API token, and hands out and takes back the cookie.
import { IncomingMessage, type ServerResponse } from 'node:http';
import { ShopfloorError } from '../core/errors.ts';
import { plantTimeOf } from '../core/plant-time.ts';
import { type Access, mustChangePassword } from './access.ts';
import type { Voucher } from './actor.ts';
import type { TokenHolder } from './api-tokens.ts';
import { ClientPace, type Leave, type Pace, sessionPace, tokenPace } from './client-pace.ts';
import { deviceMs } from './known-devices.ts';
import type { UserIdentity } from './messages.ts';
import { parametersOf } from './path-pattern.ts';
import {
  cookieOf,
  header,
  isPersonsAct,
  isUnsafe,
  type RequestFacts,
  RequestReader,
  requestUrl,
} from './request-facts.ts';
import { digestOf, randomToken, sameSecret } from './secrets.ts';
import { defaultLimits } from './session-limits.ts';
import type { Session } from './sessions.ts';

export interface WebAccessOptions {
  readonly trustedProxies: readonly string[];
  /** Further origins whose pages may act here, such as `https://plant.example`. */
  readonly origins: readonly string[];
  /** Told of each request whose sender was recognised. */
  readonly onKnown?: (request: IncomingMessage) => void;
  /** IANA name of the plant's time zone; default Asia/Jakarta. */
  readonly timeZone?: string;
}

export type Identified =
  | { readonly kind: 'session'; readonly session: Session; readonly voucher: Voucher }
  | { readonly kind: 'token'; readonly holder: TokenHolder; readonly voucher: Voucher };

export class Unauthorized extends ShopfloorError {
  constructor(message = 'This needs a login.') {
    super('unauthorized', 401, message, { hint: 'Log in at /login, or send an API token as a Bearer token.' });
  }
}

export class Forbidden extends ShopfloorError {
  constructor(code: 'forbidden' | 'foreign-origin' | 'password-change-needed' | 'stale-form', message: string) {
    super(code, 403, message);
  }
}

/** Strangers with made-up cookies and tokens: a few are looked up at the same time, and those who were known lately don't wait behind them. */
const lookUpPace: Pace = { burst: 200, perSecond: 200, atOnce: 4, waiting: 300 };
const lookUps = 'credentials that were not known lately';
/** Of a public route, mapped by address. */
const strangerPace: Pace = { burst: 60, perSecond: 20, atOnce: 4, waiting: 50 };
const keptCredentials = 2_000;

const cookieName = 'shopfloor_session';
const formCookieName = 'shopfloor_form';
/** Says that somebody has logged in from this browser before; opens nothing. */
const deviceCookieName = 'shopfloor_device';

export class WebAccess {
  readonly access: Access;
  readonly timeZone: string;
  /** Whether proxies are trusted to say what the client used. */
  readonly isBehindProxy: boolean;
  #described: readonly { readonly method: string; readonly path: string }[] = [];
  readonly #reader: RequestReader;
  readonly #origins: ReadonlySet<string>;
  /** Found once for each request, although several middlewares ask. */
  readonly #identified = new WeakMap<object, Promise<Identified | undefined>>();
  readonly #sessionPace: ClientPace;
  readonly #tokenPace: ClientPace;
  readonly #strangerPace: ClientPace;
  readonly #lookUpPace: ClientPace;
  /** Digests of cookies and tokens that were good lately, oldest first. */
  readonly #goodLately = new Set<string>();
  readonly #onKnown: (request: IncomingMessage) => void;
  /** The outcome, for hooks of the dashboard that can't wait. */
  readonly #known = new WeakMap<object, Identified>();

  constructor(access: Access, options: WebAccessOptions) {
    this.access = access;
    this.#sessionPace = new ClientPace(sessionPace, access.clock);
    this.#tokenPace = new ClientPace(tokenPace, access.clock);
    this.#strangerPace = new ClientPace(strangerPace, access.clock);
    this.#lookUpPace = new ClientPace(lookUpPace, access.clock);
    this.#onKnown = options.onKnown ?? (() => {});
    this.timeZone = plantTimeOf(options.timeZone ?? 'Asia/Jakarta').zone;
    this.isBehindProxy = options.trustedProxies.length > 0;
    this.#reader = new RequestReader(options.trustedProxies);
    this.#origins = new Set(options.origins.map((origin) => origin.toLowerCase()));
  }

  facts(request: IncomingMessage): RequestFacts {
    return this.#reader.facts(request);
  }

  /** Who sends this; a token decides alone when one is sent. Rejects with Unauthorized for a token that is none. */
  identify(request: IncomingMessage): Promise<Identified | undefined> {
    const known = this.#identified.get(request) ?? this.#identify(request);
    this.#identified.set(request, known);
    return known;
  }

  /** Whoever recognises a request by other means than `identify` says so here. */
  recognised(request: IncomingMessage): void {
    this.#onKnown(request);
  }

  /**
   * Waits for the sender's turn; the place is given back when the answer is out. Rejects with 429 where too much of that sender waits
   * already.
   */
  async takeTurn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const leave = await this.#turnOf(request);
    if (response.closed || response.destroyed) leave();
    else response.once('close', leave);
  }

  /** The person whose session sent this request of an http-in node; rejects with 401 for a token, and for what is no request. */
  async personBehind(request: unknown): Promise<UserIdentity> {
    const who = request instanceof IncomingMessage ? await this.identify(request) : undefined;
    if (who?.kind === 'session') return who.session.user.identity;
    throw new Unauthorized('This is about a person, not about a token.');
  }

  /** The session that a middleware has found before. */
  knownSession(request: object): Session | undefined {
    const known = this.#known.get(request);
    return known?.kind === 'session' ? known.session : undefined;
  }

  /**
   * Refuses what a page of another origin sends with the cookie of this one: an Origin that differs, or an unsafe request that
   * names neither its origin nor its site. Tokens are not sent by browsers on their own, so they need no such check.
   */
  refuseForeign(request: IncomingMessage): void {
    const origin = header(request, 'origin');
    const site = header(request, 'sec-fetch-site');
    const foreign =
      origin !== undefined
        ? !this.isOwnOrigin(request, origin)
        : site !== undefined
          ? site !== 'same-origin' && site !== 'none'
          : isUnsafe(request);
    if (foreign) throw new Forbidden('foreign-origin', 'A page of another origin may not do this.');
  }

  isOwnOrigin(request: IncomingMessage, origin: string): boolean {
    const given = origin.toLowerCase();
    return given === this.facts(request).ownOrigin || this.#origins.has(given);
  }

  /** The package's own routes, as `METHOD /path/{id}`. */
  describeRoutes(routes: readonly string[]): void {
    this.#described = routes.map((route) => {
      const [method = '', path = ''] = route.split(' ');
      return { method, path };
    });
  }

  isDescribed(method: string, pathname: string): boolean {
    return this.#described.some((route) => route.method === method && parametersOf(route.path, pathname) !== undefined);
  }

  /** Keeps in mind that `request` was refused with `error`: wrong tokens and what somebody may not do, never a missing login. */
  noteRefused(request: IncomingMessage, error: unknown): void {
    const isWrongToken = error instanceof Unauthorized && header(request, 'authorization') !== undefined;
    const isForbidden = error instanceof ShopfloorError && error.httpStatus === 403;
    if (!isWrongToken && !isForbidden) return;
    const known = this.#known.get(request);
    this.access.noteRefusal({
      type: isWrongToken ? 'token-wrong' : 'request-refused',
      actor: known?.voucher.actor.name ?? 'unknown',
      subject: `${request.method} ${requestUrl(request).pathname}`,
      address: this.facts(request).address,
    });
  }

  cookieOf(request: IncomingMessage): string | undefined {
    const { secure } = this.facts(request);
    return cookieOf(request, secure ? `__Host-${cookieName}` : cookieName);
  }

  /** @param lasting a shared tablet or wall screen stays logged in over a restart of its browser */
  setCookie(request: IncomingMessage, response: ServerResponse, cookie: string, lasting: boolean): void {
    const maxAge = lasting ? `; Max-Age=${Math.floor(defaultLimits.deviceAbsoluteMs / 1000)}` : '';
    this.#append(request, response, cookieName, cookie, maxAge);
  }

  clearCookie(request: IncomingMessage, response: ServerResponse): void {
    this.#append(request, response, cookieName, '', '; Max-Age=0');
  }

  deviceOf(request: IncomingMessage): string | undefined {
    return cookieOf(request, this.facts(request).secure ? `__Host-${deviceCookieName}` : deviceCookieName);
  }

  setDevice(request: IncomingMessage, response: ServerResponse, device: string): void {
    this.#append(request, response, deviceCookieName, device, `; Max-Age=${Math.floor(deviceMs / 1000)}`);
  }

  /** A token for a plain HTML form of whoever sends `request`, with or without a session. */
  formToken(request: IncomingMessage, response: ServerResponse): string {
    let key = this.cookieOf(request) ?? this.#formCookieOf(request);
    if (key === undefined) {
      key = randomToken();
      this.#append(request, response, formCookieName, key, '');
    }
    return this.access.sign('form', key);
  }

  checkFormToken(request: IncomingMessage, given: unknown): void {
    const key = this.cookieOf(request) ?? this.#formCookieOf(request);
    if (key !== undefined && typeof given === 'string' && sameSecret(given, this.access.sign('form', key))) return;
    throw new Forbidden('stale-form', 'This form is too old. Open the page again.');
  }

  async #identify(request: IncomingMessage): Promise<Identified | undefined> {
    const credential = header(request, 'authorization') ?? this.cookieOf(request);
    if (credential === undefined) return undefined;
    const digest = digestOf(credential);
    const leave = this.#goodLately.has(digest) ? undefined : await this.#lookUpPace.enter(lookUps);
    try {
      const found = (await this.#byToken(request)) ?? (await this.#bySession(request));
      if (found) {
        this.#known.set(request, found);
        this.#rememberGood(digest);
        this.#onKnown(request);
      } else this.#goodLately.delete(digest);
      return found;
    } finally {
      leave?.();
    }
  }

  async #turnOf(request: IncomingMessage): Promise<Leave> {
    const who = await this.identify(request).catch(() => undefined);
    if (who?.kind === 'session') return this.#sessionPace.enter(who.session.id);
    if (who?.kind === 'token') return this.#tokenPace.enter(who.holder.id);
    return this.#strangerPace.enter(this.facts(request).address);
  }

  #rememberGood(digest: string): void {
    this.#goodLately.delete(digest);
    this.#goodLately.add(digest);
    if (this.#goodLately.size > keptCredentials) this.#goodLately.delete(this.#goodLately.values().next().value ?? '');
  }

  async #byToken(request: IncomingMessage): Promise<Identified | undefined> {
    const [, token] = /^Bearer +(\S+)$/i.exec(header(request, 'authorization') ?? '') ?? [];
    if (header(request, 'authorization') === undefined) return undefined;
    const holder = token === undefined ? undefined : await this.access.tokenOf(token);
    if (!holder) throw new Unauthorized('The token is not valid.');
    return { kind: 'token', holder, voucher: this.access.tokenVoucher(holder) };
  }

  async #bySession(request: IncomingMessage): Promise<Identified | undefined> {
    const session = await this.access.sessionOf(this.cookieOf(request), isPersonsAct(request));
    if (!session) return undefined;
    return { kind: 'session', session, voucher: this.access.sessionVoucher(session.id, session.user.identity.login) };
  }

  #formCookieOf(request: IncomingMessage): string | undefined {
    return cookieOf(request, this.facts(request).secure ? `__Host-${formCookieName}` : formCookieName);
  }

  #append(request: IncomingMessage, response: ServerResponse, name: string, value: string, more: string): void {
    const { secure } = this.facts(request);
    response.appendHeader(
      'set-cookie',
      `${secure ? '__Host-' : ''}${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}${more}`,
    );
  }
}

/** A one-time password opens only the page that changes it. */
export function refusePasswordDue(session: Session): void {
  if (!mustChangePassword(session)) return;
  throw new Forbidden('password-change-needed', 'Change the one-time password first, at /password.');
}
