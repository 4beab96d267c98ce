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
/** Types of parts that run, whatever the name of the part is. */
const activeTypes = /vbaProject|macroEnabled|activeX|oleObject/i;
/** Relations to elsewhere that only show something: a link is followed by a person, a picture is a picture. */
const shownRelation = /Type\s*=\s*["'][^"'&]*\/(hyperlink|image)["']/;

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
  const isOffice = names.has('[Content_Types].xml');
  const isDocument = isOffice && names.has('word/document.xml');
  for (const entry of entries) {
    if (isDocument && activeParts.test(entry.name)) throw dangerous('it holds embedded programs');
    const isTypes = isOffice && entry.name === '[Content_Types].xml';
    const isRelations = isDocument && entry.name.endsWith('.rels');
    const text = await unpack(source, entry, isTypes || isRelations);
    if (text === undefined) continue;
    // Other encodings and spelt-out characters would hide words from the search; office programs write neither.
    if (text.includes('\0') || text.includes('&#'))
      throw dangerous(`${entry.name} is written so that nobody can look into it`);
    if (isTypes && activeTypes.test(text)) throw dangerous('it holds macros or programs');
    if (isRelations && fetchesParts(text)) throw dangerous('it fetches parts from elsewhere');
  }
  return isDocument ? 'application/vnd.openxmlformats-officedocument.wordprocessingml.document' : 'application/zip';
}

/** Whether opening the document would fetch something else than a picture: a template, an object, a frame. */
function fetchesParts(relations: string): boolean {
  return [...relations.matchAll(/<(?:\w+:)?Relationship\b[^>]*>/g)].some(
    ([relation]) => /TargetMode\s*=\s*["'](?!Internal["'])/.test(relation) && !shownRelation.test(relation),
  );
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
