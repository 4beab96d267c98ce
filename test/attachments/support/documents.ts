// Small whole PDF files and ZIP archives, and archives whose every field can be made to lie.
import { crc32, deflateRawSync } from 'node:zlib';

export interface PdfOptions {
  readonly header?: string;
  /** Further objects, numbered from 3 on. */
  readonly objects?: readonly (string | Buffer)[];
  readonly trailer?: string;
  readonly tail?: string;
  readonly startxref?: number;
}

export function pdf(options: PdfOptions = {}): Buffer {
  const { header = '%PDF-1.4\n', objects = [], trailer = '', tail = '\n%%EOF\n' } = options;
  const bodies: readonly (string | Buffer)[] = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [] /Count 0 >>',
    ...objects,
  ];
  const parts: Buffer[] = [Buffer.from(header, 'latin1')];
  const places: number[] = [];
  let at = parts[0]?.length ?? 0;
  for (const [index, body] of bodies.entries()) {
    const part = Buffer.concat([
      Buffer.from(`${index + 1} 0 obj\n`),
      typeof body === 'string' ? Buffer.from(body, 'latin1') : body,
      Buffer.from('\nendobj\n'),
    ]);
    places.push(at);
    at += part.length;
    parts.push(part);
  }
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  const end = `xref\n0 ${bodies.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${bodies.length + 1} /Root 1 0 R ${trailer}>>\nstartxref\n${options.startxref ?? at}${tail}`;
  return Buffer.concat([...parts, Buffer.from(end, 'latin1')]);
}

export interface ZipEntry {
  readonly name: string;
  readonly body?: Buffer;
  readonly stored?: boolean;
  /** What the directory says, where it lies. */
  readonly says?: Partial<
    Record<'unpacked' | 'packed' | 'checksum' | 'flags' | 'method' | 'mode' | 'madeBy' | 'at' | 'disk', number>
  >;
  /** What the local header says, where it differs from the directory. */
  readonly localName?: string;
  readonly local?: Partial<Record<'unpacked' | 'packed' | 'checksum' | 'flags' | 'method', number>>;
  readonly packed?: Buffer;
  /** Extra field of the directory, and of the header before the data. */
  readonly extra?: Buffer;
  readonly localExtra?: Buffer;
  /** Bytes behind the data. */
  readonly behind?: Buffer;
}

export interface ZipOptions {
  readonly before?: Buffer;
  readonly comment?: Buffer;
  readonly behind?: Buffer;
  /** Overrides in the end record, by offset. */
  readonly end?: (end: Buffer) => void;
  readonly beforeDirectory?: Buffer;
}

export function zip(entries: readonly ZipEntry[], options: ZipOptions = {}): Buffer {
  const { before = Buffer.alloc(0), comment = Buffer.alloc(0), behind = Buffer.alloc(0) } = options;
  const parts: Buffer[] = [before];
  const directory: Buffer[] = [];
  let at = before.length;
  for (const entry of entries) {
    const body = entry.body ?? Buffer.alloc(0);
    const packed = entry.packed ?? (entry.stored ? body : deflateRawSync(body));
    const name = Buffer.from(entry.name, 'utf8');
    const facts = {
      flags: 0x0800,
      method: entry.stored ? 0 : 8,
      checksum: crc32(body),
      packed: packed.length,
      unpacked: body.length,
      mode: 0o100644,
      madeBy: 3,
      at,
      disk: 0,
      ...entry.says,
    };
    const local = { ...facts, ...entry.local };
    const localName = Buffer.from(entry.localName ?? entry.name, 'utf8');
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(20, 4);
    head.writeUInt16LE(local.flags, 6);
    head.writeUInt16LE(local.method, 8);
    head.writeUInt32LE(local.checksum, 14);
    head.writeUInt32LE(local.packed, 18);
    head.writeUInt32LE(local.unpacked, 22);
    head.writeUInt16LE(localName.length, 26);
    const { extra = Buffer.alloc(0), localExtra = Buffer.alloc(0) } = entry;
    head.writeUInt16LE(localExtra.length, 28);
    const part = Buffer.concat([head, localName, localExtra, packed, entry.behind ?? Buffer.alloc(0)]);
    parts.push(part);
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record[4] = 20;
    record[5] = facts.madeBy;
    record.writeUInt16LE(20, 6);
    record.writeUInt16LE(facts.flags, 8);
    record.writeUInt16LE(facts.method, 10);
    record.writeUInt32LE(facts.checksum, 16);
    record.writeUInt32LE(facts.packed, 20);
    record.writeUInt32LE(facts.unpacked, 24);
    record.writeUInt16LE(name.length, 28);
    record.writeUInt16LE(extra.length, 30);
    record.writeUInt16LE(facts.disk, 34);
    record.writeUInt32LE((facts.mode << 16) >>> 0, 38);
    record.writeUInt32LE(facts.at, 42);
    directory.push(record, name, extra);
    at += part.length;
  }
  const gap = options.beforeDirectory ?? Buffer.alloc(0);
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at + gap.length, 16);
  end.writeUInt16LE(comment.length, 20);
  options.end?.(end);
  return Buffer.concat([...parts, gap, listed, end, comment, behind]);
}

const contentTypes = Buffer.from(
  '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
);
const wordDocument = Buffer.from(
  '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p/></w:body></w:document>',
);

export function docx(more: readonly ZipEntry[] = [], types: Buffer = contentTypes): Buffer {
  return zip([
    { name: '[Content_Types].xml', body: types },
    { name: 'word/document.xml', body: wordDocument },
    ...more,
  ]);
}
