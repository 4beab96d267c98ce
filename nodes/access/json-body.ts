// Reads a JSON request body before Node-RED does, so that a malformed or oversized one is answered with the error envelope.
import type { IncomingMessage } from 'node:http';
import { ShopfloorError } from '../core/errors.ts';
import { errorReply } from '../core/http-envelope.ts';
import type { Middleware } from './middleware.ts';

const mebibyte = 1024 * 1024;
/** A command is small; photos have a route of their own. */
export const commandBytes = mebibyte;
/** An editor deploys more; the limit is Node-RED's own default. */
export const deployBytes = 5 * mebibyte;
/** A sender that is not known can log in with it. */
export const unknownBytes = 16 * 1024;
/** Flows nest less than ten deep, commands less than five. */
const deepest = 64;

/** The two properties by which Express's own body parsers see that the body was read. */
interface ParsedBody {
  body?: unknown;
  _body?: boolean;
}

export function isJson(request: Pick<IncomingMessage, 'headers'>): boolean {
  return /^\s*application\/(\w+\+)?json\b/i.test(request.headers['content-type'] ?? '');
}

/** For routes of flows. */
export const jsonBody: Middleware = (request, response, next) => {
  if (!isJson(request)) {
    next();
    return;
  }
  readJson(request).then(
    () => next(),
    (error: unknown) => {
      const reply = errorReply(error);
      // The rest of the body is not read, so the connection is of no further use.
      response.writeHead(reply.statusCode, {
        'content-type': 'application/json; charset=utf-8',
        connection: 'close',
      });
      response.end(JSON.stringify(reply.payload));
    },
  );
};

/**
 * The body as JSON, read once for each request whoever asks first; nothing is an empty object. Rejects with 413 for a body that is
 * longer or nests deeper than it may, and with 400 for text that is no JSON or did not come in time.
 */
export async function readJson(
  request: IncomingMessage,
  limitBytes = commandBytes,
  withinMs?: number,
): Promise<unknown> {
  const { body: known, _body: alreadyRead }: ParsedBody = request as ParsedBody;
  if (alreadyRead === true) return known;
  const text = await readText(request, limitBytes, withinMs);
  const body = text === '' ? {} : parse(text);
  Object.assign(request, { body, _body: true } satisfies ParsedBody);
  return body;
}

/** The body as UTF-8 text. @param withinMs a body that is not whole by then ends its connection */
export async function readText(
  request: IncomingMessage,
  limitBytes = commandBytes,
  withinMs?: number,
): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  const timer = withinMs === undefined ? undefined : setTimeout(() => request.destroy(), withinMs);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limitBytes) throw tooLarge(limitBytes);
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tooLarge(limitBytes: number): ShopfloorError {
  return new ShopfloorError('too-large', 413, `The body is larger than ${limitBytes} bytes.`);
}

function parse(text: string): unknown {
  if (nestsDeeper(text, deepest)) {
    throw new ShopfloorError('too-deep', 413, `The body nests deeper than ${deepest} levels.`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ShopfloorError('invalid-json', 400, 'The body is not valid JSON.', { cause });
  }
}

const quote = 34;
const backslash = 92;

/** Looks at the brackets of JSON text without reading it; a bracket inside a string is none. */
function nestsDeeper(text: string, most: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      for (at += 1; at < text.length && text.charCodeAt(at) !== quote; at += 1) {
        if (text.charCodeAt(at) === backslash) at += 1;
      }
    } else if (code === 91 || code === 123) {
      depth += 1;
      if (depth > most) return true;
    } else if (code === 93 || code === 125) depth -= 1;
  }
  return false;
}
