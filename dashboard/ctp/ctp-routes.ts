// The routes of Log CTP as the pages call them; every one is checked by the server again.
import type {
  CtpMachine,
  CtpProblem,
  CtpProblemEvent,
  CtpStatistics,
  MachineStatus,
  ProblemFilter,
  ProblemPage,
  SimilarProblem,
  StatusChange,
} from '../../nodes/ctp/messages.ts';
import { callServer, type ServerAnswer } from '../common/http.ts';
import { onServer } from '../common/server-root.ts';
import { addPicked, type Picked } from './files.ts';

/** A word of the plant's own lists. */
export interface PlantCode {
  readonly kind: 'error_code' | 'category';
  readonly code: string;
  readonly label: string;
  readonly retired: boolean;
}

interface Data<Value> {
  readonly data: Value;
}

const problems = '/api/ctp-problem-logs';

/** Acts on one problem; `version` is what the person saw, so that two people never overwrite each other unseen. */
export type ProblemAct = 'complete' | 'reopen' | 'void' | 'correct';

export const listProblems = (filter: ProblemFilter): Promise<ServerAnswer<ProblemPage>> =>
  callServer('GET', `${problems}?${queryOf(filter)}`);

export const getProblem = (id: number): Promise<ServerAnswer<Data<CtpProblem>>> =>
  callServer('GET', `${problems}/${id}`);

/** Newest first. @param cursor of the page before */
export const trailOf = (
  id: number,
  cursor?: string,
): Promise<ServerAnswer<Data<readonly CtpProblemEvent[]> & { readonly next_cursor: string | null }>> =>
  callServer('GET', `${problems}/${id}/history?${queryOf({ limit: 25, cursor })}`);

/** @param photos pictures of after the repair that belong to a completion: both are kept, or neither */
export function actOn(
  id: number,
  act: ProblemAct,
  body: Readonly<Record<string, unknown>>,
  photos: readonly Picked[] = [],
): Promise<ServerAnswer<Data<CtpProblem>>> {
  if (act === 'correct') return callServer('PUT', `${problems}/${id}`, body);
  if (act === 'void') return callServer('DELETE', `${problems}/${id}`, body);
  return callServer('POST', `${problems}/${id}/${act}`, photos.length === 0 ? body : formOf(body, photos));
}

function formOf(body: Readonly<Record<string, unknown>>, photos: readonly Picked[]): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) {
    if (value === null || value === undefined) form.append(name, '');
    else form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  addPicked(form, photos, 'after');
  return form;
}

export const addFiles = (
  id: number,
  kind: 'photos' | 'documents',
  form: FormData,
): Promise<ServerAnswer<Data<CtpProblem>>> => callServer('POST', `${problems}/${id}/${kind}`, form);

export const hideFile = (
  kind: 'photo' | 'document',
  fileId: string,
  reason: string,
): Promise<ServerAnswer<Data<CtpProblem>>> =>
  callServer('DELETE', `/api/ctp-problem-${kind}s/${encodeURIComponent(fileId)}`, { reason });

export const fileAddress = (kind: 'photo' | 'document', id: string): string =>
  onServer(`/api/ctp-problem-${kind}s/${encodeURIComponent(id)}`);

export const setStatus = (
  machineId: number,
  body: { readonly status: MachineStatus; readonly reason: string; readonly commandId: string },
): Promise<ServerAnswer<Data<CtpMachine>>> => callServer('PUT', `/api/ctp-machines/${machineId}/status`, body);

/** Newest first. @param cursor of the page before */
export const statusHistoryOf = (
  machineId: number,
  cursor?: string,
): Promise<ServerAnswer<Data<readonly StatusChange[]> & { readonly next_cursor: string | null }>> =>
  callServer('GET', `/api/ctp-machines/${machineId}/status-history?${queryOf({ limit: 10, cursor })}`);

export const statisticsOf = (
  query: Pick<ProblemFilter, 'machine_id' | 'start_date' | 'end_date'> & {
    readonly bucket?: 'day' | 'week' | 'month';
  },
): Promise<ServerAnswer<Data<CtpStatistics>>> => callServer('GET', `/api/ctp-statistics?${queryOf(query)}`);

export const plantCodes = (): Promise<ServerAnswer<Data<readonly PlantCode[]>>> => callServer('GET', '/api/ctp-codes');

/** The server looks at the first words; more would make the address too long for it. */
const similarText = 400;

export const similarTo = (typed: string, machineId: number): Promise<ServerAnswer<Data<readonly SimilarProblem[]>>> =>
  callServer(
    'GET',
    `/api/ctp-similar?${queryOf({ text: typed.slice(0, similarText), machine_id: machineId, limit: 3 })}`,
  );

export const exportAddress = (format: 'csv' | 'xlsx' | 'print', filter: ProblemFilter, language: string): string =>
  onServer(`/export-ctp-logs?${queryOf({ ...filter, format, language })}`);

function queryOf(fields: object): string {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '');
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}
