// Writes an exported log as a page for the printer or "save as PDF": no script, everything escaped, one style that is named by hash.
import { createHash } from 'node:crypto';
import type { ExportSource } from './export.ts';
import { wallText } from './export-cells.ts';
import { type PrintedColumn, printedColumns } from './print-columns.ts';

/** Some 350 printed sheets; browsers lay out longer tables for minutes. */
export const mostPrintedRows = 5_000;

const style = `
@page { size: A4 landscape; margin: 10mm }
:root { color-scheme: light }
body { font: 9pt/1.35 system-ui, sans-serif; color: #111; background: #fff; margin: 1rem }
h1 { font-size: 14pt; margin: 0 0 .25rem }
p { margin: 0 0 .75rem }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #999; padding: 2pt 4pt; text-align: left; vertical-align: top; white-space: pre-line }
th { background: #eee }
td.free { overflow-wrap: anywhere; min-width: 5em }
td.files { min-width: 8em }
td.long { min-width: 12em }
td.whole { white-space: pre }
thead { display: table-header-group }
tr { break-inside: avoid }
@media print { body { margin: 0 } }
`;

/** The policy under which the page works: its own style and nothing else. */
export const printPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? '');
}

export async function* printChunks(source: ExportSource): AsyncGenerator<Uint8Array> {
  const { pages, texts, plant, language, now, machines } = source;
  const encoder = new TextEncoder();
  const made = wallText(now.getTime() + plant.offsetMs(now.getTime()));
  // The title names it already, and the descriptions need the room.
  const shownColumns = printedColumns.filter(({ names }) => !names.includes('machine') || machines.length > 1);
  const title = escaped(`${texts.title}: ${machines.join(', ')}`);
  const headings = shownColumns.map(
    ({ names }) => `<th scope="col">${linesHtml(names.map((name) => texts.columns[name]))}</th>`,
  );
  yield encoder.encode(
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
      `<title>${title}</title><style>${style}</style></head><body><h1>${title}</h1>` +
      `<p>${escaped(`${texts.made} ${made} (${plant.zone})`)}</p><table><thead><tr>${headings.join('')}</tr></thead><tbody>`,
  );
  let shown = 0;
  let isCut = false;
  for await (const problems of pages()) {
    const fitting = problems.slice(0, mostPrintedRows - shown);
    const rows = fitting.map(
      (problem) =>
        `<tr>${shownColumns.map((column) => cellHtml(column, column.lines(problem, texts, plant))).join('')}</tr>`,
    );
    shown += fitting.length;
    yield encoder.encode(rows.join('\n'));
    isCut = fitting.length < problems.length;
    if (isCut) break;
  }
  const note = shown === 0 ? texts.none : isCut ? texts.cut.replace('{shown}', String(shown)) : undefined;
  yield encoder.encode(`</tbody></table>${note === undefined ? '' : `<p>${escaped(note)}</p>`}</body></html>`);
}

function cellHtml({ look }: PrintedColumn, lines: readonly string[]): string {
  return `<td${look === '' ? '' : ` class="${look}"`}>${linesHtml(lines)}</td>`;
}

/** Only our own breaks begin a line: those that people wrote are blanks. */
function linesHtml(lines: readonly string[]): string {
  return lines.map((line) => escaped(line.replace(/\s+/g, ' '))).join('\n');
}
