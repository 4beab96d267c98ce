// Exported logs: what each format holds, in which language and time, that nothing in it can act, and that it is made while it is sent.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { crc32, inflateRawSync } from 'node:zlib';
import type { Attachment } from '../../../nodes/attachments/messages.ts';
import type { CtpProblem } from '../../../nodes/ctp/messages.ts';
import { csvChunks, csvField } from '../../../nodes/ctp/queries/csv-export.ts';
import type { ExportSource } from '../../../nodes/ctp/queries/export.ts';
import { exportTexts } from '../../../nodes/ctp/queries/export-texts.ts';
import { escaped, mostPrintedRows, printChunks } from '../../../nodes/ctp/queries/print-export.ts';
import { xlsxChunks, xmlText } from '../../../nodes/ctp/queries/xlsx-export.ts';
import { zipChunks } from '../../../nodes/ctp/queries/zip-stream.ts';
import { hourMs, minuteMs, ReadWorld } from './read-world.ts';

/** 15:00 in Jakarta. */
const nowMs = Date.UTC(2026, 10, 21, 8);
const hostile = '=HYPERLINK("http://x","y"),<b>&\'\r\nbaris dua';

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** Reads CSV as RFC 4180 says. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [[]];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (quoted && sign === '"' && text[at + 1] === '"') {
      field += '"';
      at += 1;
    } else if (sign === '"') quoted = !quoted;
    else if (quoted) field += sign;
    else if (sign === ',' || sign === '\n') {
      rows.at(-1)?.push(field.replace(/\r$/, ''));
      field = '';
      if (sign === '\n') rows.push([]);
    } else field += sign;
  }
  return rows.slice(0, -1);
}

interface ZipFile {
  readonly name: string;
  readonly text: string;
}

/** Reads an archive by its directory and checks every sum in it. */
function unzipped(archive: Buffer): ZipFile[] {
  const end = archive.length - 22;
  assert.equal(archive.readUInt32LE(end), 0x06054b50);
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  assert.equal(at + archive.readUInt32LE(end + 12), end);
  return Array.from({ length: count }, () => {
    assert.equal(archive.readUInt32LE(at), 0x02014b50);
    const [crc, packedSize, size] = [16, 20, 24].map((offset) => archive.readUInt32LE(at + offset));
    const nameLength = archive.readUInt16LE(at + 28);
    const offset = archive.readUInt32LE(at + 42);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    at += 46 + nameLength;
    assert.equal(archive.readUInt32LE(offset), 0x04034b50);
    assert.equal(archive.toString('utf8', offset + 30, offset + 30 + nameLength), name);
    const begin = offset + 30 + nameLength;
    const data = inflateRawSync(archive.subarray(begin, begin + (packedSize ?? 0)));
    assert.equal(data.length, size);
    assert.equal(crc32(data), crc);
    const descriptor = begin + (packedSize ?? 0);
    assert.deepEqual(
      [0, 4, 8, 12].map((field) => archive.readUInt32LE(descriptor + field)),
      [0x08074b50, crc, packedSize, size],
    );
    return { name, text: data.toString('utf8') };
  });
}

/** Text of each cell of a sheet, mapped by reference; throws for XML that doesn't nest. */
function cellsOf(xml: string): Map<string, { readonly type: string; readonly style: string; readonly text: string }> {
  const open: string[] = [];
  for (const [, slash, name, closed] of xml.matchAll(/<(\/?)([\w:]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (slash === '/') assert.equal(open.pop(), name);
    else if (closed !== '/') open.push(name ?? '');
  }
  assert.deepEqual(open, []);
  return new Map(
    [...xml.matchAll(/<c r="([A-Z]+\d+)"(?: s="(\d+)")?(?: t="(\w+)")?>(.*?)<\/c>/gs)].map(
      ([, at = '', style = '', type = '', inside = '']) => {
        const text = inside.replace(/<[^>]*>/g, '');
        return [
          at,
          {
            type,
            style,
            text: text
              .replaceAll('&lt;', '<')
              .replaceAll('&gt;', '>')
              .replaceAll('&quot;', '"')
              .replaceAll('&amp;', '&'),
          },
        ];
      },
    ),
  );
}

/** Lines of each cell of a printed table, row by row; the headings first. */
function printedRows(html: string): string[][][] {
  return [...html.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => cell.split('\n')),
  );
}

function fileOf(kind: Attachment['kind'], id: string, name: string): Attachment {
  return {
    ...{
      kind,
      id,
      name,
      type: kind === 'photo' ? 'image/jpeg' : 'application/pdf',
      sizeBytes: 1,
      sha256: 'ab'.repeat(32),
    },
    ...{
      width: null,
      height: null,
      thumbnailId: null,
      role: null,
      createdAt: '2026-11-20T01:00:00Z',
      createdBy: 'rina',
    },
  };
}

describe('an exported CTP log', function () {
  this.timeout(60_000);
  let world: ReadWorld;
  before(async () => {
    world = await ReadWorld.open('Asia/Jakarta', nowMs);
    // 07:30 of 20 November in Jakarta.
    const start_ms = Date.UTC(2026, 10, 20, 0, 30);
    await world.report({
      ...{ machine_id: 2, error_code: 'E-1', category: 'laser', severity: 'slow', problem_description: hostile },
      ...{ solution: 'Ganti "rol"', technician_type: 'vendor', technician_name: '@admin', vendor_name: '+62 PT' },
      ...{ start_ms, response_ms: start_ms + 10 * minuteMs, end_ms: start_ms + 150 * minuteMs, status: 'completed' },
    });
    await world.report({ start_ms: nowMs - hourMs, problem_description: 'Masih jalan' });
  });
  after(() => world.close());

  const made = async (input: object) => {
    const { headers, chunks } = await world.queries.exportProblems(input, 'all');
    return { headers, bytes: await bytesOf(chunks) };
  };

  /** The two problems with `changes` of the older one, in one machine's log. */
  const sourceOf = async (
    changes: Partial<CtpProblem>,
    language = 'id',
    machines = ['CTP 2'],
  ): Promise<ExportSource> => {
    const { data } = await world.queries.list({}, 'all');
    const problems = data.map((problem) => (problem.end_time === null ? problem : { ...problem, ...changes }));
    return {
      pages: async function* () {
        yield problems;
      },
      ...exportTexts(language),
      plant: world.plant,
      now: new Date(nowMs),
      machines,
    };
  };
  const files = {
    photos: [fileOf('photo', 'A'.repeat(22), 'rol.jpg'), fileOf('photo', 'B'.repeat(22), '<i>&.jpg')],
    documents: [fileOf('document', 'C'.repeat(22), 'laporan servis.pdf')],
  };

  it('names photos and documents by their ids in CSV and workbook', async () => {
    const expected = [`${'A'.repeat(22)}; ${'B'.repeat(22)}`, 'C'.repeat(22)];
    const [header = [], , repaired] = csvRows(
      (await bytesOf(csvChunks(await sourceOf(files)))).toString('utf8').slice(1),
    );
    assert.deepEqual([repaired?.[header.indexOf('Foto')], repaired?.[header.indexOf('Dokumen')]], expected);
    const parts = unzipped(await bytesOf(xlsxChunks(await sourceOf(files, 'en'))));
    const cells = [...cellsOf(parts.find(({ name }) => name.endsWith('sheet1.xml'))?.text ?? '')];
    const below = (heading: string) => {
      const [at = ''] = cells.find(([, { text }]) => text === heading) ?? [];
      return cells.find(([each]) => each === at.replace('1', '3'))?.[1].text;
    };
    assert.deepEqual([below('Photos'), below('Documents')], expected);
  });

  describe('as CSV', () => {
    it('opens as UTF-8 in a spreadsheet and has one line for each problem, the newest first', async () => {
      const { headers, bytes } = await made({ format: 'csv' });
      assert.equal(headers['content-type'], 'text/csv; charset=utf-8');
      assert.equal(headers['content-disposition'], 'attachment; filename="log-ctp-2026-11-21.csv"');
      assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
      const [header, running, repaired, ...more] = csvRows(bytes.toString('utf8').slice(1));
      assert.deepEqual(more, []);
      assert.deepEqual(header?.slice(0, 8), [
        'No.',
        'Mesin',
        'Mulai',
        'Kode',
        'Kategori',
        'Tingkat',
        'Masalah',
        'Solusi',
      ]);
      const column = (name: string, row: string[] | undefined) => row?.[header?.indexOf(name) ?? -1];
      assert.equal(column('Status', running), 'Berjalan');
      assert.equal(column('Downtime', running), '1.0 jam');
      assert.equal(column('Status', repaired), 'Selesai');
      assert.equal(column('Downtime', repaired), '2.5 jam');
      assert.equal(column('Mulai', repaired), '2026-11-20 07:30');
      assert.equal(column('Teknisi datang', repaired), '2026-11-20 07:40');
      assert.equal(column('Selesai', repaired), '2026-11-20 10:00');
      assert.equal(column('Masalah', repaired), `'${hostile}`);
      assert.equal(column('Nama teknisi', repaired), "'@admin");
      assert.equal(column('Vendor', repaired), "'+62 PT");
    });

    it('speaks English when asked, and follows the filter', async () => {
      const { headers, bytes } = await made({ format: 'csv', language: 'en-US', machine_id: 2 });
      assert.equal(headers['content-disposition'], 'attachment; filename="log-ctp-platesetter-2026-11-21.csv"');
      const [header, row, ...more] = csvRows(bytes.toString('utf8').slice(1));
      assert.equal(header?.[1], 'Machine');
      assert.ok(row?.includes('Completed') && row.includes('2.5 hours') && row.includes('Slow'));
      assert.deepEqual(more, []);
    });

    for (const text of ['=1+1', '+1', '-1', '@x', '\t=1', '\r=1', ' =1', '＝1', '\u00a0-2']) {
      it(`makes ${JSON.stringify(text)} harmless`, () => {
        const [[field] = []] = csvRows(`${csvField(text)}\r\n`);
        assert.equal(field, `'${text}`);
      });
    }

    it('quotes what another spreadsheet takes for the end of a field, so that none begins with a formula', () => {
      assert.deepEqual(['macet;=1+1', 'macet\t=1'].map(csvField), ['"macet;=1+1"', '"macet\t=1"']);
    });

    it('leaves what is no formula as it is', () => {
      assert.deepEqual(['a=1', '1-2', 'rol "besar"', ''].map(csvField), ['a=1', '1-2', '"rol ""besar"""', '']);
    });
  });

  describe('as a workbook', () => {
    it('is an archive of the parts that Excel needs, each declared', async () => {
      const { headers, bytes } = await made({ format: 'xlsx' });
      assert.match(headers['content-type'] ?? '', /spreadsheetml\.sheet$/);
      const files = unzipped(bytes);
      const names = files.map(({ name }) => name);
      assert.deepEqual([...names].sort(), [
        '[Content_Types].xml',
        '_rels/.rels',
        'xl/_rels/workbook.xml.rels',
        'xl/styles.xml',
        'xl/workbook.xml',
        'xl/worksheets/sheet1.xml',
      ]);
      const declared = files.find(({ name }) => name === '[Content_Types].xml')?.text ?? '';
      for (const name of names.filter((one) => one.startsWith('xl/') && !one.endsWith('.rels'))) {
        assert.ok(declared.includes(`PartName="/${name}"`), name);
      }
    });

    it('has dates and numbers by type, in the plant’s time, and texts that are no formulas', async () => {
      const files = unzipped((await made({ format: 'xlsx', machine_id: 2 })).bytes);
      const cells = cellsOf(files.find(({ name }) => name.endsWith('sheet1.xml'))?.text ?? '');
      const headings = [...cells].filter(([at]) => /^[A-Z]1$/.test(at));
      const of = (name: string) => cells.get(`${headings.find(([, { text }]) => text === name)?.[0][0]}2`);
      assert.deepEqual([of('No.')?.type, of('No.')?.text], ['', '1']);
      assert.equal(of('Mulai')?.type, '');
      // Day 46346 is 2026-11-20; 07:30 is 0.3125 of it.
      assert.ok(Math.abs(Number(of('Mulai')?.text) - 46_346.3125) < 1e-9);
      assert.deepEqual([of('Downtime')?.type, of('Downtime')?.text], ['', '2.5']);
      assert.deepEqual([of('Masalah')?.type, of('Masalah')?.text], ['inlineStr', hostile]);
    });

    it('leaves out what XML can’t hold', () => {
      assert.equal(xmlText('a\u0000\u0008\u001f\u007f\ud800b<\n\t"&>\u{1f525}'), 'ab&lt;\n\t&quot;&amp;&gt;\u{1f525}');
    });

    it('cuts a text that is too long for a cell', async () => {
      const other = await ReadWorld.open('Asia/Jakarta', nowMs);
      try {
        await other.report({ start_ms: nowMs - hourMs, problem_description: 'x'.repeat(40_000) });
        const { chunks } = await other.queries.exportProblems({ format: 'xlsx' }, 'all');
        const cells = cellsOf(
          unzipped(await bytesOf(chunks)).find(({ name }) => name.endsWith('sheet1.xml'))?.text ?? '',
        );
        assert.equal(cells.get('G2')?.text.length, 32_767);
      } finally {
        await other.close();
      }
    });
  });

  describe('as a page to print', () => {
    it('runs no script, loads nothing, and names its one style by hash', async () => {
      const { headers, bytes } = await made({ format: 'print' });
      const html = bytes.toString('utf8');
      const style = /<style>([^<]*)<\/style>/.exec(html)?.[1] ?? '';
      const hash = createHash('sha256').update(style).digest('base64');
      assert.ok(headers['content-security-policy']?.includes(`style-src 'sha256-${hash}'`));
      assert.ok(headers['content-security-policy']?.includes("default-src 'none'"));
      assert.doesNotMatch(html, /<script|<b>|\son\w+=|style="|src=|href=/);
      assert.ok(html.includes(escaped(hostile.replace('\r\n', ' '))));
      assert.match(html, /<html lang="id">/);
      assert.ok(html.includes('2026-11-20 07:30') && html.includes('Selesai') && html.endsWith('</html>'));
    });

    it('puts reporter, arrival, end and firm below what they belong to, and counts and names files', async () => {
      const source = await sourceOf({ ...files, created_by: '<rina>', vendor_name: 'PT "A&B"' });
      const [headings, running, repaired, ...more] = printedRows((await bytesOf(printChunks(source))).toString('utf8'));
      assert.deepEqual(more, []);
      assert.deepEqual(headings, [
        ['No.', 'Pelapor'],
        ['Mulai', 'Teknisi datang', 'Selesai'],
        ['Kode', 'Kategori', 'Tingkat'],
        ['Masalah'],
        ['Solusi'],
        ['Teknisi', 'Nama teknisi', 'Vendor'],
        ['Status', 'Downtime'],
        ['Suku cadang'],
        ['Foto', 'Dokumen'],
      ]);
      assert.deepEqual(repaired, [
        ['1', '&lt;rina&gt;'],
        ['2026-11-20 07:30', '2026-11-20 07:40', '2026-11-20 10:00'],
        ['E-1', 'Laser', 'Lambat'],
        [escaped(hostile.replace('\r\n', ' '))],
        ['Ganti &quot;rol&quot;'],
        ['Vendor', '@admin', 'PT &quot;A&amp;B&quot;'],
        ['Selesai', '2.5 jam'],
        [''],
        ['Foto (2): rol.jpg; &lt;i&gt;&amp;.jpg', 'Dokumen (1): laporan servis.pdf'],
      ]);
      assert.deepEqual(running?.[1], ['2026-11-21 14:00']);
      assert.deepEqual(running?.[8], ['']);
    });

    it('shows a dash for what is missing above another line, so that a firm is not read as a name', async () => {
      const changes = {
        technician_name: null,
        vendor_name: 'PT\nA',
        response_time: null,
        error_code: null,
        documents: files.documents,
      };
      const source = await sourceOf(changes, 'en', ['CTP 1', 'CTP 2']);
      const [headings, , repaired] = printedRows((await bytesOf(printChunks(source))).toString('utf8'));
      const below = (heading: string) => repaired?.[headings?.findIndex(([first]) => first === heading) ?? -1];
      assert.deepEqual(below('Technician'), ['Vendor', '–', 'PT A']);
      assert.deepEqual(below('Start'), ['2026-11-20 07:30', '–', '2026-11-20 10:00']);
      assert.deepEqual(below('Code'), ['–', 'Laser', 'Slow']);
      assert.deepEqual(below('Machine'), ['CTP 2 Platesetter']);
      assert.deepEqual(below('Photos'), ['Documents (1): laporan servis.pdf']);
    });

    it('says so when nothing matches', async () => {
      const { bytes } = await made({ format: 'print', search: 'televisi', language: 'en' });
      assert.ok(bytes.toString('utf8').includes('No problem matches.'));
    });
  });

  it('knows the original’s names of formats, and refuses others', async () => {
    assert.match((await made({ format: 'excel' })).headers['content-type'] ?? '', /sheet$/);
    assert.match((await made({ format: 'pdf' })).headers['content-type'] ?? '', /^text\/html/);
    await assert.rejects(made({ format: 'exe' }), { httpStatus: 400 });
    await assert.rejects(made({ format: 'csv', status: 'x' }), { httpStatus: 400 });
  });

  describe('of more rows than one page', () => {
    const rows = 530;
    let large: ReadWorld;
    before(async () => {
      large = await ReadWorld.open('Asia/Jakarta', nowMs);
      for (let index = 0; index < rows; index += 1)
        await large.report({ start_ms: nowMs - (index + 1) * minuteMs, problem_description: `macet ${index}` });
    });
    after(() => large.close());

    for (const input of [{}, { search: 'macet' }]) {
      it(`holds every row once (${JSON.stringify(input)})`, async () => {
        const { chunks } = await large.queries.exportProblems({ format: 'csv', ...input }, 'all');
        const ids = csvRows((await bytesOf(chunks)).toString('utf8').slice(1))
          .slice(1)
          .map(([id]) => Number(id));
        assert.deepEqual(
          ids,
          Array.from({ length: rows }, (_, index) => index + 1),
        );
      });
    }

    it('sends its first bytes before a row is read', async () => {
      const { chunks } = await large.queries.exportProblems({ format: 'csv' }, 'all');
      const first = await chunks[Symbol.asyncIterator]().next();
      assert.equal(csvRows(`${Buffer.from(first.value ?? []).toString('utf8')}`).length, 1);
    });

    it('reads no further than it is taken', async () => {
      let asked = 0;
      const entries = async function* () {
        yield {
          name: 'a',
          chunks: (async function* () {
            for (; asked < 1_000; asked += 1) yield Buffer.alloc(64 * 1024, asked);
          })(),
        };
      };
      for await (const chunk of zipChunks(entries())) if (chunk.length > 40) break;
      assert.ok(asked < 500, String(asked));
    });

    it('ends a workbook with the fault of its source', async () => {
      const entries = async function* () {
        yield {
          name: 'a',
          chunks: (async function* () {
            yield Buffer.from('x');
            throw new Error('the database went away');
          })(),
        };
      };
      await assert.rejects(bytesOf(zipChunks(entries())), /the database went away/);
    });
  });

  it('on paper ends at the limit and says so', async () => {
    const other = await ReadWorld.open('Asia/Jakarta', nowMs);
    try {
      const ids = Array.from({ length: 120 }, (_, index) => index + 1);
      for (const id of ids) await other.report({ start_ms: nowMs - id * minuteMs });
      const { data } = await other.queries.list({ limit: 100 }, 'all');
      let pages = 0;
      const endless = async function* () {
        for (;;) {
          pages += 1;
          yield data;
        }
      };
      const source = {
        pages: endless,
        ...exportTexts('id'),
        plant: other.plant,
        now: new Date(nowMs),
        machines: ['CTP 1'],
      };
      const html = (await bytesOf(printChunks(source))).toString('utf8');
      assert.equal(html.match(/<tr><td/g)?.length, mostPrintedRows);
      assert.ok(html.includes(`Hanya ${mostPrintedRows} baris pertama`));
      assert.equal(pages, mostPrintedRows / 100 + 1);
    } finally {
      await other.close();
    }
  });
});
