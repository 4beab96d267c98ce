// Sends an export as it is made: straight into the HTTP response, or as one buffer into a flow.
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ProblemExport } from './queries/export.ts';

/** The part of Express' response that an export needs. */
interface OpenResponse extends Writable {
  setHeader(name: string, value: string): unknown;
  statusCode: number;
}

/** The response behind `msg.res` of an http-in node; undefined where a message has none. */
export function responseOf(res: unknown): OpenResponse | undefined {
  const raw = typeof res === 'object' && res !== null && '_res' in res ? res._res : res;
  return typeof raw === 'object' && raw !== null && 'setHeader' in raw && 'write' in raw
    ? (raw as OpenResponse)
    : undefined;
}

/** Resolves when it was sent, or when the receiver went away; rejects when making it failed, and the download is cut. */
export async function streamExport(response: OpenResponse, { headers, chunks }: ProblemExport): Promise<void> {
  response.statusCode = 200;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  try {
    await pipeline(Readable.from(chunks), response);
  } catch (error) {
    const hasLeft = error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!hasLeft) throw error;
  }
}

export async function wholeExport({ chunks }: ProblemExport): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}
