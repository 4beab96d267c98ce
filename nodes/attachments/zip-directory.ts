// The directory of a ZIP archive (APPNOTE 6.3.10), read strictly: two programs must never find different entries in it.
import type { ByteSource } from './byte-source.ts';
import { damaged, dangerous } from './refusals.ts';

export interface ArchiveEntry {
  readonly name: string;
  readonly method: 'stored' | 'deflated';
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly checksum: number;
  /** Where its packed bytes begin. */
  readonly dataAt: number;
}

interface DirectoryEntry extends Omit<ArchiveEntry, 'dataAt'> {
  readonly nameBytes: Buffer;
  readonly flags: number;
  readonly localAt: number;
}

const mostEntries = 2_000;
const longestName = 250;
/** A directory of 2,000 entries with the longest names is far below this. */
const mostDirectoryBytes = 2 * 1024 * 1024;

const endSignature = 0x06054b50;
const directorySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const longestComment = 0xffff;
/** Signature, checksum and two sizes, which follow the data where the local header did not know them. */
const longestDescriptor = 16;

const encryptedFlags = 0x0001 | 0x0040 | 0x2000;
const descriptorFlag = 0x0008;
const utf8Flag = 0x0800;

export async function readArchive(source: ByteSource): Promise<readonly ArchiveEntry[]> {
  const end = await findEnd(source);
  const directory = await source.read(end.directoryAt, end.directoryBytes);
  const listed = readDirectory(directory, end.count);
  refuseDuplicates(listed);
  const entries: ArchiveEntry[] = [];
  let free = 0;
  // Entries lie one behind the other from the first byte to the directory: nothing before, between or upon each other.
  for (const entry of [...listed].sort((one, other) => one.localAt - other.localAt)) {
    const gap = entry.localAt - free;
    if (gap < 0) throw dangerous('its entries lie upon each other');
    if (gap > (free === 0 ? 0 : longestDescriptor)) throw damaged('something stands between its entries');
    const dataAt = await readLocalHeader(source, entry);
    free = dataAt + entry.packedBytes;
    const { name, method, packedBytes, unpackedBytes, checksum } = entry;
    entries.push({ name, method, packedBytes, unpackedBytes, checksum, dataAt });
  }
  const gap = end.directoryAt - free;
  if (gap < 0 || gap > longestDescriptor) throw damaged('something stands before its directory');
  return entries;
}

async function findEnd(source: ByteSource) {
  const tailBytes = Math.min(source.size, endBytes + longestComment);
  const tailAt = source.size - tailBytes;
  const tail = await source.read(tailAt, tailBytes);
  const signature = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
  const at = tail.lastIndexOf(signature, tail.length - endBytes);
  if (at < 0) throw damaged('its directory is missing');
  const end = tail.subarray(at);
  if (end.readUInt32LE(0) !== endSignature) throw damaged('its directory is missing');
  // A comment is where a second file hides.
  if (end.readUInt16LE(20) !== 0 || end.length !== endBytes) throw damaged('something stands behind its directory');
  const count = end.readUInt16LE(10);
  const directoryBytes = end.readUInt32LE(12);
  const directoryAt = end.readUInt32LE(16);
  if (end.readUInt16LE(4) !== 0 || end.readUInt16LE(6) !== 0 || end.readUInt16LE(8) !== count) {
    throw damaged('it is one part of several');
  }
  if (count === 0xffff || directoryBytes === 0xffffffff || directoryAt === 0xffffffff) {
    throw damaged('it is of the kind for archives over 4 GB');
  }
  if (count === 0) throw damaged('it is empty');
  if (count > mostEntries) throw dangerous(`it has more than ${mostEntries} entries`);
  if (directoryBytes > mostDirectoryBytes) throw damaged('its directory is too large');
  if (directoryAt + directoryBytes !== tailAt + at) throw damaged('its directory is not where it says');
  return { count, directoryBytes, directoryAt };
}

function readDirectory(directory: Buffer, count: number): readonly DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== directorySignature) {
      throw damaged('its directory is broken');
    }
    const nameBytes = directory.readUInt16LE(at + 28);
    const next = at + 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    if (next > directory.length) throw damaged('its directory is broken');
    entries.push(readEntry(directory.subarray(at, next), nameBytes));
    at = next;
  }
  if (at !== directory.length) throw damaged('its directory is broken');
  return entries;
}

function readEntry(record: Buffer, nameLength: number): DirectoryEntry {
  const flags = record.readUInt16LE(8);
  const method = record.readUInt16LE(10);
  const nameBytes = Buffer.from(record.subarray(46, 46 + nameLength));
  const name = nameBytes.toString((flags & utf8Flag) !== 0 ? 'utf8' : 'latin1');
  refuseName(name);
  if ((flags & encryptedFlags) !== 0) throw dangerous('it is encrypted, so that nobody can look into it');
  if (method !== 0 && method !== 8) throw damaged(`${name} is packed in a way that few programs know`);
  refuseSpecial(record, name);
  refuseOtherName(record.subarray(46 + nameLength, 46 + nameLength + record.readUInt16LE(30)));
  if (record.readUInt16LE(34) !== 0) throw damaged('it is one part of several');
  const entry: DirectoryEntry = {
    name,
    nameBytes,
    flags,
    method: method === 0 ? 'stored' : 'deflated',
    checksum: record.readUInt32LE(16),
    packedBytes: record.readUInt32LE(20),
    unpackedBytes: record.readUInt32LE(24),
    localAt: record.readUInt32LE(42),
  };
  if (name.endsWith('/') && entry.unpackedBytes > 0) throw damaged(`${name} is a folder with content`);
  return entry;
}

/** Names that lead out of the folder into which somebody unpacks, on any system. */
function refuseName(name: string): void {
  if (name === '' || name.length > longestName) throw dangerous('an entry has no proper name');
  if (/\p{Cc}/u.test(name)) throw dangerous('the name of an entry has control characters');
  const parts = name.replace(/\/$/, '').split('/');
  if (
    name.startsWith('/') ||
    name.includes('\\') ||
    /^[A-Za-z]:/.test(name) ||
    parts.includes('..') ||
    parts.includes('')
  ) {
    throw dangerous('the name of an entry leads out of its folder');
  }
}

/** Some programs prefer a name in an extra field (Info-ZIP's Unicode path, 0x7075) to the one that stands before it. */
function refuseOtherName(extra: Buffer): void {
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === 0x7075) refuseName(extra.toString('utf8', at + 9, at + 4 + length));
    at += 4 + length;
  }
}

/** Links and devices, where the archive was made on a system that has them. */
function refuseSpecial(record: Buffer, name: string): void {
  const madeOn = record[5] ?? 0;
  const mode = record.readUInt32LE(38) >>> 16;
  const isUnix = madeOn === 3 || madeOn === 19;
  const kind = mode & 0o170000;
  if (isUnix && kind !== 0 && kind !== 0o100000 && kind !== 0o040000) throw dangerous(`${name} is a link or a device`);
}

function refuseDuplicates(entries: readonly DirectoryEntry[]): void {
  const names = new Set<string>();
  for (const { name } of entries) {
    const folded = name.toLowerCase().normalize('NFC');
    if (names.has(folded)) throw dangerous(`${name} is in it twice`);
    names.add(folded);
  }
}

/** Checks that the header before the data says the same as the directory; returns where the data begins. */
async function readLocalHeader(source: ByteSource, entry: DirectoryEntry): Promise<number> {
  const header = await source.read(entry.localAt, 30 + entry.nameBytes.length);
  const says = () => damaged(`${entry.name} is described in two ways`);
  if (header.length < 30 || header.readUInt32LE(0) !== localSignature) throw damaged('its directory is broken');
  const flags = header.readUInt16LE(6);
  if ((flags & ~0x0006) !== (entry.flags & ~0x0006) || header.readUInt16LE(8) !== (entry.method === 'stored' ? 0 : 8))
    throw says();
  if (header.readUInt16LE(26) !== entry.nameBytes.length || !header.subarray(30).equals(entry.nameBytes)) throw says();
  const isLater = (flags & descriptorFlag) !== 0;
  const same = (at: number, expected: number) => {
    const value = header.readUInt32LE(at);
    return value === expected || (isLater && value === 0);
  };
  if (!same(14, entry.checksum) || !same(18, entry.packedBytes) || !same(22, entry.unpackedBytes)) throw says();
  const extraAt = entry.localAt + 30 + entry.nameBytes.length;
  const extra = await source.read(extraAt, header.readUInt16LE(28));
  refuseOtherName(extra);
  return extraAt + header.readUInt16LE(28);
}
