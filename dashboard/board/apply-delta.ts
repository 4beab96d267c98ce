// The page's half of the deltas: from the view it holds to the next one.
import type { BatchBoardDelta, BatchBoardView, BoardLine } from '../../nodes/dashboard/messages.ts';

export interface NumberedView {
  readonly seq: number;
  readonly view: BatchBoardView;
}

/** The view after `delta`, or null when the delta belongs to another view and the whole one is needed. */
export function applyDelta(current: NumberedView, delta: BatchBoardDelta): NumberedView | null {
  if (delta.from !== current.seq) return null;
  const lines = current.view.lines.map((line): BoardLine => {
    const change = delta.lines.find((candidate) => candidate.line === line.line);
    if (!change) return line;
    const changed = new Map(change.slots.map((slot) => [slot.slot, slot]));
    return {
      line: line.line,
      slots: line.slots.map((slot) => changed.get(slot.slot) ?? slot),
      waiting: change.waiting ?? line.waiting,
      alarms: change.alarms ?? line.alarms,
    };
  });
  return { seq: delta.seq, view: { ...current.view, at: delta.at, lines } };
}
