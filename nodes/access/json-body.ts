// Reads a JSON request body before Node-RED does, so that a malformed or oversized one is answered with the error envelope.
import type { IncomingMessage } from 'node:http';
import { ShopfloorError } from '../core/errors.ts';
import { errorReply } from '../core/http-envelope.ts';
import type { Middleware } from './middleware.ts';

const mebibyte = 1024 * 1024;
/** A command is small; photos have a route of their own. */
const commandBytes = mebibyte;
/** What an editor deploys is larger; the limit is Node-RED's own default. */
const deployBytes = 5 * mebibyte;

/** The two properties by which Express's own body parsers see that the body was read. */
interface ParsedBody {
  body?: unknown;
  _body?: boolean;
}

/** For routes of flows. */
export const jsonBody: Middleware = bodyMiddleware(commandBytes);

/** For the editor's API, through which every request passes where editor and flows share their root. */
export const editorBody: Middleware = bodyMiddleware(deployBytes);

function bodyMiddleware(limitBytes: number): Middleware {
  return (request, response, next) => {
    if (!/^application\/(\w+\+)?json\b/i.test(request.headers['content-type'] ?? '')) {
      next();
      return;
    }
    readJson(request, limitBytes).then(
      () => next(),
      (error: unknown) => {
        const reply = errorReply(error);
        // What the client still sends is not read: the connection is of no further use.
        response.writeHead(reply.statusCode, {
          'content-type': 'application/json; charset=utf-8',
          connection: 'close',
        });
        response.end(JSON.stringify(reply.payload));
      },
    );
  };
}

/** The body as JSON, read once for each request whoever asks first; nothing is an empty object. */
export async function readJson(request: IncomingMessage, limitBytes = commandBytes): Promise<unknown> {
  const { body: known, _body: alreadyRead }: ParsedBody = request as ParsedBody;
  if (alreadyRead === true) return known;
  const text = await readText(request, limitBytes);
  const body = text === '' ? {} : parse(text);
  Object.assign(request, { body, _body: true } satisfies ParsedBody);
  return body;
}

/** The body as UTF-8 text. */
export async function readText(request: IncomingMessage, limitBytes = commandBytes): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) {
      throw new ShopfloorError('too-large', 413, `The body is larger than ${limitBytes} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ShopfloorError('invalid-json', 400, 'The body is not valid JSON.', { cause });
  }
}
