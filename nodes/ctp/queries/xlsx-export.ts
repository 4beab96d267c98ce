// Writes an exported log as an Excel workbook (ECMA-376) while it is read: typed dates and numbers, texts that are never formulas.
import type { CtpProblem } from '../messages.ts';
import type { ExportSource } from './export.ts';
import { type ExportCell, exportColumns } from './export-cells.ts';
import { type ZipEntry, zipChunks } from './zip-stream.ts';

/** Excel ends a sheet after 1,048,576 rows; the log goes on in the next sheet. */
const rowsOfSheet = 1_000_000;
/** Bytes after which a sheet ends too, so that no part of the archive comes near 4 GiB. */
const bytesOfSheet = 2 ** 31;
/** Excel refuses a longer text in a cell. */
const longestText = 32_767;
/** Days from Excel's day 0 (1899-12-30) to 1970-01-01. */
const daysTo1970 = 25_569;
const dayMs = 86_400_000;

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relationships = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** Style numbers, in the order of `cellXfs` below. */
const styles = { plain: 0, heading: 1, wall: 2, hours: 3, wrapped: 4 } as const;

export function xlsxChunks(source: ExportSource): AsyncGenerator<Uint8Array> {
  return zipChunks(parts(source));
}

async function* parts(source: ExportSource): AsyncGenerator<ZipEntry> {
  const pages = source.pages()[Symbol.asyncIterator]();
  /** Rows that were read and not written yet. */
  let waiting: readonly CtpProblem[] = [];
  let isEnd = false;
  let sheets = 0;
  const sheet = async function* (): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder();
    yield encoder.encode(sheetHead(source));
    let row = 1;
    let bytes = 0;
    while (row < rowsOfSheet && bytes < bytesOfSheet) {
      if (waiting.length === 0) {
        const page = await pages.next();
        if (page.done) {
          isEnd = true;
          break;
        }
        waiting = page.value;
      }
      const fitting = waiting.slice(0, rowsOfSheet - row);
      waiting = waiting.slice(fitting.length);
      const first = row + 1;
      const chunk = encoder.encode(fitting.map((problem, index) => rowXml(problem, first + index, source)).join(''));
      row += fitting.length;
      bytes += chunk.length;
      yield chunk;
    }
    yield encoder.encode(sheetTail(row));
  };
  try {
    while (!isEnd) {
      sheets += 1;
      yield { name: `xl/worksheets/sheet${sheets}.xml`, chunks: sheet() };
    }
  } finally {
    await pages.return?.();
  }
  for (const [name, xml] of Object.entries(frame(source, sheets))) {
    yield { name, chunks: [new TextEncoder().encode(declaration + xml)] };
  }
}

function sheetHead({ texts }: ExportSource): string {
  const columns = exportColumns.map(
    ({ width }, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`,
  );
  const headings = exportColumns.map(({ name }, index) =>
    textCell(reference(index, 1), texts.columns[name], styles.heading),
  );
  return (
    `${declaration}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0">` +
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>' +
    `<cols>${columns.join('')}</cols><sheetData><row r="1">${headings.join('')}</row>`
  );
}

function sheetTail(lastRow: number): string {
  return `</sheetData><autoFilter ref="A1:${reference(exportColumns.length - 1, lastRow)}"/></worksheet>`;
}

function rowXml(problem: CtpProblem, row: number, { texts, plant }: ExportSource): string {
  const cells = exportColumns.map(({ cell }, index) => cellXml(cell(problem, texts, plant), reference(index, row)));
  return `<row r="${row}">${cells.join('')}</row>`;
}

function cellXml(cell: ExportCell, at: string): string {
  switch (cell.kind) {
    case 'text':
      return textCell(at, cell.text, styles.wrapped);
    case 'whole':
      return `<c r="${at}"><v>${cell.value}</v></c>`;
    case 'hours':
      return `<c r="${at}" s="${styles.hours}"><v>${cell.value}</v></c>`;
    case 'wall':
      return `<c r="${at}" s="${styles.wall}"><v>${cell.wallMs / dayMs + daysTo1970}</v></c>`;
    case 'empty':
      return '';
  }
}

function textCell(at: string, text: string, style: number): string {
  const cut = text.length > longestText ? text.slice(0, longestText) : text;
  return `<c r="${at}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${xmlText(cut)}</t></is></c>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for XML 1.0: signs that it can't hold are left out, halves of a pair too. */
export function xmlText(text: string): string {
  return text.replace(/[^\P{Cc}\t\n\r]|[\p{Cs}\ufffe\uffff]/gu, '').replace(/[&<>"]/g, (sign) => entities[sign] ?? '');
}

/** `A1` for column 0 and row 1; a log has fewer than 26 columns. */
function reference(column: number, row: number): string {
  return `${String.fromCharCode(65 + column)}${row}`;
}

/** Every part of the workbook but its sheets. */
function frame({ texts }: ExportSource, sheets: number): Readonly<Record<string, string>> {
  const numbers = Array.from({ length: sheets }, (_, index) => index + 1);
  const office = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const packageTypes = 'http://schemas.openxmlformats.org/package/2006';
  return {
    'xl/styles.xml':
      `<styleSheet xmlns="${main}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/>` +
      `<numFmt numFmtId="165" formatCode="0.0\\ &quot;${xmlText(texts.hours)}&quot;"/></numFmts>` +
      '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>' +
      '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
      '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
      '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5">' +
      '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' +
      '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>' +
      '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' +
      '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' +
      '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>' +
      '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    'xl/workbook.xml':
      `<workbook xmlns="${main}" xmlns:r="${relationships}"><sheets>` +
      numbers
        .map(
          (number) =>
            `<sheet name="${xmlText(sheetName(texts.title, number))}" sheetId="${number}" r:id="rId${number}"/>`,
        )
        .join('') +
      '</sheets></workbook>',
    'xl/_rels/workbook.xml.rels':
      `<Relationships xmlns="${packageTypes}/relationships">` +
      numbers
        .map(
          (number) =>
            `<Relationship Id="rId${number}" Type="${relationships}/worksheet" Target="worksheets/sheet${number}.xml"/>`,
        )
        .join('') +
      `<Relationship Id="rId${sheets + 1}" Type="${relationships}/styles" Target="styles.xml"/></Relationships>`,
    '_rels/.rels':
      `<Relationships xmlns="${packageTypes}/relationships">` +
      `<Relationship Id="rId1" Type="${relationships}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    '[Content_Types].xml':
      `<Types xmlns="${packageTypes}/content-types"><Default Extension="xml" ContentType="application/xml"/>` +
      '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
      `<Override PartName="/xl/workbook.xml" ContentType="${office}.sheet.main+xml"/>` +
      `<Override PartName="/xl/styles.xml" ContentType="${office}.styles+xml"/>` +
      numbers
        .map(
          (number) => `<Override PartName="/xl/worksheets/sheet${number}.xml" ContentType="${office}.worksheet+xml"/>`,
        )
        .join('') +
      '</Types>',
  };
}

function sheetName(title: string, number: number): string {
  return number === 1 ? title : `${title} ${number}`;
}
