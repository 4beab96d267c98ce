// What a printed log shows in each column: what belongs together is in lines of one cell, so that everything fits on A4 landscape.
import type { Attachment } from '../../attachments/messages.ts';
import type { PlantTime } from '../../core/plant-time.ts';
import type { CtpProblem } from '../messages.ts';
import { cellText, type ExportColumn, exportColumns } from './export-cells.ts';
import type { ExportTexts } from './export-texts.ts';

type ColumnName = ExportColumn['name'];
type Lines = (problem: CtpProblem, texts: ExportTexts, plant: PlantTime) => readonly string[];

export interface PrintedColumn {
  /** Exported columns that it holds, one below the other, as its heading names them. */
  readonly names: readonly ColumnName[];
  /** Classes of the page's style. */
  readonly look: '' | 'whole' | 'free' | 'free files' | 'free long';
  /** What a cell shows. */
  readonly lines: Lines;
}

/**
 * What people write without limit is `free`: it may break inside a word. Everything else keeps its words whole, and what is
 * `whole` its lines.
 */
export const printedColumns: readonly PrintedColumn[] = [
  stacked(['id', 'reporter'], 'free'),
  stacked(['machine']),
  stacked(['start', 'response', 'end'], 'whole'),
  stacked(['code', 'category', 'severity']),
  stacked(['problem'], 'free long'),
  stacked(['solution'], 'free long'),
  stacked(['technician', 'technicianName', 'vendor'], 'free'),
  stacked(['status', 'downtime'], 'whole'),
  stacked(['parts'], 'free'),
  {
    names: ['photos', 'documents'],
    look: 'free files',
    lines: ({ photos, documents }, { columns }) => [
      ...filesLine(columns.photos, photos),
      ...filesLine(columns.documents, documents),
    ],
  },
];

/** A missing line above another is a dash: the one below would be taken for it. */
function stacked(names: readonly ColumnName[], look: PrintedColumn['look'] = ''): PrintedColumn {
  const cells = names.flatMap((name) => exportColumns.filter((column) => column.name === name));
  const lines: Lines = (problem, texts, plant) => {
    const written = cells.map(({ cell }) => cellText(cell(problem, texts, plant), texts));
    const last = written.findLastIndex((line) => line !== '');
    return written.slice(0, last + 1).map((line) => line || '–');
  };
  return { names, look, lines };
}

/** Such as `Photos (2): roller.jpg; head.jpg`, by the names that people gave: an id of 22 characters has no room on paper. */
function filesLine(word: string, files: readonly Attachment[]): readonly string[] {
  return files.length === 0 ? [] : [`${word} (${files.length}): ${files.map(({ name }) => name).join('; ')}`];
}
