// Writes an exported log as a page for the printer or "save as PDF": no script, everything escaped, one style that is named by hash.
import { createHash } from 'node:crypto';
import type { ExportSource } from './export.ts';
import { cellText, type ExportCell, exportColumns, wallText } from './export-cells.ts';
import type { ExportTexts } from './export-texts.ts';

/** Some 350 printed sheets; browsers lay out longer tables for minutes. */
export const mostPrintedRows = 5_000;

const style = `
@page { size: A4 landscape; margin: 10mm }
:root { color-scheme: light }
body { font: 9pt/1.35 system-ui, sans-serif; color: #111; background: #fff; margin: 1rem }
h1 { font-size: 14pt; margin: 0 0 .25rem }
p { margin: 0 0 .75rem }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #999; padding: 2pt 4pt; text-align: left; vertical-align: top }
td.free { overflow-wrap: anywhere; min-width: 5em }
th { background: #eee }
td.number { text-align: right; white-space: nowrap }
td.time { min-width: 5.8em }
td.code { white-space: nowrap }
thead { display: table-header-group }
tr { break-inside: avoid }
@media print { body { margin: 0 } }
`;

/** Photos, ids of files and the reporter have no place on paper. */
const printed = exportColumns.filter(({ name }) => !['photos', 'reporter', 'vendor', 'response'].includes(name));

/** What people write without limit may break inside a word; everything else keeps its words whole. */
const freeColumns: ReadonlySet<string> = new Set(['problem', 'solution', 'technicianName', 'parts']);

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
  const shownColumns = printed.filter(({ name }) => name !== 'machine' || machines.length > 1);
  const title = escaped(`${texts.title}: ${machines.join(', ')}`);
  const headings = shownColumns.map(({ name }) => `<th scope="col">${escaped(texts.columns[name])}</th>`).join('');
  yield encoder.encode(
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
      `<title>${title}</title><style>${style}</style></head><body><h1>${title}</h1>` +
      `<p>${escaped(`${texts.made} ${made} (${plant.zone})`)}</p><table><thead><tr>${headings}</tr></thead><tbody>`,
  );
  let shown = 0;
  let isCut = false;
  for await (const problems of pages()) {
    const fitting = problems.slice(0, mostPrintedRows - shown);
    const rows = fitting.map(
      (problem) =>
        `<tr>${shownColumns.map(({ name, cell }) => cellHtml(name, cell(problem, texts, plant), texts)).join('')}</tr>`,
    );
    shown += fitting.length;
    yield encoder.encode(rows.join('\n'));
    isCut = fitting.length < problems.length;
    if (isCut) break;
  }
  const note = shown === 0 ? texts.none : isCut ? texts.cut.replace('{shown}', String(shown)) : undefined;
  yield encoder.encode(`</tbody></table>${note === undefined ? '' : `<p>${escaped(note)}</p>`}</body></html>`);
}

function cellHtml(name: string, cell: ExportCell, texts: ExportTexts): string {
  const look = lookOf(name, cell);
  return `<td${look === undefined ? '' : ` class="${look}"`}>${escaped(cellText(cell, texts))}</td>`;
}

function lookOf(name: string, { kind }: ExportCell): string | undefined {
  if (kind === 'wall') return 'time';
  if (kind === 'hours' || kind === 'whole') return 'number';
  if (name === 'code') return 'code';
  return freeColumns.has(name) ? 'free' : undefined;
}
