// Puts a client together: one HTTP connection, protocol detection, a circuit breaker.
import { type Clock, systemClock } from '../core/clock.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { openTransport, type ProtocolChoice } from './detect.ts';
import { HttpPost } from './http-post.ts';
import { OdooClient, type OdooClientOptions } from './odoo-client.ts';

export interface OdooEndpoint {
  /** `http://` or `https://`, with a path when Odoo is below one. */
  readonly url: string;
  readonly database: string;
  readonly login: string;
  /** Password or API key. */
  readonly secret: string;
  readonly protocol?: ProtocolChoice;
  readonly readDeadlineMs?: number;
  readonly writeDeadlineMs?: number;
}

export interface ConnectOptions {
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly onTransition?: OdooClientOptions['onTransition'];
}

export const defaultReadDeadlineMs = 20_000;
export const defaultWriteDeadlineMs = 60_000;

/** A client for this database; nothing is sent before the first call. */
export function connectOdoo(endpoint: OdooEndpoint, options: ConnectOptions = {}): OdooClient {
  const http = new HttpPost(new URL(endpoint.url));
  const { database, login, secret } = endpoint;
  return new OdooClient({
    open: (call) => openTransport(http, { database, login, secret }, endpoint.protocol ?? 'auto', call),
    breaker: new CircuitBreaker(options.clock ?? systemClock, options.random),
    readDeadlineMs: endpoint.readDeadlineMs ?? defaultReadDeadlineMs,
    writeDeadlineMs: endpoint.writeDeadlineMs ?? defaultWriteDeadlineMs,
    close: () => http.close(),
    ...(options.onTransition && { onTransition: options.onTransition }),
  });
}
