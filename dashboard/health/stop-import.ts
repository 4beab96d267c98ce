// A file of past stops on its way in: looked at as a whole first, then imported with what the person has decided, and taken back.
import type { ImportPreview, ImportReport, ImportUndone } from '../../nodes/health/messages.ts';
import { callServer, type ServerAnswer } from '../common/http.ts';

/** What a person has decided about a file. */
export interface Decisions {
  /** Columns of the file by field, where they have other names. */
  readonly mapping: Readonly<Record<string, string>>;
  readonly dateOrder: 'dmy' | 'mdy' | null;
  readonly decimal: 'comma' | 'point' | null;
  /** Machines that are taken although they are not registered. */
  readonly newMachines: readonly string[];
}

interface Data<Body> {
  readonly data: Body;
}

const imports = '/api/repair/imports';

export function previewOf(file: File, decisions: Decisions): Promise<ServerAnswer<Data<ImportPreview>>> {
  return callServer('POST', `${imports}/preview?${queryOf(decisions)}`, file);
}

export function importOf(file: File, decisions: Decisions): Promise<ServerAnswer<Data<ImportReport>>> {
  const query = queryOf(decisions);
  query.set('name', file.name.slice(-200));
  for (const machine of decisions.newMachines) query.append('new_machine', machine);
  return callServer('POST', `${imports}?${query}`, file);
}

export function undoOf(id: string): Promise<ServerAnswer<Data<ImportUndone>>> {
  return callServer('POST', `${imports}/${encodeURIComponent(id)}/undo`, {});
}

function queryOf({ mapping, dateOrder, decimal }: Decisions): URLSearchParams {
  return new URLSearchParams({
    ...(Object.keys(mapping).length > 0 && { mapping: JSON.stringify(mapping) }),
    ...(dateOrder !== null && { date_order: dateOrder }),
    ...(decimal !== null && { decimal }),
  });
}
