// A board with a line in every state, made by the same function as on the server.
import { boardLine } from '../../nodes/dashboard/board-view.ts';
import type { LedgerMonitor } from '../../nodes/dashboard/ledger-answers.ts';
import type { BatchBoardView } from '../../nodes/dashboard/messages.ts';
import { busyLine } from '../../test/dashboard/support/mill.ts';

const settings = { staleAfterSeconds: 900, tolerancePermille: 50 };

export function viewOf(monitor: LedgerMonitor, now: Date): BatchBoardView {
  return { at: now.toISOString(), staleAfterSeconds: 900, lines: [boardLine(monitor, settings)] };
}

export function busyBoard(now = new Date()): { readonly topic: string; readonly payload: unknown } {
  return { topic: 'board/view', payload: { seq: 1, view: viewOf(busyLine(now), now) } };
}
