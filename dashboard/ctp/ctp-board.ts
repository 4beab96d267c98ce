// The machines as the pages of Log CTP hold them: the last board that the server sent, and how old it is.
import { shallowRef } from 'vue';
import type { CtpBoard, CtpCard, CtpMachine } from '../../nodes/ctp/messages.ts';
import { reportNews } from '../common/connection.ts';
import { useMessages } from '../common/host.ts';
import { useTick } from '../common/server-time.ts';

/** The flow sends a board every 30 seconds at least; three missed ones mean that nothing is known any more. */
export const boardOldAfterSeconds = 90;

/** The three pages show one board: another of them begins with what this tab knew, also while the connection is away. */
const board = shallowRef<CtpBoard | null>(null);

/** Machines that this person may see. */
export function knownMachines(): readonly CtpMachine[] {
  return board.value?.cards.map(({ machine }) => machine) ?? [];
}

/** Minute of the board: figures of what is still open are asked for anew with it, as the cards are. */
export function boardMinute(): string {
  return board.value?.at.slice(0, 16) ?? '';
}

export function useCtpBoard(widgetId: string, everyMs?: number) {
  useMessages(widgetId, ({ topic, payload }) => {
    if (topic !== 'ctp/board') return;
    const received = payload as CtpBoard;
    // What the page is given when it opens may be older than what it just received.
    if (board.value && received.at < board.value.at) return;
    board.value = received;
    reportNews(received.at, boardOldAfterSeconds);
  });
  useTick(everyMs);
  return { board };
}

/** Machines that stand first, then slow ones, then by name: what needs somebody is at the top. */
export function mostUrgentFirst(cards: readonly CtpCard[]): readonly CtpCard[] {
  const urgency = { stop: 0, slow: 1, minor: 2 } as const;
  const rank = ({ machine }: CtpCard) => (machine.open_severity ? urgency[machine.open_severity] : 3);
  return [...cards].sort((one, other) => rank(one) - rank(other) || one.machine.id - other.machine.id);
}
