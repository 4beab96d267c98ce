// One HTTP POST with a deadline over everything, a cap on the answer, and a plain word on whether it ever left.
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { asError } from '../core/errors.ts';
import { lateRetryMs, OdooError } from './odoo-error.ts';
import { httpFailure, notOdoo, urlHint } from './server-faults.ts';

export interface PostRequest {
  /** Below the base address, such as `/xmlrpc/2/object`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface PostReply {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | undefined;
  readonly body: Buffer;
}

/** 200 orders of 15 components are about 3 MB; far more than that is no answer to any of our questions. */
const maximumReplyBytes = 32 * 1024 * 1024;

export class HttpPost {
  readonly #base: URL;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #maximumBytes: number;

  constructor(base: URL, maximumBytes = maximumReplyBytes) {
    this.#base = base;
    this.#maximumBytes = maximumBytes;
    // A kept connection that the server closed at the same moment would make every such call an open outcome.
    this.#agent =
      base.protocol === 'https:' ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false });
  }

  /** Ends connections; requests in flight are ended by their own signal as well. */
  close(): void {
    this.#agent.destroy();
  }

  /** Rejects with `transient` when the request never left, with `unknown-outcome` when it may have arrived. */
  post(request: PostRequest): Promise<PostReply> {
    return new Promise((resolve, reject) => {
      const secure = this.#base.protocol === 'https:';
      let left = false;
      let isLate = false;
      const outgoing = (secure ? httpsRequest : httpRequest)(
        new URL(this.#base.pathname.replace(/\/+$/, '') + request.path, this.#base.origin),
        {
          method: 'POST',
          agent: this.#agent,
          headers: { ...request.headers, 'content-length': String(Buffer.byteLength(request.body)) },
        },
        (incoming) => {
          this.#collect(incoming).then((reply) => {
            settle();
            resolve(reply);
          }, fail);
        },
      );
      const fail = (cause: unknown) => {
        settle();
        outgoing.destroy();
        if (cause instanceof OdooError) reject(cause);
        else reject(isLate ? tooLate(request.deadlineMs, left) : lost(asError(cause), left));
      };
      const deadline = setTimeout(() => {
        isLate = true;
        outgoing.destroy(new Error('too late'));
      }, request.deadlineMs);
      // No AbortSignal.any: a client's signal lives for years, and every call would hang something on it.
      const abort = () => outgoing.destroy(asError(request.signal?.reason));
      const settle = () => {
        clearTimeout(deadline);
        request.signal?.removeEventListener('abort', abort);
      };
      request.signal?.addEventListener('abort', abort, { once: true });
      if (request.signal?.aborted) abort();
      // Stays for the request's whole life: a late error without a listener would end the process.
      outgoing.on('error', fail);
      outgoing.on('socket', (socket) => {
        socket.once(secure ? 'secureConnect' : 'connect', () => {
          left = true;
        });
      });
      outgoing.end(request.body);
    });
  }

  async #collect(incoming: IncomingMessage): Promise<PostReply> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of incoming) {
      const part = Buffer.from(chunk);
      bytes += part.length;
      if (bytes > this.#maximumBytes) throw notOdoo(`longer than ${this.#maximumBytes} bytes`);
      chunks.push(part);
    }
    return {
      status: incoming.statusCode ?? 0,
      contentType: incoming.headers['content-type'] ?? '',
      location: incoming.headers.location,
      body: Buffer.concat(chunks),
    };
  }
}

/** Throws unless the reply has one of these media types; a web page or a proxy's error is named as such. */
export function requireMediaType(reply: PostReply, types: readonly string[]): void {
  const type = reply.contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (types.includes(type)) return;
  if (reply.status !== 200) throw httpFailure(reply.status, reply.location);
  throw notOdoo(type === 'text/html' ? 'a web page' : `of type "${type.slice(0, 40) || 'none'}"`);
}

function tooLate(deadlineMs: number, left: boolean): OdooError {
  const text = `Odoo did not answer within ${Math.round(deadlineMs / 1000)} s.`;
  return new OdooError(left ? 'unknown-outcome' : 'transient', text, {
    link: 'away',
    ...(left && { retryAfterMs: lateRetryMs }),
  });
}

function lost(cause: Error, left: boolean): OdooError {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  if (left)
    return new OdooError('unknown-outcome', 'The connection to Odoo broke before its answer.', { link: 'lost', cause });
  const reason =
    reasons.get(code) ?? (/CERT|TLS|SSL/i.test(code) ? 'its certificate is not accepted' : 'no connection');
  const hint =
    code === 'ENOTFOUND' || /CERT|TLS|SSL/i.test(code) ? urlHint : 'Is the server running and ODOO_URL right?';
  return new OdooError('transient', `Odoo can't be reached: ${reason}.`, { link: 'away', cause, hint });
}

/** Mapped by Node's error code. */
const reasons: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'the connection is refused'],
  ['ENOTFOUND', 'the host name is unknown'],
  ['EAI_AGAIN', 'the name server does not answer'],
  ['EHOSTUNREACH', 'there is no route to the host'],
  ['ENETUNREACH', 'there is no route to its network'],
  ['ETIMEDOUT', 'the host does not answer'],
  ['ECONNRESET', 'the connection was reset'],
]);
