// Where in a text the list of stops begins: its separator, the lines above its header, and the places of its columns.
import { type CsvRow, csvRows, type Separator, separators } from '../csv-rows.ts';
import type { ColumnMapping } from '../messages.ts';
import { UnreadableFile } from '../row-faults.ts';

export type Column = Exclude<keyof ColumnMapping, 'date_order' | 'decimal'>;

export interface FileLayout {
  readonly separator: Separator;
  /** Lines above the header, such as a title, as the file has them. */
  readonly skipped: readonly string[];
  readonly header: readonly string[];
  /** Places mapped by column; -1 where the file has none. */
  readonly at: Readonly<Record<Column, number>>;
  /** Rows of data, read as they are asked for. */
  rows(): Generator<CsvRow>;
}

/** A title, a date, the name of the plant: reports of machines have a few lines before their table. */
const linesBeforeHeader = 20;
/** Excel's own hint, such as `sep=;`. */
const hint = /^sep=(.)(?:\r\n|\r|\n|$)/i;

/** Throws UnreadableFile for a file that is empty or has no header with the columns that are needed. */
export function layoutOf(text: string, mapping: ColumnMapping): FileLayout {
  const hinted = hint.exec(text);
  const body = hinted ? text.slice(hinted[0].length) : text;
  const linesBefore = hinted ? 1 : 0;
  const told = separators.find((separator) => separator === hinted?.[1]);
  const candidates = (told ? [told] : separators).map((separator) => headIn(body, separator, mapping));
  const found = candidates.find(({ faults }) => faults === undefined);
  const best = found ?? candidates.reduce((most, one) => (one.header.length > most.header.length ? one : most));
  if (best.header.length === 0) throw new UnreadableFile({ code: 'empty' });
  if (best.faults) throw best.faults;
  const { separator, header, above, at } = best;
  return {
    separator,
    header,
    at,
    skipped: [...(hinted ? [hinted[0].trim()] : []), ...above],
    *rows() {
      const rows = csvRows(body, separator);
      for (let passed = 0; passed <= above.length; passed += 1) rows.next();
      for (const row of rows) yield { ...row, line: row.line + linesBefore };
    },
  };
}

interface Head {
  readonly separator: Separator;
  readonly header: readonly string[];
  readonly above: readonly string[];
  readonly at: Readonly<Record<Column, number>>;
  /** Undefined: this is the header. */
  readonly faults: UnreadableFile | undefined;
}

/** The first row with every column that is needed; else the widest one, with what it lacks. */
function headIn(text: string, separator: Separator, mapping: ColumnMapping): Head {
  const above: string[] = [];
  let widest: Head | undefined;
  for (const { cells } of csvRows(text, separator)) {
    const header = cells.map((name) => name.trim());
    const head = { separator, header, above: [...above], at: placesOf(header, mapping) };
    const faults = faultOf(head, mapping);
    if (!faults) return { ...head, faults };
    if (!widest || header.length > widest.header.length) widest = { ...head, faults };
    above.push(cells.filter((cell) => cell.trim() !== '').join(' '));
    if (above.length > linesBeforeHeader) break;
  }
  return widest ?? { separator, header: [], above: [], at: placesOf([], mapping), faults: undefined };
}

function placesOf(header: readonly string[], mapping: ColumnMapping): Readonly<Record<Column, number>> {
  const names = header.map((name) => name.toLowerCase());
  const place = (column: string) => names.indexOf(column.trim().toLowerCase());
  return {
    machine: place(mapping.machine),
    shift: place(mapping.shift),
    order: place(mapping.order),
    start: place(mapping.start),
    end: place(mapping.end),
    minutes: place(mapping.minutes),
    stop_cause: place(mapping.stop_cause),
  };
}

function faultOf({ header, at }: Pick<Head, 'header' | 'at'>, mapping: ColumnMapping): UnreadableFile | undefined {
  const has = header.join(', ');
  const missing = (['machine', 'start', 'stop_cause'] as const).filter((column) => at[column] === -1);
  if (missing.length > 0) {
    const wanted = missing.map((column) => `"${mapping[column]}" (${column})`).join(', ');
    return new UnreadableFile({ code: 'no-column', wanted, has });
  }
  if (at.end !== -1 || at.minutes !== -1) return undefined;
  return new UnreadableFile({
    code: 'no-end',
    wanted: `"${mapping.end}" (end) nor "${mapping.minutes}" (minutes)`,
    has,
  });
}
