// A request written byte by byte, for bodies that no client library would send.
import { connect } from 'node:net';
import type { UploadReply } from './upload-server.ts';

export interface RawRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent one after the other. */
  readonly body: readonly (Buffer | string)[];
  /** Content-Length in place of the true one; null sends none. */
  readonly length?: number | null;
  /** After the body: wait for an answer, say that nothing more comes, or break the connection. */
  readonly afterwards?: 'wait' | 'end' | 'destroy';
}

/** The answer; undefined when the connection ended without one. */
export function sendRaw(request: RawRequest): Promise<UploadReply | undefined> {
  const { hostname, port } = new URL(request.url);
  const pieces = request.body.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece));
  const length = request.length === undefined ? pieces.reduce((sum, piece) => sum + piece.length, 0) : request.length;
  const headers = {
    host: 'plant.example',
    'content-type': 'multipart/form-data; boundary=edge',
    ...(length !== null && { 'content-length': String(length) }),
    ...request.headers,
  };
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    const finish = () => {
      socket.destroy();
      const [head = '', ...rest] = text.split('\r\n\r\n');
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]);
      const json = /\{[\s\S]*\}/.exec(rest.join('\r\n\r\n'))?.[0];
      resolve(
        Number.isNaN(status)
          ? undefined
          : { status, body: json === undefined ? {} : (JSON.parse(json) as UploadReply['body']) },
      );
    };
    socket.on('data', (bytes) => {
      text += bytes.toString('utf8');
      if (/\r\n\r\n[\s\S]*\}\s*(\r\n0\r\n\r\n)?$/.test(text)) finish();
    });
    socket.on('error', () => {});
    socket.on('close', finish);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`POST /files/1 HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
    for (const piece of pieces) socket.write(piece);
    if (request.afterwards === 'end') socket.end();
    if (request.afterwards === 'destroy') setTimeout(() => socket.destroy(), 50);
  });
}

export interface Part {
  readonly headers: readonly string[];
  readonly body: Buffer | string;
}

export function filePart(field: string, name: string, body: Buffer | string, type = 'image/png'): Part {
  return {
    headers: [`Content-Disposition: form-data; name="${field}"; filename="${name}"`, `Content-Type: ${type}`],
    body,
  };
}

export function fieldPart(field: string, body: string): Part {
  return { headers: [`Content-Disposition: form-data; name="${field}"`], body };
}

/** A whole multipart body with the boundary `edge`. */
export function multipart(parts: readonly Part[], end = '--edge--\r\n'): Buffer {
  const pieces = parts.flatMap(({ headers, body }) => [
    Buffer.from(`--edge\r\n${headers.join('\r\n')}\r\n\r\n`, 'utf8'),
    typeof body === 'string' ? Buffer.from(body, 'latin1') : body,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from(end)]);
}
