// Questions and commands of a page to its node, each with the one answer that belongs to it.
import { onUnmounted } from 'vue';
import type { RequestRefused } from '../../nodes/access/messages.ts';
import type { PageReply } from '../../nodes/dashboard/messages.ts';
import { events } from './connection.ts';
import type { Socket } from './host.ts';
import { newId } from './new-id.ts';
import { orWithPassword } from './password.ts';

/** Longer than any command takes. */
const answerWithinMs = 20_000;

export type Answer<Body> =
  | { readonly ok: true; readonly body: Body }
  | { readonly ok: false; readonly code: string; readonly message: string };

/**
 * Sends `request` under the topic and never rejects: no connection and no answer are answers too. Where the password is missing, the
 * person is asked for it and the request goes out again.
 */
export type Ask<Request> = <Body>(request: Request) => Promise<Answer<Body>>;

export function useRequests<Request extends object>(widgetId: string, socket: Socket | undefined, topic: string) {
  /** Mapped by request id. */
  const waiting = new Map<string, (reply: PageReply) => void>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  onUnmounted(() => {
    for (const timer of timers) clearTimeout(timer);
  });

  const onRefused = (refused: RequestRefused) =>
    waiting.get(refused.requestId)?.({ ...refused, ok: false, message: '' });
  socket?.on(events.refused, onRefused);
  onUnmounted(() => socket?.off(events.refused, onRefused));

  const ask: Ask<Request> = <Body>(request: Request) => {
    if (!socket?.connected) return Promise.resolve({ ok: false, code: 'offline', message: '' });
    const requestId = newId();
    return new Promise<Answer<Body>>((resolve) => {
      const settle = (reply: PageReply) => {
        clearTimeout(timer);
        timers.delete(timer);
        waiting.delete(requestId);
        orWithPassword(
          reply,
          () => resolve(reply.ok ? { ok: true, body: reply.answer as Body } : reply),
          () => void ask<Body>(request).then(resolve),
        );
      };
      const timer = setTimeout(() => settle({ requestId, ok: false, code: 'no-answer', message: '' }), answerWithinMs);
      timers.add(timer);
      waiting.set(requestId, settle);
      socket.emit('widget-send', widgetId, { topic, requestId, payload: request });
    });
  };

  return { ask, settle: (reply: PageReply) => waiting.get(reply.requestId)?.(reply) };
}
