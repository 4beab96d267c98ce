// Decides whether an HTTP request may command this plant while no user accounts exist: a token, or this very machine.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Actor } from '../batch/messages.ts';
import { ShopfloorError } from '../core/errors.ts';

/** What the check needs of a request; an Express or node:http request has all of it. */
export interface RequestFacts {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly remoteAddress: string | undefined;
}

export interface RequestCheckOptions {
  /** The machine token of SHOPFLOOR_API_TOKEN; without one only loopback is let in. */
  readonly apiToken?: string;
}

/** Headers that a reverse proxy adds: behind one, a loopback address proves nothing about the client. */
const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'] as const;
const loopbackAddress = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;
const loopbackHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

export class AccessRefused extends ShopfloorError {
  constructor(code: 'unauthorized' | 'forbidden', message: string, hint: string) {
    super(code, code === 'unauthorized' ? 401 : 403, message, { hint });
  }
}

/**
 * The actor of a request, or a thrown AccessRefused. Order: a bearer token decides alone when one is sent; else the request must
 * come from a loopback address, name a loopback host (DNS rebinding), not come through a proxy, and not be sent by a page of
 * another origin.
 */
export function checkRequest(request: RequestFacts, options: RequestCheckOptions): Actor {
  const authorization = single(request.headers.authorization);
  if (authorization !== undefined) {
    const [, token] = /^Bearer (.+)$/i.exec(authorization) ?? [];
    if (token && options.apiToken && sameSecret(token, options.apiToken)) return { name: 'api-token', via: 'http' };
    throw new AccessRefused(
      'unauthorized',
      'The token is not valid.',
      'Send the value of SHOPFLOOR_API_TOKEN as a Bearer token.',
    );
  }
  if (!loopbackAddress.test(request.remoteAddress ?? '')) {
    throw new AccessRefused(
      'unauthorized',
      'This address needs a token.',
      'Start with SHOPFLOOR_API_TOKEN and send it as a Bearer token, or call from the machine itself.',
    );
  }
  if (proxyHeaders.some((name) => request.headers[name] !== undefined)) {
    throw new AccessRefused('unauthorized', 'A request through a proxy needs a token.', 'Send it as a Bearer token.');
  }
  if (!loopbackHost.test(single(request.headers.host) ?? '')) {
    throw new AccessRefused('forbidden', 'A loopback request must name a loopback host.', 'Call http://localhost.');
  }
  const origin = single(request.headers.origin);
  const fetchSite = single(request.headers['sec-fetch-site']);
  if (origin !== undefined && !sameOrigin(origin, single(request.headers.host))) {
    throw new AccessRefused(
      'forbidden',
      'A page of another origin may not call this.',
      'Open the page on this server.',
    );
  }
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none') {
    throw new AccessRefused('forbidden', 'A page of another site may not call this.', 'Open the page on this server.');
  }
  return { name: 'local', via: 'http' };
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

function sameOrigin(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** Compares digests, so that neither content nor length leaks through timing. */
function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
