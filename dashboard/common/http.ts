// One request to a route of this server, with refusals as values: the code and sentence of the error envelope.

export type ServerAnswer<Body> =
  | { readonly ok: true; readonly body: Body }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly fields: readonly { readonly field: string; readonly message: string }[];
    };

/** Never rejects; a server that cannot be reached is the code `offline`. */
export async function callServer<Body>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<ServerAnswer<Body>> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch {
    return { ok: false, code: 'offline', message: '', fields: [] };
  }
  const read = (await response.json().catch(() => ({}))) as {
    readonly error?: { readonly code?: string; readonly message?: string; readonly fields?: never[] };
  };
  if (response.ok) return { ok: true, body: read as Body };
  const { code = String(response.status), message = '', fields = [] } = read.error ?? {};
  return { ok: false, code, message, fields };
}
