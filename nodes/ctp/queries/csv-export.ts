// Writes an exported log as CSV (RFC 4180, UTF-8 with a byte order mark for Excel), harmless when a spreadsheet opens it.
import type { ExportSource } from './export.ts';
import { cellText, exportColumns } from './export-cells.ts';

const lineEnd = '\r\n';

/** What a spreadsheet would take for a formula, also behind blanks and in full width; a leading apostrophe makes it text. */
const formula = /^[\s\p{Cc}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u;

/** One field, quoted where it must be, also where a spreadsheet takes another sign than the comma for the end of a field. */
export function csvField(text: string): string {
  const harmless = formula.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export async function* csvChunks({ pages, texts, plant }: ExportSource): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const header = exportColumns.map(({ name }) => csvField(texts.columns[name])).join(',');
  yield encoder.encode(`\ufeff${header}${lineEnd}`);
  for await (const problems of pages()) {
    const lines = problems.map((problem) =>
      exportColumns.map(({ cell }) => csvField(cellText(cell(problem, texts, plant), texts))).join(','),
    );
    yield encoder.encode(lines.map((line) => `${line}${lineEnd}`).join(''));
  }
}
