// Reads CSV line by line without holding it twice: quotes, line ends and the separator of the country are recognised.

export interface CsvRow {
  /** 1 for the first line of the file. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Characters read so far. */
  readonly position: number;
}

/** Yields every row that is not empty. A quote that is never closed ends at the end of the file. */
export function* csvRows(text: string): Generator<CsvRow> {
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const separator = separatorOf(text, start);
  let cells: string[] = [];
  let cell = '';
  let line = 1;
  let rowLine = 1;
  let quoted = false;
  for (let at = start; at <= text.length; at += 1) {
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
    } else if (character === '\n' || character === undefined) {
      cells.push(cell.endsWith('\r') ? cell.slice(0, -1) : cell);
      if (cells.some((one) => one.trim() !== '')) yield { line: rowLine, cells, position: at };
      cells = [];
      cell = '';
      line += 1;
      rowLine = line;
    } else cell += character;
  }
}

/** Of comma, semicolon and tab the one that the first line has most of. */
function separatorOf(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  const first = text.slice(start, end === -1 ? text.length : end);
  const counts = [',', ';', '\t'].map((separator) => ({ separator, count: first.split(separator).length }));
  return counts.reduce((best, one) => (one.count > best.count ? one : best)).separator;
}
