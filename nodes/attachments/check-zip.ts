// A ZIP archive is taken as it is, once all of it has been looked at: it starts and ends as one, and unpacks to what it says.
import { crc32 } from 'node:zlib';
import { type ByteSource, pieceBytes } from './byte-source.ts';
import { Inflation } from './inflation.ts';
import { damaged, dangerous, FileRefused } from './refusals.ts';
import { type ArchiveEntry, readArchive } from './zip-directory.ts';

/** Unpacked, of all entries together: what a PC of the office unpacks without noticing. ASVS 5.0, 5.2.3. */
const mostUnpackedBytes = 256 * 1024 * 1024;
/** Text shrinks to a tenth, XML to a thirtieth; a bomb to a thousandth. */
const mostRatio = 150;
/** Below this much even a high ratio does no harm: an empty sheet of a word processor is nearly nothing packed. */
const harmlessBytes = 4 * 1024 * 1024;
/** Relations of a DOCX are looked at as text; they are small. */
const mostRelationBytes = 4 * 1024 * 1024;

const programs = /(^|\/)(vbaproject\.bin|vbadata\.xml)$/i;
const activeParts = /^word\/(activex|embeddings)\/.*\.(bin|xml|exe|dll)$/i;
/** Relations that fetch and run something from elsewhere when the document is opened. */
const fetchedRelation =
  /<[^>]*\/(attachedTemplate|oleObject|frame|subDocument|externalLink)"[^>]*TargetMode\s*=\s*["']External/i;
const fetchedRelationReversed =
  /<[^>]*TargetMode\s*=\s*["']External["'][^>]*\/(attachedTemplate|oleObject|frame|subDocument|externalLink)"/i;

export type ArchiveType = 'application/zip' | 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

/** Archives within the archive are not opened. Rejects with a FileRefused. */
export async function checkZip(source: ByteSource): Promise<ArchiveType> {
  const entries = await readArchive(source);
  const unpacked = entries.reduce((sum, entry) => sum + entry.unpackedBytes, 0);
  if (unpacked > mostUnpackedBytes) {
    throw new FileRefused('archive-too-large', `it unpacks to more than ${mostUnpackedBytes / 1024 / 1024} MB`);
  }
  for (const { name, unpackedBytes, packedBytes } of entries) {
    if (unpackedBytes > harmlessBytes && unpackedBytes > packedBytes * mostRatio) {
      throw new FileRefused('archive-too-large', `${name} unpacks to more than ${mostRatio} times its size`);
    }
    if (programs.test(name)) throw dangerous('it holds macros');
  }
  const names = new Set(entries.map(({ name }) => name));
  const isDocument = names.has('[Content_Types].xml') && names.has('word/document.xml');
  for (const entry of entries) {
    if (isDocument && activeParts.test(entry.name)) throw dangerous('it holds embedded programs');
    const text = await unpack(source, entry, names.has('[Content_Types].xml') && isLookedAt(entry.name));
    if (text === undefined) continue;
    if (/macroEnabled/i.test(text)) throw dangerous('it holds macros');
    if (fetchedRelation.test(text) || fetchedRelationReversed.test(text))
      throw dangerous('it fetches parts from elsewhere');
  }
  return isDocument ? 'application/vnd.openxmlformats-officedocument.wordprocessingml.document' : 'application/zip';
}

function isLookedAt(name: string): boolean {
  return name === '[Content_Types].xml' || name.endsWith('.rels');
}

/** Unpacks an entry to see that it is what it says; its text when it is asked for. */
async function unpack(source: ByteSource, entry: ArchiveEntry, wanted: boolean): Promise<string | undefined> {
  if (wanted && entry.unpackedBytes > mostRelationBytes) throw damaged(`${entry.name} is too large`);
  const texts: Buffer[] = [];
  let checksum = 0;
  const look = (bytes: Buffer) => {
    checksum = crc32(bytes, checksum);
    if (wanted) texts.push(Buffer.from(bytes));
  };
  const contradicts = () => damaged(`${entry.name} unpacks to another size than it says`);
  if (entry.method === 'stored') {
    if (entry.packedBytes !== entry.unpackedBytes) throw contradicts();
    await eachPiece(source, entry, async (piece) => look(piece));
  } else {
    const inflation = new Inflation({ format: 'raw', mostBytes: entry.unpackedBytes, tooMuch: contradicts, look });
    try {
      await eachPiece(source, entry, (piece) => inflation.feed(piece));
      const { unpackedBytes, unusedBytes } = await inflation.finish();
      if (unpackedBytes !== entry.unpackedBytes || unusedBytes > 0) throw contradicts();
    } finally {
      inflation.close();
    }
  }
  if (checksum !== entry.checksum) throw damaged(`the checksum of ${entry.name} is wrong`);
  return wanted ? Buffer.concat(texts).toString('utf8') : undefined;
}

async function eachPiece(
  source: ByteSource,
  { dataAt, packedBytes }: ArchiveEntry,
  use: (piece: Buffer) => Promise<void>,
): Promise<void> {
  for (let done = 0; done < packedBytes; ) {
    const piece = await source.read(dataAt + done, Math.min(pieceBytes, packedBytes - done));
    if (piece.length === 0) throw damaged('it ends within an entry');
    done += piece.length;
    await use(piece);
  }
}
