// Reads kept pictures again, by other code than the one that wrote them: which pieces they have, to the last byte.
import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';

/** Names of the chunks, segments or blocks of a picture; fails for bytes that belong to none. */
export function inventory(type: string, bytes: Buffer): readonly string[] {
  switch (type) {
    case 'image/png':
      return pngPieces(bytes);
    case 'image/jpeg':
      return jpegPieces(bytes);
    case 'image/gif':
      return gifPieces(bytes);
    default:
      return webpPieces(bytes);
  }
}

/** Every piece that a kept picture may have. */
export const allowedPieces: ReadonlySet<string> = new Set([
  ...['IHDR', 'PLTE', 'tRNS', 'gAMA', 'sRGB', 'IDAT', 'IEND'],
  ...['SOI', 'JFIF', 'orientation', 'Adobe', 'DQT', 'DHT', 'SOF', 'DRI', 'SOS', 'EOI'],
  ...['header', 'transparency', 'frame', 'trailer'],
  ...['VP8X', 'ALPH', 'VP8 ', 'VP8L'],
]);

function pngPieces(bytes: Buffer): string[] {
  const pieces: string[] = [];
  let at = 8;
  while (at < bytes.length) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    assert.equal(crc32(bytes.subarray(at + 4, at + 8 + length)), bytes.readUInt32BE(at + 8 + length));
    pieces.push(type);
    at += length + 12;
  }
  assert.equal(at, bytes.length);
  assert.equal(pieces.at(-1), 'IEND');
  assert.equal(pieces.indexOf('IEND'), pieces.length - 1);
  return pieces;
}

function jpegPieces(bytes: Buffer): string[] {
  const pieces: string[] = ['SOI'];
  let at = 2;
  for (;;) {
    assert.equal(bytes[at], 0xff);
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xd9) break;
    const length = bytes.readUInt16BE(at + 2);
    const body = bytes.subarray(at + 4, at + 2 + length);
    pieces.push(jpegName(marker, body));
    at += 2 + length;
    if (marker !== 0xda) continue;
    while (!(bytes[at] === 0xff && bytes[at + 1] !== 0 && ((bytes[at + 1] ?? 0) & 0xf8) !== 0xd0)) {
      assert.ok(at < bytes.length);
      at += 1;
    }
  }
  assert.equal(at + 2, bytes.length);
  return [...pieces, 'EOI'];
}

function jpegName(marker: number, body: Buffer): string {
  const names: Readonly<Record<number, string>> = { 219: 'DQT', 196: 'DHT', 221: 'DRI', 218: 'SOS' };
  if ([0xc0, 0xc1, 0xc2].includes(marker)) return 'SOF';
  if (marker === 0xe0 && body.length === 14 && body.toString('latin1', 0, 5) === 'JFIF\0') return 'JFIF';
  if (marker === 0xee && body.length === 12) return 'Adobe';
  // Name, byte order, one entry, no further directory: 6 + 8 + 2 + 12 + 4 bytes.
  if (marker === 0xe1 && body.length === 32 && body.readUInt16BE(16) === 0x0112) return 'orientation';
  return names[marker] ?? `marker ${marker.toString(16)}`;
}

function gifPieces(bytes: Buffer): string[] {
  const pieces = ['header'];
  const colours = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  const blocks = (from: number) => {
    let at = from;
    while (bytes[at] !== 0) at += 1 + (bytes[at] ?? 0);
    return at + 1;
  };
  let at = 13 + colours(bytes[10] ?? 0);
  while (bytes[at] !== 0x3b) {
    assert.ok(at < bytes.length);
    if (bytes[at] === 0x21) {
      pieces.push(bytes[at + 1] === 0xf9 && bytes[at + 2] === 4 ? 'transparency' : 'extension');
      at = blocks(at + 2);
    } else {
      assert.equal(bytes[at], 0x2c);
      pieces.push('frame');
      at = blocks(at + 10 + colours(bytes[at + 9] ?? 0) + 1);
    }
  }
  assert.equal(at + 1, bytes.length);
  assert.equal(pieces.filter((piece) => piece === 'frame').length, 1);
  return [...pieces, 'trailer'];
}

function webpPieces(bytes: Buffer): string[] {
  const pieces: string[] = [];
  assert.equal(bytes.readUInt32LE(4) + 8, bytes.length);
  let at = 12;
  while (at < bytes.length) {
    pieces.push(bytes.toString('latin1', at, at + 4));
    const length = bytes.readUInt32LE(at + 4);
    at += 8 + length + (length % 2);
  }
  assert.equal(at, bytes.length);
  return pieces;
}
