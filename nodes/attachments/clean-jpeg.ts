// A JPEG with only what shows the picture: tables, frame and scans as they are, one value of the metadata (which way is up), no more.
import { type ByteSink, type ByteSource, SourceReader } from './byte-source.ts';
import { exifOrientation, orientationSegment } from './exif-orientation.ts';
import { checkPictureSize, type PictureSize } from './picture-size.ts';
import { damaged } from './refusals.ts';

/** Progressive pictures of cameras and editors have about ten scans; each one makes a browser go over all pixels again. */
const mostScans = 64;
const mostSegments = 2_000;

const startOfImage = Buffer.from([0xff, 0xd8]);
const endOfImage = Buffer.from([0xff, 0xd9]);
/** JFIF 1.01, no density, no thumbnail. */
const plainJfif = Buffer.from([0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]);

/** What is known until the first scan, and is then written in the order that JFIF and Exif ask for. */
interface Beginning {
  hasJfif: boolean;
  orientation: number;
  /** Colour transform of Adobe's segment; undefined without one. */
  adobeTransform: number | undefined;
  frame: (PictureSize & { readonly components: ReadonlySet<number> }) | undefined;
  readonly tables: Buffer[];
}

export async function cleanJpeg(source: ByteSource, sink: ByteSink): Promise<PictureSize> {
  const reader = new SourceReader(source);
  if (!(await reader.take(2, 'its beginning')).equals(startOfImage)) throw damaged('its beginning is broken');
  const beginning: Beginning = {
    hasJfif: false,
    orientation: 1,
    adobeTransform: undefined,
    frame: undefined,
    tables: [],
  };
  let scans = 0;
  for (let segments = 0; segments < mostSegments; segments += 1) {
    const marker = await nextMarker(reader);
    if (marker === 0xd9) {
      if (!beginning.frame || scans === 0) throw damaged('it holds no picture');
      await sink.write(endOfImage);
      const { width, height } = beginning.frame;
      // As it is seen: orientations from 5 on stand on their side.
      return beginning.orientation >= 5 ? { width: height, height: width } : { width, height };
    }
    const body = await segmentBody(reader, marker);
    if (marker === 0xda) {
      scans += 1;
      if (scans > mostScans) throw damaged('it has too many scans');
      checkScan(body, beginning);
      if (scans === 1) await writeBeginning(sink, beginning);
      await sink.write(segment(0xda, body));
      await copyEntropy(reader, sink);
    } else if (isKept(marker, body, beginning)) {
      if (scans === 0) beginning.tables.push(segment(marker, body));
      else await sink.write(segment(marker, body));
    }
  }
  throw damaged('it has too many segments');
}

async function nextMarker(reader: SourceReader): Promise<number> {
  const [first] = await reader.take(1, 'a segment');
  if (first !== 0xff) throw damaged('something stands between its segments');
  // A marker may be preceded by any number of 0xff (ITU-T T.81, B.1.1.2).
  for (let fill = 0; fill < 1_000; fill += 1) {
    const [code = 0] = await reader.take(1, 'a segment');
    if (code !== 0xff) return code;
  }
  throw damaged('it is filled up with nothing');
}

async function segmentBody(reader: SourceReader, marker: number): Promise<Buffer> {
  // TEM, RST and SOI stand alone and have no place here.
  if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8)) throw damaged('a segment is not known');
  const length = (await reader.take(2, 'a segment')).readUInt16BE(0);
  if (length < 2) throw damaged('a segment has no length');
  return Buffer.from(await reader.take(length - 2, 'a segment'));
}

/** Whether a segment belongs to the picture; reads what is needed of those that don't. */
function isKept(marker: number, body: Buffer, beginning: Beginning): boolean {
  switch (marker) {
    case 0xc0:
    case 0xc1:
    case 0xc2:
      if (beginning.frame) throw damaged('it has two frames');
      beginning.frame = readFrame(body);
      return true;
    case 0xc4:
      return checkHuffmanTables(body);
    case 0xdb:
      return checkQuantizationTables(body);
    case 0xdd:
      if (body.length !== 2) throw damaged('its restart interval is broken');
      return true;
    case 0xe0:
      beginning.hasJfif ||= body.toString('latin1', 0, 5) === 'JFIF\0';
      return false;
    case 0xe1:
      if (beginning.orientation === 1) beginning.orientation = exifOrientation(body);
      return false;
    case 0xee:
      if (body.length >= 12 && body.toString('latin1', 0, 5) === 'Adobe') beginning.adobeTransform = body[11];
      return false;
    default:
      // Other application data and comments are left out; lossless, hierarchical and arithmetic frames no browser shows.
      if ((marker >= 0xe0 && marker <= 0xef) || marker === 0xfe) return false;
      throw damaged('it is a kind of JPEG that no browser shows');
  }
}

function readFrame(body: Buffer): Beginning['frame'] {
  if (body.length < 6) throw damaged('its frame is broken');
  const count = body[5] ?? 0;
  if (body[0] !== 8 || ![1, 3, 4].includes(count) || body.length !== 6 + 3 * count)
    throw damaged('its frame is broken');
  const components = new Set<number>();
  for (let at = 6; at < body.length; at += 3) {
    const sampling = body[at + 1] ?? 0;
    const across = sampling >> 4;
    const down = sampling & 15;
    if (across < 1 || across > 4 || down < 1 || down > 4) throw damaged('its frame is broken');
    components.add(body[at] ?? 0);
  }
  if (components.size !== count) throw damaged('its frame is broken');
  return { ...checkPictureSize(body.readUInt16BE(3), body.readUInt16BE(1)), components };
}

function checkScan(body: Buffer, { frame }: Beginning): void {
  if (!frame) throw damaged('a scan comes before its frame');
  const count = body[0] ?? 0;
  if (count < 1 || count > frame.components.size || body.length !== 4 + 2 * count) throw damaged('a scan is broken');
  for (let at = 1; at < 1 + 2 * count; at += 2) {
    if (!frame.components.has(body[at] ?? -1)) throw damaged('a scan is broken');
  }
}

function checkQuantizationTables(body: Buffer): true {
  let at = 0;
  while (at < body.length) {
    const kind = body[at] ?? 0;
    if (kind >> 4 > 1 || (kind & 15) > 3) throw damaged('a table is broken');
    at += 1 + (kind >> 4 === 0 ? 64 : 128);
  }
  if (at !== body.length || at === 0) throw damaged('a table is broken');
  return true;
}

function checkHuffmanTables(body: Buffer): true {
  let at = 0;
  while (at < body.length) {
    const kind = body[at] ?? 0;
    if (kind >> 4 > 1 || (kind & 15) > 3 || at + 17 > body.length) throw damaged('a table is broken');
    const codes = body.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, 0);
    if (codes > 256) throw damaged('a table is broken');
    at += 17 + codes;
  }
  if (at !== body.length || at === 0) throw damaged('a table is broken');
  return true;
}

async function writeBeginning(sink: ByteSink, beginning: Beginning): Promise<void> {
  await sink.write(startOfImage);
  if (beginning.hasJfif) await sink.write(plainJfif);
  if (beginning.orientation !== 1) await sink.write(orientationSegment(beginning.orientation));
  if (beginning.adobeTransform !== undefined) {
    const body = Buffer.from([0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, beginning.adobeTransform & 3]);
    await sink.write(segment(0xee, body));
  }
  for (const table of beginning.tables) await sink.write(table);
}

/** Copies the coded pixels up to the next marker that is neither a stuffed zero nor a restart. */
async function copyEntropy(reader: SourceReader, sink: ByteSink): Promise<void> {
  let copied = 0;
  for (;;) {
    const window = await reader.window(2);
    if (window.length < 2) throw damaged('it ends within its pixels');
    const end = endOfEntropy(window);
    const { length, ended } = end;
    if (length > 0) {
      const piece = window.subarray(0, length);
      reader.advance(length);
      copied += length;
      await sink.write(piece);
    }
    if (ended) break;
  }
  if (copied === 0) throw damaged('a scan is empty');
}

/** How much of `window` is coded pixels, and whether a marker follows it. A 0xff at its end is looked at again. */
function endOfEntropy(window: Buffer): { readonly length: number; readonly ended: boolean } {
  for (let at = window.indexOf(0xff); at !== -1; at = window.indexOf(0xff, at)) {
    const next = window[at + 1];
    if (next === undefined) return { length: at, ended: false };
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return { length: at, ended: true };
    at += 2;
  }
  return { length: window.length, ended: false };
}

function segment(marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}
