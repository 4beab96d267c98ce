// Routes of the bell: a person's own notifications.
import type { RoomOfApi } from './operations.ts';
import { called, exactly, flag, instant, listOf, oneOf, orNull, success, text, whole } from './schema-words.ts';

export const notificationQuery = [
  { name: 'limit', schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 } },
  { name: 'offset', schema: { type: 'integer', minimum: 0, default: 0 } },
  { name: 'unread', description: 'Only unread ones.', schema: flag },
] as const;

export const notificationPage = success({
  data: listOf(called('Notification')),
  total: whole,
  limit: whole,
  offset: whole,
  unread: whole,
});

const marked = success({ data: exactly({ read: whole }) });

export const notifyApi: RoomOfApi = {
  tag: 'notifications',
  description: 'What the bell shows, for a person’s session. Read marks are each person’s own.',
  operations: {
    'GET /api/notifications': {
      summary: 'The own notifications, newest first',
      query: [...notificationQuery, { name: 'type', description: 'How the type begins.', schema: text }],
      reply: notificationPage,
      refusals: [400],
    },
    'GET /api/notifications/unread-count': {
      summary: 'How many are unread, and the newest of them',
      reply: success({ data: exactly({ unread: whole, latest: orNull(called('Notification')) }) }),
    },
    'PUT /api/notifications/{id}/read': {
      summary: 'Mark one as read',
      path: { id: whole },
      reply: success({ data: called('Notification') }),
      refusals: [400, 404],
    },
    'PUT /api/notifications/mark-all-read': { summary: 'Mark all as read', reply: marked },
    'POST /api/notifications/mark-all-read': { summary: 'Mark all as read', reply: marked },
  },
  schemas: {
    Notification: exactly({
      id: whole,
      type: orNull(text),
      title: text,
      body: orNull(text),
      link: orNull(text),
      severity: oneOf('info', 'warning', 'alarm'),
      createdAt: instant,
      readAt: orNull(instant),
    }),
  },
};
