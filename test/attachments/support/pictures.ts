// Small whole pictures, made from their formats' own words, and the pieces to spoil them with.
import { crc32, deflateSync } from 'node:zlib';

export const pngSignature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

export function pngChunk(type: string, body: Buffer = Buffer.alloc(0), checksum?: number): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const out = Buffer.alloc(named.length + 8);
  out.writeUInt32BE(body.length, 0);
  named.copy(out, 4);
  out.writeUInt32BE(checksum ?? crc32(named), named.length + 4);
  return out;
}

export interface PngOptions {
  readonly width?: number;
  readonly height?: number;
  readonly depth?: number;
  readonly colour?: number;
  readonly interlace?: number;
  /** Unpacked rows; default: black ones of the right size. */
  readonly rows?: Buffer;
  /** In place of one IDAT with the packed rows. */
  readonly pixels?: Buffer;
  readonly before?: readonly Buffer[];
  readonly after?: readonly Buffer[];
}

export function pngHeader(width: number, height: number, depth = 8, colour = 2, interlace = 0): Buffer {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(width, 0);
  body.writeUInt32BE(height, 4);
  body.set([depth, colour, 0, 0, interlace], 8);
  return pngChunk('IHDR', body);
}

export function png(options: PngOptions = {}): Buffer {
  const { width = 8, height = 8, depth = 8, colour = 2, interlace = 0, before = [], after = [] } = options;
  const samples = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colour] ?? 1;
  const rows = options.rows ?? Buffer.alloc(height * (1 + Math.ceil((width * samples * depth) / 8)));
  return Buffer.concat([
    pngSignature,
    pngHeader(width, height, depth, colour, interlace),
    ...before,
    options.pixels ?? pngChunk('IDAT', deflateSync(rows)),
    ...after,
    pngChunk('IEND'),
  ]);
}

export function jpegSegment(marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

/** A DC table whose category 0 is `0`, and an AC table whose end of block is `0`: two bits for a grey block. */
const huffmanTables = [0x00, 0x10].map((kind) => {
  const counts = Buffer.alloc(16);
  counts[0] = 1;
  return jpegSegment(0xc4, Buffer.concat([Buffer.from([kind]), counts, Buffer.from([0])]));
});

export interface JpegOptions {
  readonly width?: number;
  readonly height?: number;
  /** Segments right behind the beginning, such as Exif. */
  readonly segments?: readonly Buffer[];
  readonly frameMarker?: number;
  readonly frame?: Buffer;
  readonly tables?: readonly Buffer[];
  readonly scan?: Buffer;
  readonly entropy?: Buffer;
  readonly end?: Buffer;
}

export function jpegFrame(width: number, height: number): Buffer {
  const body = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
  body.writeUInt16BE(height, 1);
  body.writeUInt16BE(width, 3);
  return body;
}

/** One grey component, every block the same. */
export function jpeg(options: JpegOptions = {}): Buffer {
  const { width = 16, height = 16, segments = [], frameMarker = 0xc0 } = options;
  const blocks = Math.ceil(Math.min(width, 4096) / 8) * Math.ceil(Math.min(height, 4096) / 8);
  const bytes = Math.ceil((blocks * 2) / 8);
  const entropy = Buffer.alloc(bytes);
  const spare = bytes * 8 - blocks * 2;
  if (spare > 0) entropy[bytes - 1] = (1 << spare) - 1;
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...segments,
    ...(options.tables ?? [
      jpegSegment(0xdb, Buffer.concat([Buffer.from([0]), Buffer.alloc(64, 1)])),
      ...huffmanTables,
    ]),
    jpegSegment(frameMarker, options.frame ?? jpegFrame(width, height)),
    jpegSegment(0xda, options.scan ?? Buffer.from([1, 1, 0, 0, 63, 0])),
    options.entropy ?? entropy,
    options.end ?? Buffer.from([0xff, 0xd9]),
  ]);
}

/** Exif with an orientation, a maker's note and a place on earth. */
export function exifSegment(orientation: number, order: 'II' | 'MM' = 'MM', secret = 'SECRET-CAMERA'): Buffer {
  const big = order === 'MM';
  const short = (value: number) => (big ? [value >> 8, value & 255] : [value & 255, value >> 8]);
  const long = (value: number) => (big ? [0, 0, value >> 8, value & 255] : [value & 255, value >> 8, 0, 0]);
  const text = Buffer.from(`${secret}\0`, 'latin1');
  const entries = 3;
  const textAt = 8 + 2 + entries * 12 + 4;
  const gpsAt = textAt + text.length;
  const tiff = [
    ...Buffer.from(order),
    ...short(42),
    ...long(8),
    ...short(entries),
    ...short(0x010f),
    ...short(2),
    ...long(text.length),
    ...long(textAt),
    ...short(0x0112),
    ...short(3),
    ...long(1),
    ...short(orientation),
    0,
    0,
    ...short(0x8825),
    ...short(4),
    ...long(1),
    ...long(gpsAt),
    ...long(0),
    ...text,
    ...short(1),
    ...short(1),
    ...short(2),
    ...long(2),
    ...Buffer.from('S\0\0\0'),
    ...long(0),
  ];
  return jpegSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), Buffer.from(tiff)]));
}

export const jfifSegment = jpegSegment(0xe0, Buffer.from('JFIF\0\x01\x02\x01\x00\x48\x00\x48\x00\x00', 'latin1'));

export interface GifOptions {
  readonly width?: number;
  readonly height?: number;
  readonly version?: '87a' | '89a';
  /** Blocks before the first frame. */
  readonly before?: readonly Buffer[];
  readonly after?: readonly Buffer[];
  readonly frame?: Buffer;
  readonly end?: Buffer;
}

/** Data in blocks of at most 255 bytes, with the empty one at the end. */
export function gifBlocks(body: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < body.length; at += 255) {
    const part = body.subarray(at, at + 255);
    blocks.push(Buffer.from([part.length]), part);
  }
  return Buffer.concat([...blocks, Buffer.alloc(1)]);
}

export function gifExtension(label: number, ...bodies: readonly Buffer[]): Buffer {
  const blocks = bodies.flatMap((body) => [Buffer.from([body.length]), body]);
  return Buffer.concat([Buffer.from([0x21, label]), ...blocks, Buffer.alloc(1)]);
}

/** `count` black pixels in two colours: 3-bit codes, cleared before they grow. */
export function lzwPixels(count: number, options: { readonly end?: boolean; readonly after?: Buffer } = {}): Buffer {
  const bits: number[] = [];
  const code = (value: number) => bits.push(value & 1, (value >> 1) & 1, (value >> 2) & 1);
  for (let pixel = 0; pixel < count; pixel += 1) {
    // Codes 4 and 5 are clear and end; the second code after a clear makes 6, the third 7, and then they have four bits.
    if (pixel % 2 === 0) code(4);
    code(0);
  }
  if (options.end !== false) code(5);
  const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
  for (const [at, bit] of bits.entries()) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (bit << (at & 7));
  return Buffer.concat([bytes, options.after ?? Buffer.alloc(0)]);
}

export function gifFrame(width: number, height: number, pixels = lzwPixels(width * height), left = 0, top = 0): Buffer {
  const place = Buffer.alloc(10);
  place[0] = 0x2c;
  place.writeUInt16LE(left, 1);
  place.writeUInt16LE(top, 3);
  place.writeUInt16LE(width, 5);
  place.writeUInt16LE(height, 7);
  return Buffer.concat([place, Buffer.from([2]), gifBlocks(pixels)]);
}

export function gif(options: GifOptions = {}): Buffer {
  const { width = 8, height = 8, version = '89a', before = [], after = [] } = options;
  const head = Buffer.alloc(13);
  head.write(`GIF${version}`, 'latin1');
  head.writeUInt16LE(width, 6);
  head.writeUInt16LE(height, 8);
  head[10] = 0x81;
  return Buffer.concat([
    head,
    Buffer.from([0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 255]),
    ...before,
    options.frame ?? gifFrame(width, height),
    ...after,
    options.end ?? Buffer.from([0x3b]),
  ]);
}

/** One black pixel each, as the WebP project's own feature tests have them. */
export const webpLossy = Buffer.from('UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA', 'base64');
export const webpLossless = Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64');
export const webpAlpha = Buffer.from(
  'UklGRkoAAABXRUJQVlA4WAoAAAAQAAAAAAAAAAAAQUxQSAwAAAARBxAR/Q9ERP8DAABWUDggGAAAABQBAJ0BKgEAAQAAAP4AAA3AAP7mtQAAAA==',
  'base64',
);
export const webpAnimated = Buffer.from(
  'UklGRlIAAABXRUJQVlA4WAoAAAASAAAAAAAAAAAAQU5JTQYAAAD/////AABBTk1GJgAAAAAAAAAAAAAAAAAAAGQAAABWUDhMDQAAAC8AAAAQBxAREYiI/gcA',
  'base64',
);

export function riff(...chunks: readonly Buffer[]): Buffer {
  const body = Buffer.concat(chunks);
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  head.writeUInt32LE(4 + body.length, 4);
  return Buffer.concat([head, body]);
}

export function riffChunk(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

export function vp8x(flags: number, width: number, height: number): Buffer {
  const body = Buffer.alloc(10);
  body[0] = flags;
  body.writeUIntLE(width - 1, 4, 3);
  body.writeUIntLE(height - 1, 7, 3);
  return riffChunk('VP8X', body);
}
