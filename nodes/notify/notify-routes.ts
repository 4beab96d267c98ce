// Routes under /api/notifications: a person's own notifications.
import type { Route, SessionCall } from '../access/router.ts';
import { successReply } from '../core/http-envelope.ts';
import { parseOwn } from './notify-input.ts';
import type { NotifyRoom } from './notify-room.ts';
import { answerOwn } from './own-notifications.ts';

export function notifyRoutes(room: NotifyRoom): readonly Route[] {
  const markAll = async ({ session }: SessionCall) => {
    const { id } = session.user.identity;
    const read = await (await room.notifications()).markAllRead(id);
    await room.pushTo(new Set([id]));
    return successReply({ data: { read } });
  };
  return [
    {
      method: 'GET',
      path: '/api/notifications',
      action: 'notification.read',
      session: true,
      handle: ({ session, query }) =>
        answerOwn(room, session.user.identity.id, parseOwn({ ...Object.fromEntries(query), command: 'list' })),
    },
    {
      method: 'GET',
      path: '/api/notifications/unread-count',
      action: 'notification.read',
      session: true,
      handle: async ({ session }) =>
        successReply({ data: await (await room.notifications()).unread(session.user.identity.id) }),
    },
    {
      method: 'PUT',
      path: '/api/notifications/{id}/read',
      action: 'notification.mark',
      session: true,
      handle: ({ session, parameters }) =>
        answerOwn(room, session.user.identity.id, parseOwn({ id: parameters.id, command: 'read' })),
    },
    {
      method: 'PUT',
      path: '/api/notifications/mark-all-read',
      action: 'notification.mark',
      session: true,
      handle: markAll,
    },
    {
      method: 'POST',
      path: '/api/notifications/mark-all-read',
      action: 'notification.mark',
      session: true,
      handle: markAll,
    },
  ];
}
