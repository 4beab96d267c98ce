// A person's own notifications as an answer: one list, or one mark, the same for the routes and for the node.
import { type HttpReply, successReply } from '../core/http-envelope.ts';
import type { OwnNotificationsCommand } from './messages.ts';
import type { NotifyRoom } from './notify-room.ts';

export async function answerOwn(
  room: NotifyRoom,
  userId: string,
  command: OwnNotificationsCommand,
): Promise<HttpReply> {
  const notifications = await room.notifications();
  if (command.command === 'read') {
    const row = await notifications.markRead(userId, command.id, command.type);
    await room.pushTo(new Set([userId]));
    return successReply({ data: row });
  }
  const { limit = 50, offset = 0, unread = false, type } = command;
  const { rows, total } = await notifications.list(userId, { limit, offset, unread, type });
  const open = await notifications.list(userId, { limit: 1, offset: 0, unread: true, type });
  return successReply({ data: rows, total, limit, offset, unread: open.total });
}
