// Reads a JSON request body before Node-RED does, so that a malformed or oversized one is answered with the error envelope.
import type { IncomingMessage } from 'node:http';
import { ShopfloorError } from '../core/errors.ts';
import { errorReply } from '../core/http-envelope.ts';
import type { Middleware } from './middleware.ts';

/** The flows that the editor deploys are the largest JSON; photos have a route of their own. */
const limitBytes = 5 * 1024 * 1024;

/** The two properties by which Express's own body parsers see that the body was read. */
interface ParsedBody {
  body?: unknown;
  _body?: boolean;
}

export const jsonBody: Middleware = (request, response, next) => {
  // The editor's own routes and the flows' share one server: whoever came first has read the stream.
  if ((request as ParsedBody)._body === true) {
    next();
    return;
  }
  if (!/^application\/(\w+\+)?json\b/i.test(request.headers['content-type'] ?? '')) {
    next();
    return;
  }
  readJson(request).then(
    (body) => {
      Object.assign(request, { body, _body: true } satisfies ParsedBody);
      next();
    },
    (error: unknown) => {
      const reply = errorReply(error);
      // What the client still sends is not read: the connection is of no further use.
      response.writeHead(reply.statusCode, { 'content-type': 'application/json; charset=utf-8', connection: 'close' });
      response.end(JSON.stringify(reply.payload));
    },
  );
};

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) {
      throw new ShopfloorError('too-large', 413, `The body is larger than ${limitBytes} bytes.`);
    }
    chunks.push(chunk);
  }
  if (size === 0) return {};
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new ShopfloorError('invalid-json', 400, 'The body is not valid JSON.', { cause });
  }
}
