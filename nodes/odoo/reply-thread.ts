// Worker thread that parses one large reply of Odoo, and hands a list over in slices so that no turn of the main thread is long.
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadMessage } from './parse-reply.ts';
import { parseBytes, type ReplyFormat } from './reply-formats.ts';
import { maximumSliceChars } from './reply-limits.ts';
import type { ParsedReply } from './xml-rpc-parser.ts';

/** Records of a list in one message: some 100 kB of orders. */
const sliceItems = 200;

const send = (message: ThreadMessage) => parentPort?.postMessage(message);
const { format, bytes } = workerData as { readonly format: ReplyFormat; readonly bytes: Uint8Array };
const parsed = await parseBytes(format, bytes);

function tooLarge(): void {
  const malformed: ParsedReply = { kind: 'malformed', message: 'a record is too large' };
  send({ end: JSON.stringify(malformed), isList: false });
}

/** False when a slice is larger than the main thread may read at once. */
function sendList(items: readonly unknown[]): boolean {
  for (let from = 0; from < items.length; from += sliceItems) {
    const text = JSON.stringify(items.slice(from, from + sliceItems));
    if (text.length > maximumSliceChars) return false;
    send({ items: text });
  }
  send({ end: 'null', isList: true });
  return true;
}

if (parsed.kind === 'value' && Array.isArray(parsed.value)) {
  if (!sendList(parsed.value)) tooLarge();
} else {
  const text = JSON.stringify(parsed);
  if (text.length > maximumSliceChars) tooLarge();
  else send({ end: text, isList: false });
}
