// A board with a line in every state, made by the same function as on the server.
import { boardLine } from '../../nodes/dashboard/board-view.ts';
import type { BatchBoardView } from '../../nodes/dashboard/messages.ts';
import { busyLine, type MillLine } from '../../test/dashboard/support/mill.ts';

export const settings = { staleAfterSeconds: 900, tolerancePermille: 50 };

export function viewOf({ monitor, open }: MillLine, now: Date): BatchBoardView {
  return { at: now.toISOString(), staleAfterSeconds: 900, lines: [boardLine(monitor, open, settings)] };
}

export function busyBoard(now = new Date()): { readonly topic: string; readonly payload: unknown } {
  return { topic: 'board/view', payload: { seq: 1, view: viewOf(busyLine(now), now) } };
}
