// Judges a stop list as a whole before a row is taken: the order of day and month, and the mark of decimals.
import type { PlantTime } from '../../core/plant-time.ts';
import { given, UnreadableFile } from '../row-faults.ts';
import { type DateOrder, instantOf, orderShownBy } from './file-dates.ts';
import type { FileLayout } from './file-layout.ts';
import { type DecimalMark, markShownBy, numberBy } from './file-numbers.ts';

/** How a question about the file was answered: by the file itself, by the sender, by neither, or it does not matter. */
export type Why = 'shown' | 'given' | 'unclear' | 'no-matter';

export interface FileJudgement {
  readonly dateOrder: { readonly order: DateOrder; readonly why: Why };
  readonly decimal: { readonly mark: DecimalMark; readonly why: Why };
}

/** What the sender says, where the file allows two readings. */
export interface GivenReading {
  readonly dateOrder?: DateOrder | undefined;
  readonly decimal?: DecimalMark | undefined;
}

/** Lets the event loop serve others between so many rows. */
const rowsAtOnce = 500;
/** Rounding to whole minutes at both ends. */
export const minutesTolerance = 1.5;

interface Sighting {
  readonly line: number;
  readonly text: string;
}

/** What the texts of one kind show. */
class Evidence<Reading extends string> {
  readonly #first = new Map<Reading, Sighting>();
  isOpen = false;

  see(shown: Reading | 'both' | 'any' | undefined, line: number, text: string): void {
    if (shown === 'both') this.isOpen = true;
    else if (shown !== 'any' && shown !== undefined && !this.#first.has(shown)) this.#first.set(shown, { line, text });
  }

  get readings(): readonly Reading[] {
    return [...this.#first.keys()];
  }

  /** The two places that contradict each other; undefined where none do. */
  get contradiction(): readonly [Sighting, Sighting] | undefined {
    const [one, other] = this.#first.values();
    return one && other ? [one, other] : undefined;
  }
}

/** Throws UnreadableFile for a file that contradicts itself, or the sender's word. */
export async function judge(
  layout: FileLayout,
  told: GivenReading,
  plant: PlantTime,
  breathe: () => Promise<void>,
): Promise<FileJudgement> {
  const dates = new Evidence<DateOrder>();
  const marks = new Evidence<DecimalMark>();
  const { at } = layout;
  let rows = 0;
  for (const { cells, line } of layout.rows()) {
    for (const place of [at.start, at.end]) {
      const text = cells[place]?.trim() ?? '';
      dates.see(orderShownBy(text), line, text);
    }
    const minutes = cells[at.minutes]?.trim() ?? '';
    marks.see(markShownBy(minutes), line, minutes);
    rows += 1;
    if (rows % rowsAtOnce === 0) await breathe();
  }
  const dateOrder = decided(dates, told.dateOrder, 'dmy', 'dates-contradict');
  if (marks.isOpen && marks.readings.length === 0 && dateOrder.why !== 'unclear') {
    await compareWithSpans(layout, dateOrder.reading, marks, plant, breathe);
  }
  const decimal = decided(marks, told.decimal, 'point', 'decimals-contradict');
  return {
    dateOrder: { order: dateOrder.reading, why: dateOrder.why },
    decimal: { mark: decimal.reading, why: decimal.why },
  };
}

function decided<Reading extends DateOrder | DecimalMark>(
  evidence: Evidence<Reading>,
  told: Reading | undefined,
  usual: Reading,
  code: 'dates-contradict' | 'decimals-contradict',
): { readonly reading: Reading; readonly why: Why } {
  const { contradiction, isOpen } = evidence;
  if (contradiction) {
    const [one, other] = contradiction;
    throw new UnreadableFile({
      code,
      one: given(one.text),
      one_line: one.line,
      other: given(other.text),
      other_line: other.line,
    });
  }
  const [shown] = evidence.readings;
  if (shown !== undefined && told !== undefined && told !== shown) {
    throw new UnreadableFile({
      code: `${code === 'dates-contradict' ? 'dates' : 'decimals'}-given-otherwise`,
      shown,
      told,
    });
  }
  if (shown !== undefined) return { reading: shown, why: 'shown' };
  if (!isOpen) return { reading: told ?? usual, why: 'no-matter' };
  return told === undefined ? { reading: usual, why: 'unclear' } : { reading: told, why: 'given' };
}

/** `1.250` minutes from eight to nine are one and a quarter; to five past four the next day they are 1250. */
async function compareWithSpans(
  layout: FileLayout,
  order: DateOrder,
  marks: Evidence<DecimalMark>,
  plant: PlantTime,
  breathe: () => Promise<void>,
): Promise<void> {
  const { at } = layout;
  if (at.end === -1 || at.minutes === -1) return;
  let seen = 0;
  for (const { cells, line } of layout.rows()) {
    seen += 1;
    if (seen % rowsAtOnce === 0) await breathe();
    const text = cells[at.minutes]?.trim() ?? '';
    if (markShownBy(text) !== 'both') continue;
    const startMs = instantOf(cells[at.start]?.trim() ?? '', order, plant);
    const endMs = instantOf(cells[at.end]?.trim() ?? '', order, plant);
    if (startMs === undefined || endMs === undefined) continue;
    const span = (endMs - startMs) / 60_000;
    for (const mark of ['comma', 'point'] as const) {
      if (Math.abs(numberBy(text, mark) - span) <= minutesTolerance) marks.see(mark, line, text);
    }
  }
}
