// What a command of the problem log answers, before it becomes a message or an HTTP reply.
import type { StoredNotice } from './ctp-records.ts';
import type { CtpEventMessage } from './messages.ts';
import type { ProblemExport } from './queries/export.ts';

export type LogAnswer =
  /** `page` stands beside `data` in an HTTP reply. */
  | { readonly kind: 'data'; readonly data: unknown; readonly page?: object; readonly created?: boolean }
  | { readonly kind: 'file'; readonly bytes: Buffer; readonly headers: Readonly<Record<string, string>> }
  | ({ readonly kind: 'export' } & ProblemExport);

export interface LogReply {
  readonly answer: LogAnswer;
  readonly events: readonly CtpEventMessage[];
  readonly notices: readonly StoredNotice[];
  /** What went wrong beside the command itself: everything above is committed and has to leave. */
  readonly fault?: Error;
}

export function dataReply(data: unknown, page?: object): LogReply {
  return { answer: { kind: 'data', data, ...(page && { page }) }, events: [], notices: [] };
}
