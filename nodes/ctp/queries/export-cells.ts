// One problem as a row of an exported log: typed cells that each format writes in its own way.
import type { Attachment } from '../../attachments/messages.ts';
import type { PlantTime } from '../../core/plant-time.ts';
import type { CtpProblem } from '../messages.ts';
import type { ExportTexts } from './export-texts.ts';

export type ExportCell =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'whole'; readonly value: number }
  /** Hours; shown with one decimal. */
  | { readonly kind: 'hours'; readonly value: number }
  /** Milliseconds of the plant's wall clock, counted as if it were UTC. */
  | { readonly kind: 'wall'; readonly wallMs: number }
  | { readonly kind: 'empty' };

export interface ExportColumn {
  readonly name: keyof ExportTexts['columns'];
  /** Width in characters of a spreadsheet column. */
  readonly width: number;
  readonly cell: (problem: CtpProblem, texts: ExportTexts, plant: PlantTime) => ExportCell;
}

const empty: ExportCell = { kind: 'empty' };

function text(value: string | null): ExportCell {
  return value === null || value === '' ? empty : { kind: 'text', text: value };
}

function wall(instant: string | null, plant: PlantTime): ExportCell {
  if (instant === null) return empty;
  const instantMs = Date.parse(instant);
  return { kind: 'wall', wallMs: instantMs + plant.offsetMs(instantMs) };
}

/** What the routes of files know them by; names of people's files repeat themselves. */
function idsOf(files: readonly Attachment[]): string {
  return files.map(({ id }) => id).join('; ');
}

/** The original's columns (date, problem, solution, technician, status, downtime, photo) and those that came with this log. */
export const exportColumns: readonly ExportColumn[] = [
  { name: 'id', width: 9, cell: ({ id }) => ({ kind: 'whole', value: id }) },
  { name: 'machine', width: 20, cell: ({ machine_name }) => text(machine_name) },
  { name: 'start', width: 17, cell: ({ start_time }, _texts, plant) => wall(start_time, plant) },
  { name: 'code', width: 12, cell: ({ error_code }) => text(error_code) },
  {
    name: 'category',
    width: 14,
    cell: ({ category }, texts) => text(category === null ? null : (texts.category[category] ?? category)),
  },
  { name: 'severity', width: 11, cell: ({ severity }, texts) => text(texts.severity[severity]) },
  { name: 'problem', width: 48, cell: ({ problem_description }) => text(problem_description) },
  { name: 'solution', width: 48, cell: ({ solution }) => text(solution) },
  { name: 'technician', width: 13, cell: ({ technician_type }, texts) => text(texts.technician[technician_type]) },
  { name: 'technicianName', width: 20, cell: ({ technician_name }) => text(technician_name) },
  { name: 'vendor', width: 20, cell: ({ vendor_name }) => text(vendor_name) },
  { name: 'response', width: 17, cell: ({ response_time }, _texts, plant) => wall(response_time, plant) },
  { name: 'end', width: 17, cell: ({ end_time }, _texts, plant) => wall(end_time, plant) },
  { name: 'status', width: 12, cell: ({ status }, texts) => text(texts.status[status]) },
  {
    name: 'downtime',
    width: 11,
    cell: ({ downtime_hours }) => (downtime_hours === null ? empty : { kind: 'hours', value: downtime_hours }),
  },
  {
    name: 'parts',
    width: 30,
    cell: ({ parts }) => text(parts.map(({ name, quantity }) => `${name} × ${quantity}`).join('; ')),
  },
  { name: 'photos', width: 30, cell: ({ photos }) => text(idsOf(photos)) },
  { name: 'documents', width: 30, cell: ({ documents }) => text(idsOf(documents)) },
  { name: 'reporter', width: 16, cell: ({ created_by }) => text(created_by) },
];

/** `2026-11-21 14:05` of the plant's wall clock. */
export function wallText(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 16).replace('T', ' ');
}

/** A cell as people read it. */
export function cellText(cell: ExportCell, texts: ExportTexts): string {
  switch (cell.kind) {
    case 'text':
      return cell.text;
    case 'whole':
      return String(cell.value);
    case 'hours':
      return `${cell.value.toFixed(1)} ${texts.hours}`;
    case 'wall':
      return wallText(cell.wallMs);
    case 'empty':
      return '';
  }
}
