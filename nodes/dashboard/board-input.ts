// What a message at the batch board's input is: news of a line, a whole view, or the answer to somebody's request.
import { InvalidInput } from '../core/errors.ts';
import { type BoardSettings, boardHistory, boardLine, boardOrder } from './board-view.ts';
import type { LedgerBatch, LedgerHistory, LedgerMonitor, LedgerOrder } from './ledger-answers.ts';
import type { BoardLine, BoardReply } from './messages.ts';
import { faultOf, isMark, isObject, type RequestMark } from './page-answer.ts';

export interface BoardInputMessage {
  readonly topic?: unknown;
  readonly payload?: unknown;
  readonly boardRequest?: unknown;
  /** The answer of mo-batch to `list`, beside that to `monitor`. */
  readonly openBatches?: unknown;
  /** As a Catch node sets it. */
  readonly error?: unknown;
}

export type BoardInput =
  | { readonly kind: 'line'; readonly line: BoardLine }
  | { readonly kind: 'view'; readonly lines: readonly BoardLine[] }
  | { readonly kind: 'reply'; readonly reply: BoardReply };

/** Throws InvalidInput for a message that is none of them. */
export function readBoardInput(message: BoardInputMessage, settings: BoardSettings): BoardInput {
  const mark = message.boardRequest;
  if (isMark(mark)) return { kind: 'reply', reply: replyTo(mark, message, settings) };
  const payload = unwrap(message.payload);
  if (message.topic === 'board/view' && isObject(payload) && Array.isArray(payload.lines)) {
    return { kind: 'view', lines: payload.lines as BoardLine[] };
  }
  if (isObject(payload) && Array.isArray(payload.slots) && typeof payload.line === 'string') {
    const open = Array.isArray(message.openBatches) ? (message.openBatches as LedgerBatch[]) : [];
    return { kind: 'line', line: boardLine(payload as unknown as LedgerMonitor, open, settings) };
  }
  throw new InvalidInput([
    { field: 'payload', message: 'must be the answer of mo-batch to `monitor`, or a view with the topic board/view' },
  ]);
}

function replyTo(mark: RequestMark, message: BoardInputMessage, settings: BoardSettings): BoardReply {
  const { requestId } = mark;
  const fault = faultOf(message);
  if (fault) return { requestId, ok: false, ...fault };
  const payload = unwrap(message.payload);
  if (mark.command === 'history') {
    return { requestId, ok: true, history: boardHistory(payload as unknown as LedgerHistory, settings) };
  }
  if (mark.command === 'get') {
    const detail = boardOrder(payload as unknown as LedgerOrder, settings);
    return { requestId, ok: true, ...(detail && { detail }) };
  }
  if (mark.command === 'run' && isObject(payload) && payload.started === false) {
    return { requestId, ok: false, code: 'already-running', message: '' };
  }
  return { requestId, ok: true };
}

/** Answers that went through the HTTP envelope carry their content under `data` or spread beside `success`. */
function unwrap(payload: unknown): unknown {
  if (!isObject(payload) || payload.success !== true) return payload;
  return isObject(payload.data) && !Array.isArray(payload.data) ? payload.data : payload;
}
