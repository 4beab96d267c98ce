// A stop list that has been judged as a whole: its text, its layout, and how its rows are read; or what has to be asked first.
import { ShopfloorError } from '../../core/errors.ts';
import type { PlantTime } from '../../core/plant-time.ts';
import type { ColumnMapping, FileVariant, ImportPreview, PreviewRow } from '../messages.ts';
import { UnreadableFile } from '../row-faults.ts';
import { RowReader } from '../stop-row.ts';
import type { DateOrder } from './file-dates.ts';
import { type FileJudgement, judge } from './file-judgement.ts';
import { type FileLayout, layoutOf } from './file-layout.ts';
import type { DecimalMark } from './file-numbers.ts';
import { type FileEncoding, fileText } from './file-text.ts';

export interface StopFile {
  /** A text that was decoded elsewhere, or the bytes of the file. */
  readonly csv: string | Uint8Array;
  readonly mapping: ColumnMapping;
}

export interface ReadingParts {
  readonly plant: PlantTime;
  readonly nowMs: number;
  /** Lets the event loop serve others. */
  readonly breathe: () => Promise<void>;
  /** Those of some machines that the plant has registered; undefined where it has no register. */
  readonly registered: (machines: readonly string[]) => Promise<ReadonlySet<string> | undefined>;
}

/** Shown of each reading, so that a person can choose. */
const shownRows = 5;
const rowsAtOnce = 500;
/** More are shown by number only; no plant has so many. */
const mostNewMachines = 200;

export class OpenedFile {
  readonly encoding: FileEncoding;
  readonly length: number;
  readonly layout: FileLayout;
  readonly judgement: FileJudgement;
  readonly #parts: ReadingParts;

  private constructor(
    text: { readonly encoding: FileEncoding; readonly text: string },
    layout: FileLayout,
    judgement: FileJudgement,
    parts: ReadingParts,
  ) {
    this.encoding = text.encoding;
    this.length = text.text.length;
    this.layout = layout;
    this.judgement = judgement;
    this.#parts = parts;
  }

  /** Throws UnreadableFile for a file of which no row can be read, or that contradicts itself. */
  static async open({ csv, mapping }: StopFile, parts: ReadingParts): Promise<OpenedFile> {
    // A character that a decoder put where it could not read is lost for good.
    if (typeof csv === 'string' && csv.includes('\uFFFD')) throw new UnreadableFile({ code: 'encoding-lost' });
    const text = fileText(csv);
    const layout = layoutOf(text.text, mapping);
    const told = { dateOrder: mapping.date_order, decimal: mapping.decimal };
    return new OpenedFile(text, layout, await judge(layout, told, parts.plant, parts.breathe), parts);
  }

  /** Of the reading that the file shows or its sender names, or of another one. */
  reader({ dateOrder, decimal } = this.#usual): RowReader {
    const { plant, nowMs } = this.#parts;
    return new RowReader({ at: this.layout.at, dateOrder, decimal, plant, nowMs });
  }

  /** Refuses a file that allows two readings: 400 with the first rows in both. */
  refuseUnclear(): void {
    const { dateOrder, decimal } = this.judgement;
    const current = { readings: this.#variants() };
    if (dateOrder.why === 'unclear') {
      throw new ShopfloorError(
        'date-order-unclear',
        400,
        'The dates of the file may begin with the day or with the month.',
        {
          hint: 'Send date_order=dmy or date_order=mdy; `current.readings` shows the first rows in both.',
          current,
        },
      );
    }
    if (decimal.why !== 'unclear') return;
    throw new ShopfloorError(
      'decimal-unclear',
      400,
      'Numbers such as 1.250 of the file may be thousands or decimals.',
      {
        hint: 'Send decimal=comma or decimal=point; `current.readings` shows the first rows in both.',
        current,
      },
    );
  }

  /** Refuses machines that the plant has not registered and the sender has not named: 409 with them. */
  async refuseNewMachines(named: readonly string[]): Promise<void> {
    const taken = new Set(named);
    const unknown = (await this.#survey()).newMachines.filter(({ machine }) => !taken.has(machine));
    if (unknown.length === 0) return;
    const names = unknown.map(({ machine }) => machine).join(', ');
    throw new ShopfloorError('machines-unknown', 409, `The plant has not registered ${names.slice(0, 500)}.`, {
      hint: 'Register them, or name them in new_machines to take their stops all the same.',
      current: { new_machines: unknown },
    });
  }

  async preview(): Promise<ImportPreview> {
    const { dateOrder, decimal } = this.judgement;
    const { rows, stops, refused, newMachines } = await this.#survey();
    return {
      encoding: this.encoding,
      separator: this.layout.separator,
      skipped: this.layout.skipped,
      columns: this.layout.header,
      rows,
      stops,
      refused,
      date_order: dateOrder,
      decimal,
      readings: this.#variants(),
      new_machines: newMachines,
    };
  }

  get #usual(): { readonly dateOrder: DateOrder; readonly decimal: DecimalMark } {
    const { dateOrder, decimal } = this.judgement;
    return { dateOrder: dateOrder.order, decimal: decimal.mark };
  }

  /** The reading that was found, or every one that the file allows, the usual one first. */
  #variants(): readonly FileVariant[] {
    const { dateOrder, decimal } = this.#usual;
    const isDateOpen = this.judgement.dateOrder.why === 'unclear';
    const isMarkOpen = this.judgement.decimal.why === 'unclear';
    const orders: readonly DateOrder[] = isDateOpen ? ['dmy', 'mdy'] : [dateOrder];
    // The date is asked first; the mark of decimals may show itself once it is known.
    const marks: readonly DecimalMark[] = isMarkOpen && !isDateOpen ? ['comma', 'point'] : [decimal];
    return orders.flatMap((order) =>
      marks.map((mark) => ({ date_order: order, decimal: mark, rows: this.#firstRows(order, mark) })),
    );
  }

  #firstRows(dateOrder: DateOrder, decimal: DecimalMark): readonly PreviewRow[] {
    const reader = this.reader({ dateOrder, decimal });
    const shown: PreviewRow[] = [];
    for (const { cells, line } of this.layout.rows()) {
      const row = reader.shown(cells);
      if (row) shown.push({ line, ...row });
      if (shown.length === shownRows) break;
    }
    return shown;
  }

  async #survey() {
    const reader = this.reader();
    /** Stops mapped by machine. */
    const machines = new Map<string, number>();
    let rows = 0;
    let stops = 0;
    let refused = 0;
    for (const { cells } of this.layout.rows()) {
      rows += 1;
      if (rows % rowsAtOnce === 0) await this.#parts.breathe();
      const reading = reader.read(cells);
      if (reading.kind === 'refused') refused += 1;
      if (reading.kind !== 'stop') continue;
      stops += 1;
      machines.set(reading.stop.machine, (machines.get(reading.stop.machine) ?? 0) + 1);
    }
    const registered = await this.#parts.registered([...machines.keys()]);
    const newMachines = [...machines]
      .filter(([machine]) => registered !== undefined && !registered.has(machine))
      .map(([machine, count]) => ({ machine, stops: count }))
      .slice(0, mostNewMachines);
    return { rows, stops, refused, newMachines };
  }
}
