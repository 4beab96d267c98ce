// Reads CSV line by line without holding it twice: quotes, every kind of line end, and the separator that it is told.

export const separators = [',', ';', '\t', '|'] as const;
export type Separator = (typeof separators)[number];

export interface CsvRow {
  /** 1 for the first line of the file. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Characters read so far. */
  readonly position: number;
}

/** Yields every row that is not empty. A quote that is never closed ends at the end of the file. */
export function* csvRows(text: string, separator: Separator = separatorOfFirstLine(text)): Generator<CsvRow> {
  let cells: string[] = [];
  let cell = '';
  let line = 1;
  let rowLine = 1;
  let quoted = false;
  for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; at <= text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character === undefined) quoted = false;
      else if (character !== '"') cell += character;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
      if (character === '\n') line += 1;
      if (character !== undefined) continue;
    }
    if (character === '"' && cell === '') quoted = true;
    else if (character === separator) {
      cells.push(cell);
      cell = '';
    } else if (character === '\n' || character === '\r' || character === undefined) {
      if (character === '\r' && text[at + 1] === '\n') at += 1;
      cells.push(cell);
      if (cells.some((one) => one.trim() !== '')) yield { line: rowLine, cells, position: at };
      cells = [];
      cell = '';
      line += 1;
      rowLine = line;
    } else cell += character;
  }
}

/** The one that the first line has most of. */
function separatorOfFirstLine(text: string): Separator {
  const first = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  const counts = separators.map((separator) => ({ separator, count: first.split(separator).length }));
  return counts.reduce((best, one) => (one.count > best.count ? one : best)).separator;
}
