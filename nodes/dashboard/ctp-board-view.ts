// The board of the CTP machines as one person may see it: people of the department receive the machines they are assigned to.
import type { UserIdentity } from '../access/messages.ts';
import { can } from '../access/policy.ts';
import type { WidgetNews } from '../access/widget-policy.ts';
import type { CtpBoard } from '../ctp/messages.ts';

export function boardFor(message: WidgetNews, user: UserIdentity): WidgetNews {
  if (message.topic !== 'ctp/board' || can(user, 'ctp.all-machines')) return message;
  const board = message.payload as CtpBoard;
  const sees = (machine: string) => can(user, 'ctp.board', { machine });
  const payload: CtpBoard = {
    ...board,
    cards: board.cards.filter(({ machine }) => sees(machine.nickname)),
    recent: board.recent.filter(({ machine_nickname }) => sees(machine_nickname)),
  };
  return { ...message, payload };
}
