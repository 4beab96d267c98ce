// Routes under /api/notifications: a person's own notifications.
import type { Route, RouteCall, SessionCall } from '../access/router.ts';
import { InvalidInput } from '../core/errors.ts';
import { successReply } from '../core/http-envelope.ts';
import type { NotifyRoom } from './notify-room.ts';

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
      handle: async (call) => {
        const { id } = call.session.user.identity;
        const limit = numberOf(call, 'limit', 50, 1, 200);
        const offset = numberOf(call, 'offset', 0, 0, 1_000_000);
        const notifications = await room.notifications();
        const unread = call.query.get('unread') === 'true';
        const { rows, total } = await notifications.list(id, { limit, offset, unread });
        const count = await notifications.unread(id);
        return successReply({ data: rows, total, limit, offset, unread: count.unread });
      },
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
      handle: async ({ session, parameters }) => {
        const { id } = session.user.identity;
        const notification = Number(parameters.id);
        if (!Number.isSafeInteger(notification) || notification < 1) {
          throw new InvalidInput([{ field: 'id', message: 'must be the number of a notification' }]);
        }
        const row = await (await room.notifications()).markRead(id, notification);
        await room.pushTo(new Set([id]));
        return successReply({ data: row });
      },
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

function numberOf({ query }: RouteCall, field: string, fallback: number, min: number, max: number): number {
  const text = query.get(field);
  if (text === null) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new InvalidInput([{ field, message: `must be a whole number from ${min} to ${max}` }]);
}
