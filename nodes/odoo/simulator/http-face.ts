// The simulated Odoo on a socket: routes, faults on demand, and a port that goes away and comes back.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type LinkFault, LinkFaults } from './link-faults.ts';

/** A reply before it is written. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** One request of a protocol: its method name is known before it runs, so that a fault can hit it. */
export interface ProtocolCall {
  readonly method: string;
  /** Runs and commits; never throws. */
  run(fault: LinkFault | undefined): Reply;
}

export type Protocol = (request: IncomingMessage, body: Buffer) => Promise<ProtocolCall | Reply>;

export const htmlPage = (status: number, title: string): Reply => ({
  status,
  contentType: 'text/html; charset=utf-8',
  body: `<!doctype html>\n<html lang=en>\n<title>${title}</title>\n<h1>${title}</h1>\n`,
});

export class HttpFace {
  readonly faults = new LinkFaults();
  readonly #route: Protocol;
  readonly #host: string;
  readonly #timers = new Set<NodeJS.Timeout>();
  #server: Server | undefined;
  #port: number;
  /** Requests answered or cut since the start, by method. */
  readonly counts = new Map<string, number>();

  constructor(route: Protocol, host: string, port: number) {
    this.#route = route;
    this.#host = host;
    this.#port = port;
  }

  get port(): number {
    return this.#port;
  }

  /** Listens; on the port of the last time when it was free to choose. */
  async listen(): Promise<number> {
    if (this.#server) return this.#port;
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        // A fault of the simulator itself; a real server shows a page like this for its own.
        if (response.headersSent) response.destroy();
        else send(response, htmlPage(500, `Internal Server Error: ${String(error)}`));
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, this.#host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    return this.#port;
  }

  /** Refuses connections and cuts open ones; what was to commit late still does not. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => {});
    response.on('error', () => {});
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const call = await this.#route(request, Buffer.concat(chunks));
    if (!('run' in call)) {
      send(response, call);
      return;
    }
    this.counts.set(call.method, (this.counts.get(call.method) ?? 0) + 1);
    const fault = this.faults.take(call.method);
    switch (fault?.kind) {
      case 'cut-before':
        response.destroy();
        return;
      case 'html-page':
        send(response, htmlPage(fault.status ?? 200, 'Welcome'));
        return;
      case 'late-commit':
        this.#later(fault.delayMs, () => send(response, call.run(fault)));
        return;
      case 'late-reply': {
        const reply = call.run(fault);
        this.#later(fault.delayMs, () => send(response, reply));
        return;
      }
      case 'cut-after-commit':
        call.run(fault);
        response.destroy();
        return;
      case 'garbage':
        response.writeHead(200, { 'content-type': call.run(fault).contentType });
        response.end(fault.bytes ?? Buffer.from('\u0000\u0001<methodResponse><par'));
        return;
      default:
        send(response, call.run(fault));
    }
  }

  #later(delayMs: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, delayMs);
    this.#timers.add(timer);
  }
}

function send(response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return;
  response.writeHead(reply.status, { 'content-type': reply.contentType });
  response.end(reply.body);
}
