// What the bytes of a message say.
import { isUtf8 } from 'node:buffer';

/** What a reader of UTF-8 puts where there is none. */
const replaced = '\uFFFD';
const byteOrderMark = 0xfeff;
/** NUL, line ends and the space. */
const lastSpace = 0x20;

/** The text of `bytes` from `start` to `end`, without a byte order mark; undefined where they are no UTF-8. */
export function textOf(bytes: Buffer, start: number, end: number): string | undefined {
  const text = bytes.toString('utf8', start, end);
  // Reading and looking for the mark takes half the time of a strict decoder with a view of its own for each message.
  if (text.includes(replaced) && !isUtf8(bytes.subarray(start, end))) return undefined;
  return text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text;
}

/** A text without the byte order mark before it and the NUL characters behind it, as senders with buffers of one length leave them. */
export function withoutFrame(text: string): string {
  const start = text.charCodeAt(0) === byteOrderMark ? 1 : 0;
  let end = text.length;
  while (end > start && text.charCodeAt(end - 1) <= lastSpace) end -= 1;
  return text.slice(start, end);
}
