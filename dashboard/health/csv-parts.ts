// Cuts a CSV file into parts of whole rows, each with the header, small enough for the socket.

export interface CsvPart {
  readonly csv: string;
  /** Line of the file before the part's first row; the header of the part is in the place of that line. */
  readonly linesBefore: number;
}

/** Below what the server takes at once, the header included. */
const longestPart = 120_000;

/** Rows of the text with their line ends; a line end inside quotes belongs to its row. */
function rowsOf(csv: string): readonly string[] {
  const rows: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < csv.length; index += 1) {
    const letter = csv[index];
    if (letter === '"') quoted = !quoted;
    else if (letter === '\n' && !quoted) {
      rows.push(csv.slice(start, index + 1));
      start = index + 1;
    }
  }
  if (start < csv.length) rows.push(csv.slice(start));
  return rows;
}

const linesIn = (text: string) => text.split('\n').length - 1;

export function csvParts(csv: string, longest = longestPart): readonly CsvPart[] {
  const [header, ...rows] = rowsOf(csv.replace(/^\uFEFF/, ''));
  if (header === undefined || rows.length === 0) return [];
  const parts: CsvPart[] = [];
  let part = '';
  let before = 0;
  let passed = 0;
  for (const row of rows) {
    if (part !== '' && header.length + part.length + row.length > longest) {
      parts.push({ csv: header + part, linesBefore: before });
      before = passed;
      part = '';
    }
    part += row;
    passed += linesIn(row);
  }
  parts.push({ csv: header + part, linesBefore: before });
  return parts;
}
