// What a message at a CTP page's input is: the board of the machines, from ctp-problem-log or any other source that sends one.

import { InvalidInput } from '../core/errors.ts';
import type { CtpBoard } from '../ctp/messages.ts';

/** A board may come as the node's own answer or in the HTTP envelope (`{success: true, data}`). Throws InvalidInput. */
export function readCtpBoard(payload: unknown): CtpBoard {
  const board = isObject(payload) && payload.success === true ? payload.data : payload;
  if (
    isObject(board) &&
    typeof board.at === 'string' &&
    !Number.isNaN(Date.parse(board.at)) &&
    Array.isArray(board.cards) &&
    Array.isArray(board.recent)
  ) {
    return board as unknown as CtpBoard;
  }
  throw new InvalidInput([{ field: 'payload', message: 'must be the answer of ctp-problem-log to `board`' }]);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
