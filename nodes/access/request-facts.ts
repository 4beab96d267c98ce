// What a request says about its client, believed only as far as it can be: address, TLS, origin, cookies.
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { withoutRoot } from './http-root.ts';

export interface RequestFacts {
  /** The client's address; that of the nearest hop that is no trusted proxy. */
  readonly address: string;
  /** Whether the client's own connection is encrypted. */
  readonly secure: boolean;
  /** Origin of a page of this server, such as `https://plant.example`. */
  readonly ownOrigin: string;
}

/** Reads requests; headers of a proxy count only when the proxy is one of the trusted ones. */
export class RequestReader {
  readonly #trusted = new BlockList();

  /** @param trustedProxies addresses or networks, such as `127.0.0.1` or `10.0.0.0/24` */
  constructor(trustedProxies: readonly string[]) {
    for (const proxy of trustedProxies) addTo(this.#trusted, proxy);
  }

  facts(request: IncomingMessage): RequestFacts {
    const nearest = plainAddress(request.socket.remoteAddress);
    const encrypted = 'encrypted' in request.socket && request.socket.encrypted === true;
    if (!this.#isTrusted(nearest)) {
      return factsOf(nearest, encrypted, header(request, 'host'));
    }
    const hops = (header(request, 'x-forwarded-for') ?? '').split(',').map((hop) => plainAddress(hop.trim()));
    const address = hops.reverse().find((hop) => isIP(hop) !== 0 && !this.#isTrusted(hop)) ?? nearest;
    const protocol = header(request, 'x-forwarded-proto')?.split(',').at(-1)?.trim();
    // `X-Forwarded-Host` passes through many proxies as the client sent it, so the origin is what the proxy itself puts into `Host`.
    return factsOf(address, protocol === undefined ? encrypted : protocol === 'https', header(request, 'host'));
  }

  #isTrusted(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#trusted.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}

export function header(request: Pick<IncomingMessage, 'headers'>, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

/** The first cookie of a name; browsers send the most specific one first. */
export function cookieOf(request: Pick<IncomingMessage, 'headers'>, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** Path and query as the client sent them, whatever Express has cut off; the path is the plant's own, without its HTTP root. */
export function requestUrl(request: IncomingMessage): URL {
  const text = 'originalUrl' in request && typeof request.originalUrl === 'string' ? request.originalUrl : request.url;
  const path = (text ?? '/').replace(/^\/+/, '/');
  if (!URL.canParse(path, 'http://server')) return new URL('http://server/');
  const url = new URL(path, 'http://server');
  const own = withoutRoot(url.pathname);
  if (own !== url.pathname) url.pathname = own;
  return url;
}

export function isUnsafe(request: Pick<IncomingMessage, 'method'>): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? 'GET');
}

/** Whether a person looks at a page, rather than a script at data. */
export function wantsPage(request: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  return !isUnsafe(request) && /\btext\/html\b/.test(header(request, 'accept') ?? '');
}

/**
 * Whether a person did something by this request: opened a page or changed something. What a page fetches by itself, every few
 * seconds on some, does not show that anybody is there; a page tells of touches by a socket event of its own.
 */
export function isPersonsAct(request: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  return isUnsafe(request) || wantsPage(request);
}

function factsOf(address: string, secure: boolean, host: string | undefined): RequestFacts {
  return { address, secure, ownOrigin: `${secure ? 'https' : 'http'}://${(host ?? '').toLowerCase()}` };
}

/** IPv4 addresses of an IPv6 socket, and ports that some proxies append, taken off. */
function plainAddress(address: string | undefined): string {
  const text = (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  return /^\d+\.\d+\.\d+\.\d+:\d+$/.test(text) ? text.slice(0, text.lastIndexOf(':')) : text;
}

/**
 * What counts as one address where tries are counted: of IPv6 the first half, because whoever has one such address has as many of
 * the other half as they like.
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  // An IPv4 address at the end stands for two groups, which are never among the first four.
  const missing = Math.max(0, 8 - groups(head).length - groups(tail).length - (tail.includes('.') ? 1 : 0));
  const all = address.includes('::')
    ? [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail)]
    : groups(head);
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/** Whether `text` is an address or a network, such as `127.0.0.1` or `10.0.0.0/24`. */
export function isProxyAddress(text: string): boolean {
  const [address = '', length, more] = text.trim().split('/');
  const longest = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) !== 0 &&
    more === undefined &&
    (length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= longest))
  );
}

function addTo(list: BlockList, proxy: string): void {
  if (!isProxyAddress(proxy)) {
    throw new Error(`"${proxy}" is no address or network of a trusted proxy; examples: 127.0.0.1, 10.0.0.0/24`);
  }
  const [address = '', length] = proxy.trim().split('/');
  const family = isIP(address);
  const type = family === 6 ? 'ipv6' : 'ipv4';
  if (length === undefined) list.addAddress(address, type);
  else list.addSubnet(address, Number(length), type);
}
