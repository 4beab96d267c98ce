// Sends a file of past stops part by part and adds up what became of its rows.
import type { ImportRequest } from '../../nodes/dashboard/page-request.ts';
import type { ImportReport, RefusedRow } from '../../nodes/health/messages.ts';
import { text } from '../common/language.ts';
import type { Answer, Ask } from '../common/requests.ts';
import { csvParts } from './csv-parts.ts';

/** The part of repair-estimate's answer that is shown. */
type PartReport = Pick<
  ImportReport,
  'status' | 'rows' | 'imported' | 'duplicates' | 'production' | 'refused' | 'refusals' | 'error' | 'file_fault'
>;

export interface ImportState {
  readonly parts: number;
  readonly sent: number;
  readonly rows: number;
  readonly imported: number;
  readonly duplicates: number;
  readonly production: number;
  readonly refused: number;
  readonly refusals: readonly RefusedRow[];
}

const nothing: ImportState = {
  parts: 0,
  sent: 0,
  rows: 0,
  imported: 0,
  duplicates: 0,
  production: 0,
  refused: 0,
  refusals: [],
};

export type Refusal = Extract<Answer<unknown>, { ok: false }>;

/** Calls `onProgress` after each part; stops at the first part that is refused as a whole. A file may be sent again: known stops are left out. */
export async function importStops(
  file: { readonly name: string; readonly csv: string; readonly mapping?: Readonly<Record<string, string>> },
  ask: Ask<ImportRequest>,
  onProgress: (state: ImportState) => void,
): Promise<Refusal | null> {
  const parts = csvParts(file.csv);
  let state: ImportState = { ...nothing, parts: parts.length };
  onProgress(state);
  for (const [index, part] of parts.entries()) {
    const name = parts.length === 1 ? file.name : `${file.name} (${index + 1}/${parts.length})`;
    const answer = await ask<PartReport>({
      command: 'import',
      csv: part.csv,
      name: name.slice(-200),
      ...(file.mapping && { mapping: file.mapping }),
    });
    if (!answer.ok) return answer;
    const { body } = answer;
    const { file_fault: fault } = body;
    if (body.status === 'failed') {
      const message = fault ? text(`import.file.${fault.code}`, fault) : (body.error ?? '');
      return { ok: false, code: 'failed', message };
    }
    state = {
      parts: parts.length,
      sent: index + 1,
      rows: state.rows + body.rows,
      imported: state.imported + body.imported,
      duplicates: state.duplicates + body.duplicates,
      production: state.production + body.production,
      refused: state.refused + body.refused,
      refusals: [
        ...state.refusals,
        ...body.refusals.map((refusal) => ({ ...refusal, line: refusal.line + part.linesBefore })),
      ],
    };
    onProgress(state);
  }
  return null;
}
