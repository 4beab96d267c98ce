// Writes a ZIP archive while it is made (APPNOTE 6.3.10): sizes follow the data, memory stays at a few chunks.
import { pipeline, Readable } from 'node:stream';
import { constants, crc32, createDeflateRaw } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

interface WrittenEntry {
  readonly name: Uint8Array;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  readonly offset: number;
}

/** Without ZIP64 no size and no offset may reach 4 GiB. */
const largest = 0xffff_fffe;
/** Bit 3: sizes follow the data; bit 11: names are UTF-8. */
const flags = 0x0808;
const deflated = 8;
const versionNeeded = 20;
/** 1980-01-01 00:00, so that the same log makes the same bytes. */
const dosDate = 0x0021;

/** Throws RangeError when the archive would reach 4 GiB. */
export async function* zipChunks(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const written: WrittenEntry[] = [];
  let offset = 0;
  for await (const { name, chunks } of entries) {
    const encoded = new TextEncoder().encode(name);
    const begin = offset;
    const header = localHeader(encoded);
    offset += header.length;
    yield header;
    const sums = { crc: 0, size: 0, packedSize: 0 };
    for await (const packed of deflate(chunks, sums)) {
      sums.packedSize += packed.length;
      offset += packed.length;
      yield packed;
    }
    if (offset > largest || sums.size > largest) throw new RangeError('The file would be larger than 4 GiB.');
    const descriptor = dataDescriptor(sums);
    offset += descriptor.length;
    yield descriptor;
    written.push({ name: encoded, offset: begin, ...sums });
  }
  const directory = written.map(centralHeader);
  const directorySize = directory.reduce((sum, { length }) => sum + length, 0);
  yield* directory;
  yield endOfDirectory(written.length, directorySize, offset);
}

/** Compresses in zlib's thread; reads from `chunks` only as fast as the result is taken. */
async function* deflate(chunks: ZipEntry['chunks'], sums: { crc: number; size: number }): AsyncGenerator<Uint8Array> {
  const source = Readable.from(summed(chunks, sums));
  // Each chunk leaves at once, so that a download begins with its first rows; the chunks are large enough to lose little by it.
  const packer = createDeflateRaw({ level: 6, flush: constants.Z_SYNC_FLUSH });
  // A fault of the source ends the packer with it, and the loop below throws it.
  pipeline(source, packer, () => {});
  try {
    for await (const packed of packer) yield packed as Uint8Array;
  } finally {
    source.destroy();
    packer.destroy();
  }
}

async function* summed(chunks: ZipEntry['chunks'], sums: { crc: number; size: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    sums.crc = crc32(chunk, sums.crc);
    sums.size += chunk.length;
    yield chunk;
  }
}

function record(length: number, write: (view: DataView) => void, tail: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(length + tail.length);
  write(new DataView(bytes.buffer));
  bytes.set(tail, length);
  return bytes;
}

function localHeader(name: Uint8Array): Uint8Array {
  return record(
    30,
    (view) => {
      view.setUint32(0, 0x04034b50, true);
      view.setUint16(4, versionNeeded, true);
      view.setUint16(6, flags, true);
      view.setUint16(8, deflated, true);
      view.setUint16(12, dosDate, true);
      view.setUint16(26, name.length, true);
    },
    name,
  );
}

function dataDescriptor({ crc, packedSize, size }: { crc: number; packedSize: number; size: number }): Uint8Array {
  return record(16, (view) => {
    view.setUint32(0, 0x08074b50, true);
    view.setUint32(4, crc, true);
    view.setUint32(8, packedSize, true);
    view.setUint32(12, size, true);
  });
}

function centralHeader({ name, crc, packedSize, size, offset }: WrittenEntry): Uint8Array {
  return record(
    46,
    (view) => {
      view.setUint32(0, 0x02014b50, true);
      view.setUint16(4, versionNeeded, true);
      view.setUint16(6, versionNeeded, true);
      view.setUint16(8, flags, true);
      view.setUint16(10, deflated, true);
      view.setUint16(14, dosDate, true);
      view.setUint32(16, crc, true);
      view.setUint32(20, packedSize, true);
      view.setUint32(24, size, true);
      view.setUint16(28, name.length, true);
      view.setUint32(42, offset, true);
    },
    name,
  );
}

function endOfDirectory(entries: number, size: number, offset: number): Uint8Array {
  return record(22, (view) => {
    view.setUint32(0, 0x06054b50, true);
    view.setUint16(8, entries, true);
    view.setUint16(10, entries, true);
    view.setUint32(12, size, true);
    view.setUint32(16, offset, true);
  });
}
