// A PNG with only what shows the picture: checksums and pixel data checked, every other chunk and all behind the end left out.
import { crc32 } from 'node:zlib';
import { type ByteSink, type ByteSource, SourceReader } from './byte-source.ts';
import { Inflation } from './inflation.ts';
import { checkPictureSize, type PictureSize } from './picture-size.ts';
import { damaged } from './refusals.ts';

export const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Samples of one pixel and the bit depths that go with a colour type (PNG, third edition, table 8). */
const colourTypes: ReadonlyMap<number, { readonly samples: number; readonly depths: readonly number[] }> = new Map([
  [0, { samples: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { samples: 3, depths: [8, 16] }],
  [3, { samples: 1, depths: [1, 2, 4, 8] }],
  [4, { samples: 2, depths: [8, 16] }],
  [6, { samples: 4, depths: [8, 16] }],
]);

/** Where the seven passes of Adam7 begin and how far their pixels are apart: x, y, step x, step y. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Chunks before the pixels that change what is seen, with the lengths they may have. An ICC profile is not among them. */
const shownChunks: ReadonlyMap<string, (length: number) => boolean> = new Map([
  ['PLTE', (length) => length > 0 && length % 3 === 0 && length <= 768],
  ['tRNS', (length) => length > 0 && length <= 256],
  ['gAMA', (length) => length === 4],
  ['sRGB', (length) => length === 1],
]);

/** A file of 16 MB has some thousand chunks; one of empty chunks only keeps us busy. */
const mostChunks = 20_000;

interface Header extends PictureSize {
  readonly bitsPerPixel: number;
  readonly interlaced: boolean;
  readonly indexed: boolean;
}

/** An animated PNG becomes the still picture that it shows where animation is not known. */
export async function cleanPng(source: ByteSource, sink: ByteSink): Promise<PictureSize> {
  const reader = new SourceReader(source);
  const signature = await reader.take(8, 'its signature');
  if (!signature.equals(pngSignature)) throw damaged('its signature is broken');
  await sink.write(Buffer.from(signature));
  const header = await readHeader(reader, sink);
  const rows = new ScanlineCheck(header);
  const inflation = new Inflation({
    format: 'zlib',
    mostBytes: rows.expectedBytes,
    tooMuch: () => damaged('it unpacks to more than its size says'),
    look: (bytes) => rows.look(bytes),
  });
  try {
    await readChunks(reader, sink, header, inflation);
    const { unpackedBytes, unusedBytes } = await inflation.finish();
    if (unpackedBytes !== rows.expectedBytes) throw damaged('pixels are missing');
    if (unusedBytes > 0) throw damaged('something hides behind its pixels');
  } finally {
    inflation.close();
  }
  return { width: header.width, height: header.height };
}

async function readHeader(reader: SourceReader, sink: ByteSink): Promise<Header> {
  const chunk = await reader.take(25, 'its header');
  if (chunk.readUInt32BE(0) !== 13 || chunk.toString('latin1', 4, 8) !== 'IHDR') throw damaged('it has no header');
  if (crc32(chunk.subarray(4, 21)) !== chunk.readUInt32BE(21)) throw damaged('the checksum of its header is wrong');
  const [depth = 0, colour = 0, compression, filter, interlace] = chunk.subarray(16, 21);
  const type = colourTypes.get(colour);
  if (!type?.depths.includes(depth)) throw damaged('its colour type does not exist');
  if (compression !== 0 || filter !== 0 || (interlace !== 0 && interlace !== 1)) throw damaged('its header is broken');
  const size = checkPictureSize(chunk.readUInt32BE(8), chunk.readUInt32BE(12));
  await sink.write(Buffer.from(chunk));
  return { ...size, bitsPerPixel: type.samples * depth, interlaced: interlace === 1, indexed: colour === 3 };
}

async function readChunks(reader: SourceReader, sink: ByteSink, header: Header, inflation: Inflation): Promise<void> {
  const kept = new Set<string>();
  let pixels: 'before' | 'within' | 'after' = 'before';
  for (let count = 0; ; count += 1) {
    if (count > mostChunks) throw damaged('it has too many chunks');
    const start = await reader.take(8, 'a chunk');
    const length = start.readUInt32BE(0);
    const type = start.toString('latin1', 4, 8);
    if (!/^[A-Za-z]{4}$/.test(type)) throw damaged('a chunk has no proper name');
    if (length + 4 > reader.remaining) throw damaged(`it ends within ${type}`);
    if (type === 'IHDR') throw damaged('it has two headers');
    if (type === 'IDAT') {
      if (pixels === 'after') throw damaged('its pixels are in pieces');
      if (header.indexed && !kept.has('PLTE')) throw damaged('its palette is missing');
      pixels = 'within';
      await copyChunk(reader, sink, start, length, (piece) => inflation.feed(piece));
      continue;
    }
    if (pixels === 'within') pixels = 'after';
    if (type === 'IEND') {
      if (length !== 0) throw damaged('its end is broken');
      if (pixels === 'before') throw damaged('pixels are missing');
      await copyChunk(reader, sink, start, length);
      return;
    }
    const fits = shownChunks.get(type);
    if (fits && pixels === 'before') {
      if (!fits(length) || kept.has(type)) throw damaged(`its ${type} is broken`);
      kept.add(type);
      await copyChunk(reader, sink, start, length);
    } else if (/^[A-Z]/.test(type) && type !== 'PLTE') {
      throw damaged(`it needs ${type}, which does not exist`);
    } else {
      await reader.skip(length + 4, type);
    }
  }
}

async function copyChunk(
  reader: SourceReader,
  sink: ByteSink,
  start: Buffer,
  length: number,
  use?: (piece: Buffer) => Promise<void>,
): Promise<void> {
  const head = Buffer.from(start);
  let checksum = crc32(head.subarray(4));
  await sink.write(head);
  await reader.eachPiece(length, 'a chunk', async (piece) => {
    checksum = crc32(piece, checksum);
    await use?.(piece);
    await sink.write(piece);
  });
  const end = await reader.take(4, 'a checksum');
  if (end.readUInt32BE(0) !== checksum) throw damaged('a checksum is wrong');
  await sink.write(Buffer.from(end));
}

/** Follows the unpacked rows: each begins with one of five filters, and together they have exactly the header's size. */
class ScanlineCheck {
  readonly expectedBytes: number;
  /** Bytes of one row with its filter, and how many such rows, pass by pass. */
  readonly #passes: readonly { readonly rowBytes: number; readonly rows: number }[];
  #pass = 0;
  #row = 0;
  /** Bytes until the next filter byte. */
  #untilFilter = 0;

  constructor({ width, height, bitsPerPixel, interlaced }: Header) {
    const passes = interlaced ? adam7 : ([[0, 0, 1, 1]] as const);
    this.#passes = passes
      .map(([x, y, stepX, stepY]) => ({
        columns: Math.ceil((width - x) / stepX),
        rows: Math.ceil((height - y) / stepY),
      }))
      .filter(({ columns, rows }) => columns > 0 && rows > 0)
      .map(({ columns, rows }) => ({ rows, rowBytes: 1 + Math.ceil((columns * bitsPerPixel) / 8) }));
    this.expectedBytes = this.#passes.reduce((sum, { rows, rowBytes }) => sum + rows * rowBytes, 0);
  }

  look(bytes: Buffer): void {
    let at = this.#untilFilter;
    while (at < bytes.length) {
      const pass = this.#passes[this.#pass];
      if (!pass) return;
      if ((bytes[at] ?? 0) > 4) throw damaged('a row has no proper filter');
      at += pass.rowBytes;
      this.#row += 1;
      if (this.#row === pass.rows) {
        this.#row = 0;
        this.#pass += 1;
      }
    }
    this.#untilFilter = at - bytes.length;
  }
}
