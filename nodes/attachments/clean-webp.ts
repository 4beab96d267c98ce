// A WebP as one still picture: its bit stream and transparency, no metadata, no animation, nothing behind the end.
import { type ByteSink, type ByteSource, SourceReader } from './byte-source.ts';
import { checkPictureSize, type PictureSize } from './picture-size.ts';
import { damaged } from './refusals.ts';

interface Chunk {
  readonly type: string;
  /** Where its content begins in the file. */
  readonly at: number;
  readonly length: number;
}

interface Still extends PictureSize {
  readonly bitstream: Chunk;
  readonly alpha: Chunk | undefined;
}

const mostChunks = 5_000;
const alphaFlag = 0x10;

/** Of an animation the first frame remains. */
export async function cleanWebp(source: ByteSource, sink: ByteSink): Promise<PictureSize> {
  const head = await source.read(0, 12);
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WEBP')
    throw damaged('its header is broken');
  const end = 8 + head.readUInt32LE(4);
  if (end > source.size) throw damaged('it ends before its length says');
  const chunks = await chunksOf(source, 12, end);
  const frame = chunks.find(({ type }) => type === 'ANMF');
  // A frame begins with 16 bytes about its place and time.
  const parts = frame ? await chunksOf(source, frame.at + 16, frame.at + frame.length) : chunks;
  const still = await readStill(source, parts);
  await checkCanvas(source, chunks, frame === undefined ? still : undefined);
  await writeStill(source, sink, still);
  return { width: still.width, height: still.height };
}

async function chunksOf(source: ByteSource, from: number, end: number): Promise<readonly Chunk[]> {
  const chunks: Chunk[] = [];
  for (let at = from; at < end; ) {
    if (chunks.length >= mostChunks) throw damaged('it has too many chunks');
    const head = await source.read(at, 8);
    if (at + 8 > end || head.length < 8) throw damaged('it ends within a chunk');
    const length = head.readUInt32LE(4);
    // Content of odd length is followed by one byte of padding, which some encoders forget at the end.
    if (at + 8 + length > end) throw damaged('it ends within a chunk');
    chunks.push({ type: head.toString('latin1', 0, 4), at: at + 8, length });
    at += 8 + length + (length % 2);
  }
  return chunks;
}

async function readStill(source: ByteSource, parts: readonly Chunk[]): Promise<Still> {
  const bitstreams = parts.filter(({ type }) => type === 'VP8 ' || type === 'VP8L');
  const alphas = parts.filter(({ type }) => type === 'ALPH');
  const [bitstream] = bitstreams;
  if (!bitstream) throw damaged('it holds no picture');
  if (bitstreams.length > 1 || alphas.length > 1) throw damaged('it holds two pictures');
  const start = await source.read(bitstream.at, Math.min(10, bitstream.length));
  const size = bitstream.type === 'VP8 ' ? lossySize(start, bitstream.length) : losslessSize(start);
  return { ...size, bitstream, alpha: bitstream.type === 'VP8 ' ? alphas[0] : undefined };
}

/** RFC 6386, 9.1: three bytes of tag, the start code, 14 bits for each side. */
function lossySize(start: Buffer, length: number): PictureSize {
  if (start.length < 10) throw damaged('it ends within its pixels');
  const tag = start.readUIntLE(0, 3);
  const isKeyFrame = (tag & 1) === 0;
  const isShown = ((tag >> 4) & 1) === 1;
  const firstPartition = tag >> 5;
  if (!isKeyFrame || !isShown || start.readUIntBE(3, 3) !== 0x9d012a) throw damaged('its pixels are broken');
  if (10 + firstPartition > length) throw damaged('it ends within its pixels');
  return checkPictureSize(start.readUInt16LE(6) & 0x3fff, start.readUInt16LE(8) & 0x3fff);
}

/** RFC 9649, 3.4: a signature, 14 bits for each side less one, the alpha hint, and a version that is 0. */
function losslessSize(start: Buffer): PictureSize {
  if (start.length < 5) throw damaged('it ends within its pixels');
  const bits = start.readUInt32LE(1);
  if (start[0] !== 0x2f || bits >>> 29 !== 0) throw damaged('its pixels are broken');
  return checkPictureSize((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1);
}

/** The size that the extended header names has to be that of a still picture. */
async function checkCanvas(
  source: ByteSource,
  chunks: readonly Chunk[],
  still: PictureSize | undefined,
): Promise<void> {
  const [first] = chunks;
  if (first?.type !== 'VP8X') return;
  const body = await source.read(first.at, 10);
  if (first.length !== 10 || body.length < 10) throw damaged('its header is broken');
  const { width, height } = checkPictureSize(body.readUIntLE(4, 3) + 1, body.readUIntLE(7, 3) + 1);
  if (still && (still.width !== width || still.height !== height)) throw damaged('its sizes contradict each other');
}

async function writeStill(source: ByteSource, sink: ByteSink, still: Still): Promise<void> {
  const { bitstream, alpha, width, height } = still;
  const padded = (chunk: Chunk) => 8 + chunk.length + (chunk.length % 2);
  const extended = alpha === undefined ? 0 : 18;
  const head = Buffer.alloc(12);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(4 + extended + (alpha ? padded(alpha) : 0) + padded(bitstream), 4);
  head.write('WEBP', 8, 'latin1');
  await sink.write(head);
  if (alpha) {
    const body = Buffer.alloc(18);
    body.write('VP8X', 0, 'latin1');
    body.writeUInt32LE(10, 4);
    body[8] = alphaFlag;
    body.writeUIntLE(width - 1, 12, 3);
    body.writeUIntLE(height - 1, 15, 3);
    await sink.write(body);
    await writeChunk(source, sink, alpha);
  }
  await writeChunk(source, sink, bitstream);
}

async function writeChunk(source: ByteSource, sink: ByteSink, { type, at, length }: Chunk): Promise<void> {
  const head = Buffer.alloc(8);
  head.write(type, 0, 'latin1');
  head.writeUInt32LE(length, 4);
  await sink.write(head);
  const reader = new SourceReader({
    size: at + length,
    read: (from, count) => source.read(from, Math.min(count, at + length - from)),
  });
  reader.advance(at);
  await reader.copy(length, sink, 'its pixels');
  if (length % 2 === 1) await sink.write(Buffer.alloc(1));
}
