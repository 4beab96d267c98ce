// The bytes of a file as text: its byte order mark decides, else what the bytes themselves allow.

export const fileEncodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type FileEncoding = (typeof fileEncodings)[number];

export interface FileText {
  readonly text: string;
  readonly encoding: FileEncoding;
}

/** Bytes that are looked at for the NULs of UTF-16. */
const lookedAt = 4_096;

/**
 * Never invents a character: bytes that are no UTF-8 are read as Windows-1252, in which Excel of Western settings saves CSV, and
 * UTF-16 without a mark ("Unicode text") is known by every second byte of its Latin letters being zero.
 */
export function fileText(file: string | Uint8Array): FileText {
  if (typeof file === 'string') return { text: withoutMark(file), encoding: 'utf-8' };
  const encoding = encodingOf(file);
  return { text: withoutMark(new TextDecoder(encoding).decode(file)), encoding };
}

function encodingOf(bytes: Uint8Array): FileEncoding {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const head = bytes.subarray(0, lookedAt);
  const pairs = Math.floor(head.length / 2);
  let even = 0;
  let odd = 0;
  for (let at = 0; at + 1 < head.length; at += 2) {
    if (head[at] === 0) even += 1;
    if (head[at + 1] === 0) odd += 1;
  }
  if (pairs > 0 && odd > pairs / 2) return 'utf-16le';
  if (pairs > 0 && even > pairs / 2) return 'utf-16be';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
