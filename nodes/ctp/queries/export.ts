// Makes a file of a filtered log while it is sent: CSV, an Excel workbook or a page to print, a few rows in memory at a time.
import { FieldReader } from '../../core/field-reader.ts';
import type { PlantTime } from '../../core/plant-time.ts';
import type { CtpProblem } from '../messages.ts';
import { csvChunks } from './csv-export.ts';
import { type ExportLanguage, type ExportTexts, exportTexts } from './export-texts.ts';
import type { ListFilter, MachineName } from './filter.ts';
import { printChunks, printPolicy } from './print-export.ts';
import { xlsxChunks } from './xlsx-export.ts';

/** What an http response needs; `chunks` is read once, at the speed of the receiver. */
export interface ProblemExport {
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface ExportSource {
  /** Problems, newest first. */
  readonly pages: () => AsyncIterable<readonly CtpProblem[]>;
  readonly texts: ExportTexts;
  readonly language: ExportLanguage;
  readonly plant: PlantTime;
  readonly now: Date;
  /** Names of the machines that are in it. */
  readonly machines: readonly string[];
}

export interface ExportQuestion {
  readonly plant: PlantTime;
  readonly now: Date;
  readonly machines: readonly MachineName[];
  readonly filter: ListFilter;
  /** `below` of the reply is undefined after the last rows. */
  readonly rows: (
    below: number | undefined,
    limit: number,
  ) => Promise<{ readonly problems: readonly CtpProblem[]; readonly below: number | undefined }>;
}

/** Rows that are read at once: their JSON holds the event loop for some milliseconds. */
const rowsOfPage = 200;
/** The first rows leave at once. */
const rowsOfFirstPage = 25;

const formats = {
  csv: { type: 'text/csv; charset=utf-8', chunks: csvChunks },
  xlsx: { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', chunks: xlsxChunks },
  print: { type: 'text/html; charset=utf-8', chunks: printChunks },
} as const;

/** @param input `{format: 'csv' | 'xlsx' | 'print', language?}`; the original's `excel` and `pdf` mean `xlsx` and `print` */
export function exportOf(input: unknown, question: ExportQuestion): ProblemExport {
  const fields = new FieldReader(input);
  const asked = fields.has('format')
    ? fields.oneOf('format', ['csv', 'xlsx', 'print', 'excel', 'pdf'] as const)
    : 'csv';
  const given = fields.has('language') ? fields.text('language', 20) : undefined;
  fields.finish('The export');
  const format = asked === 'excel' ? 'xlsx' : asked === 'pdf' ? 'print' : asked;
  const { language, texts } = exportTexts(given);
  const { plant, now, machines } = question;
  const { type, chunks } = formats[format];
  const [machine] = machines;
  const name = `log-ctp${machines.length === 1 && machine ? `-${machine.nickname}` : ''}-${plant.dateText(now.getTime())}`;
  return {
    headers: {
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(format === 'print'
        ? { 'content-security-policy': printPolicy }
        : { 'content-disposition': `attachment; filename="${name.replace(/[^\w-]/g, '_')}.${format}"` }),
    },
    chunks: chunks({
      pages: () => pagesOf(question),
      texts,
      language,
      plant,
      now,
      machines: machines.map((one) => one.name),
    }),
  };
}

async function* pagesOf({ rows }: ExportQuestion): AsyncGenerator<readonly CtpProblem[]> {
  for (let below: number | undefined, isFirst = true; isFirst || below !== undefined; isFirst = false) {
    const page = await rows(below, isFirst ? rowsOfFirstPage : rowsOfPage);
    if (page.problems.length > 0) yield page.problems;
    below = page.below;
  }
}
