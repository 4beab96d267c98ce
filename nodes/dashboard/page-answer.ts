// What a flow sends back to a page: the answer to a request that the page's node had marked, or why it was refused.
import type { PageReply } from './messages.ts';

/** What a page's node puts on a request that it sends into the flow; the flow carries it to the answer. */
export interface RequestMark {
  readonly requestId: string;
  readonly command: string;
}

export interface AnswerMessage {
  readonly payload?: unknown;
  readonly pageRequest?: unknown;
  /** As a Catch node sets it. */
  readonly error?: unknown;
}

/** Undefined for a message that answers no request. */
export function readPageAnswer(message: AnswerMessage): PageReply | undefined {
  const mark = message.pageRequest;
  if (!isMark(mark)) return undefined;
  const { requestId } = mark;
  const fault = faultOf(message);
  return fault ? { requestId, ok: false, ...fault } : { requestId, ok: true, answer: unwrapAnswer(message.payload) };
}

/** Code and sentence of a refusal: from a Catch node, or in the envelope of an HTTP answer. */
export function faultOf({
  payload,
  error: caught,
}: AnswerMessage): { readonly code: string; readonly message: string } | undefined {
  const error = isObject(caught) ? caught : isObject(payload) && payload.success === false ? payload.error : undefined;
  if (!isObject(error)) return undefined;
  return {
    code: typeof error.code === 'string' ? error.code : 'failed',
    message: typeof error.message === 'string' ? error.message : '',
  };
}

/** Answers that went through the HTTP envelope carry their content under `data`. */
export function unwrapAnswer(payload: unknown): unknown {
  return isObject(payload) && payload.success === true && 'data' in payload ? payload.data : payload;
}

export function isMark(value: unknown): value is RequestMark {
  return isObject(value) && typeof value.requestId === 'string' && typeof value.command === 'string';
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
