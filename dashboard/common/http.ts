// One request to a route of this server, with refusals as values: the code and sentence of the error envelope.
import type { FieldFault } from '../../nodes/core/errors.ts';
import { askPassword, passwordNeeded } from './password.ts';
import { onServer } from './server-root.ts';

export type ServerAnswer<Body> =
  | { readonly ok: true; readonly body: Body }
  | {
      readonly ok: false;
      /** HTTP status; 0 where no answer came. */
      readonly status: number;
      readonly code: string;
      readonly message: string;
      readonly fields: readonly FieldFault[];
      /** What the server holds now; present where somebody else was quicker (409). */
      readonly current?: unknown;
    };

/** A server that has not answered for this long is as good as away. */
const answerWithinMs = 30_000;
/** Photos over a weak radio link take their time. */
const uploadWithinMs = 180_000;

/** As `sendOnce`; where the password is missing, the person is asked for it and the request goes out again. */
export async function callServer<Body>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<ServerAnswer<Body>> {
  const answer = await sendOnce<Body>(method, path, body);
  const isMissing = !answer.ok && answer.code === passwordNeeded;
  return isMissing && (await askPassword()) ? sendOnce<Body>(method, path, body) : answer;
}

/** Never rejects; a server that cannot be reached is the code `offline`. A FormData goes as multipart, a file byte for byte. */
export async function sendOnce<Body>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<ServerAnswer<Body>> {
  const isForm = body instanceof FormData;
  const isFile = body instanceof Blob;
  let response: Response;
  try {
    response = await fetch(onServer(path), {
      method,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(isForm || isFile ? uploadWithinMs : answerWithinMs),
      headers: {
        accept: 'application/json',
        ...(body !== undefined &&
          !isForm && { 'content-type': isFile ? 'application/octet-stream' : 'application/json' }),
      },
      ...(body !== undefined && { body: isForm || isFile ? body : JSON.stringify(body) }),
    });
  } catch {
    return { ok: false, status: 0, code: 'offline', message: '', fields: [] };
  }
  const read = (await response.json().catch(() => ({}))) as {
    readonly error?: {
      readonly code?: string;
      readonly message?: string;
      readonly fields?: never[];
      readonly current?: unknown;
    };
  };
  if (response.ok) return { ok: true, body: read as Body };
  const { code = String(response.status), message = '', fields = [], current } = read.error ?? {};
  return { ok: false, status: response.status, code, message, fields, ...(current !== undefined && { current }) };
}
