// The value of a reply in XML-RPC or JSON: small ones are parsed at once, large ones in a thread, within what is left of the deadline.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { asError } from '../core/errors.ts';
import { OdooError } from './odoo-error.ts';
import { parseBytes, type ReplyFormat } from './reply-formats.ts';
import { notOdoo } from './server-faults.ts';
import type { ParsedReply } from './xml-rpc-parser.ts';

/** Parsed in under 5 ms; what is larger (200 orders are 2.6 MB) is worth the 50 ms that a thread takes to start. */
const parsedAtOnceBytes = 32 * 1024;

/** What a thread may use of memory before it is ended: many times the largest answer. */
const threadLimits = { maxOldGenerationSizeMb: 512 };

/** What the thread sends: slices of a list, each read in a turn of its own, and the end. */
export type ThreadMessage = { readonly items: string } | { readonly end: string; readonly isList: boolean };

/**
 * Never blocks for longer than a small reply takes. Rejects with an OdooError when the reply takes longer than `remainingMs`.
 */
export async function parseReply(format: ReplyFormat, body: Buffer, remainingMs: number): Promise<ParsedReply> {
  if (body.length <= parsedAtOnceBytes) return parseBytes(format, body);
  return parseInThread(format, body, remainingMs);
}

/** What is left for reading an answer, of the time that its whole call may take. */
export function remainingOf(deadlineMs: number, startedMs: number): number {
  return Math.max(1, deadlineMs - (performance.now() - startedMs));
}

/** The thread sends JSON text: neither format has a value that JSON lacks, and it is read faster than a cloned object. */
async function parseInThread(format: ReplyFormat, body: Buffer, remainingMs: number): Promise<ParsedReply> {
  const bytes = Uint8Array.from(body);
  const worker = new Worker(new URL(`./reply-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: { format, bytes },
    transferList: [bytes.buffer],
    resourceLimits: threadLimits,
  });
  let deadline: NodeJS.Timeout | undefined;
  try {
    return await new Promise<ParsedReply>((resolve, reject) => {
      const items: unknown[] = [];
      deadline = setTimeout(() => reject(notOdoo('too large to be read in time')), remainingMs);
      worker.on('message', (message: ThreadMessage) => {
        if ('items' in message) {
          for (const item of JSON.parse(message.items) as unknown[]) items.push(item);
          return;
        }
        const parsed = JSON.parse(message.end) as ParsedReply;
        resolve(message.isList ? { kind: 'value', value: items } : parsed);
      });
      worker.once('error', (error) => reject(notOdoo('too large to be read', asError(error))));
      worker.once('exit', () =>
        reject(new OdooError('protocol', 'The thread that read the reply of Odoo ended early.')),
      );
    });
  } finally {
    clearTimeout(deadline);
    await worker.terminate();
  }
}
