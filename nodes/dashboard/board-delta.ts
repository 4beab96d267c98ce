// What changed between two views of the board, so that a tablet receives two cards instead of ten.
import type { BatchBoardDelta, BatchBoardView, BoardLine, BoardSlot } from './messages.ts';

/** The changes that lead from `before` to `after`, or null when the set of lines or slots differs and only the whole view helps. */
export function boardDelta(
  before: BatchBoardView,
  after: BatchBoardView,
  from: number,
  seq: number,
): BatchBoardDelta | null {
  if (before.staleAfterSeconds !== after.staleAfterSeconds || before.lines.length !== after.lines.length) return null;
  const lines: BatchBoardDelta['lines'][number][] = [];
  for (const [index, line] of after.lines.entries()) {
    const old = before.lines[index];
    if (!old || old.line !== line.line || old.slots.length !== line.slots.length) return null;
    const change = lineChange(old, line);
    if (change.slots.length > 0 || change.waiting || change.alarms) lines.push(change);
  }
  return { from, seq, at: after.at, lines };
}

function lineChange(old: BoardLine, line: BoardLine): BatchBoardDelta['lines'][number] {
  const slots = line.slots.filter((slot, index): slot is BoardSlot => !same(slot, old.slots[index]));
  return {
    line: line.line,
    slots,
    ...(!same(line.waiting, old.waiting) && { waiting: line.waiting }),
    ...(!same(line.alarms, old.alarms) && { alarms: line.alarms }),
  };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
