// A GIF as one still picture: its first frame, decoded far enough to know that it is whole and that nothing hides in it.
import { type ByteSink, type ByteSource, SourceReader } from './byte-source.ts';
import { LzwCheck } from './lzw-check.ts';
import { checkPictureSize, type PictureSize } from './picture-size.ts';
import { damaged } from './refusals.ts';

/** Blocks behind the first frame are passed over; a film has some thousand. */
const mostBlocks = 20_000;

/** Comments, application data and all later frames are left out. */
export async function cleanGif(source: ByteSource, sink: ByteSink): Promise<PictureSize> {
  const reader = new SourceReader(source);
  const head = Buffer.from(await reader.take(13, 'its header'));
  if (!/^GIF8[79]a$/.test(head.toString('latin1', 0, 6))) throw damaged('its header is broken');
  const canvas = checkPictureSize(head.readUInt16LE(6), head.readUInt16LE(8));
  await sink.write(head);
  await copyColours(reader, sink, head[10] ?? 0);
  /** Transparency of the frame that comes next; without delay and disposal, which only films need. */
  let transparentIndex: number | undefined;
  let hasFrame = false;
  for (let blocks = 0; blocks < mostBlocks; blocks += 1) {
    const [kind] = await reader.take(1, 'a block');
    if (kind === 0x3b) {
      if (!hasFrame) throw damaged('it holds no picture');
      await sink.write(Buffer.from([0x3b]));
      return canvas;
    }
    if (kind === 0x21) {
      const [label] = await reader.take(1, 'a block');
      const control = await passOver(reader);
      if (label === 0xf9 && control.length === 4 && ((control[0] ?? 0) & 1) === 1) transparentIndex = control[3];
      else if (label === 0xf9) transparentIndex = undefined;
    } else if (kind === 0x2c) {
      if (hasFrame) {
        await passOverFrame(reader);
      } else {
        if (transparentIndex !== undefined) {
          await sink.write(Buffer.from([0x21, 0xf9, 4, 1, 0, 0, transparentIndex, 0]));
        }
        await copyFrame(reader, sink, canvas);
        hasFrame = true;
      }
    } else {
      throw damaged('a block is not known');
    }
  }
  throw damaged('it has too many blocks');
}

async function copyColours(reader: SourceReader, sink: ByteSink, flags: number): Promise<void> {
  if ((flags & 0x80) !== 0) await reader.copy(3 * 2 ** ((flags & 7) + 1), sink, 'its colours');
}

async function copyFrame(reader: SourceReader, sink: ByteSink, canvas: PictureSize): Promise<void> {
  const place = Buffer.from(await reader.take(9, 'its frame'));
  const width = place.readUInt16LE(4);
  const height = place.readUInt16LE(6);
  if (width === 0 || height === 0) throw damaged('the picture has no size');
  if (place.readUInt16LE(0) + width > canvas.width || place.readUInt16LE(2) + height > canvas.height) {
    throw damaged('its frame is larger than its canvas');
  }
  await sink.write(Buffer.concat([Buffer.from([0x2c]), place]));
  await copyColours(reader, sink, place[8] ?? 0);
  const [codeSize = 0] = await reader.take(1, 'its frame');
  await sink.write(Buffer.from([codeSize]));
  const pixels = new LzwCheck(codeSize, width * height);
  for (;;) {
    const [length = 0] = await reader.take(1, 'its pixels');
    const block = await reader.take(length, 'its pixels');
    await sink.write(Buffer.concat([Buffer.from([length]), block]));
    if (length === 0) break;
    pixels.feed(block);
  }
  pixels.finish();
}

async function passOverFrame(reader: SourceReader): Promise<void> {
  const flags = (await reader.take(9, 'a frame'))[8] ?? 0;
  if ((flags & 0x80) !== 0) await reader.skip(3 * 2 ** ((flags & 7) + 1), 'a frame');
  await reader.skip(1, 'a frame');
  await passOver(reader);
}

/** Passes over a chain of sub-blocks; returns the first of them. */
async function passOver(reader: SourceReader): Promise<Buffer> {
  let first: Buffer | undefined;
  for (;;) {
    const [length = 0] = await reader.take(1, 'a block');
    if (length === 0) return first ?? Buffer.alloc(0);
    const block = await reader.take(length, 'a block');
    first ??= Buffer.from(block);
  }
}
