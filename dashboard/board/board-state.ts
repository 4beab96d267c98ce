// The board as the page holds it: the last whole view with every delta applied, and requests that wait for their answer.
import { onUnmounted, ref, shallowRef } from 'vue';
import type { RequestRefused } from '../../nodes/access/messages.ts';
import type { BatchBoardDelta, BoardCommand, BoardQuery, BoardReply } from '../../nodes/dashboard/messages.ts';
import { events, reportNews } from '../common/connection.ts';
import type { Socket, WidgetInput } from '../common/host.ts';
import { newId } from '../common/new-id.ts';
import { orWithPassword } from '../common/password.ts';
import { applyDelta, type NumberedView } from './apply-delta.ts';

/** Longer than any command takes, its trip to Odoo excepted: those only begin. */
const answerWithinMs = 20_000;

export function useBoard(widgetId: string, socket: Socket | undefined) {
  const current = shallowRef<NumberedView | null>(null);
  const pending = ref(0);
  /** Mapped by request id. */
  const waiting = new Map<string, (reply: BoardReply) => void>();

  function show(view: NumberedView): void {
    current.value = view;
    reportNews(view.view.at, view.view.staleAfterSeconds);
  }

  function receive({ topic, payload }: WidgetInput): void {
    if (topic === 'board/view') show(payload as NumberedView);
    else if (topic === 'board/delta' && current.value) {
      const next = applyDelta(current.value, payload as BatchBoardDelta);
      if (next) show(next);
      else socket?.emit('widget-load', widgetId);
    } else if (topic === 'board/reply') {
      const reply = payload as BoardReply;
      waiting.get(reply.requestId)?.(reply);
    }
  }

  const onRefused = (refused: RequestRefused) =>
    waiting.get(refused.requestId)?.({ ...refused, ok: false, message: '' });
  socket?.on(events.refused, onRefused);
  onUnmounted(() => socket?.off(events.refused, onRefused));

  /**
   * Never rejects: no connection and no answer are replies too. Where the password is missing, the person is asked for it and the
   * request goes out again.
   */
  function ask(request: BoardCommand | BoardQuery): Promise<BoardReply> {
    const requestId = newId();
    if (!socket?.connected) return Promise.resolve({ requestId, ok: false, code: 'offline', message: '' });
    pending.value += 1;
    return new Promise((resolve) => {
      const settle = (reply: BoardReply) => {
        clearTimeout(timer);
        waiting.delete(requestId);
        pending.value -= 1;
        orWithPassword(reply, resolve, () => void ask(request).then(resolve));
      };
      const timer = setTimeout(() => settle({ requestId, ok: false, code: 'no-answer', message: '' }), answerWithinMs);
      waiting.set(requestId, settle);
      socket.emit('widget-send', widgetId, { topic: 'board/request', requestId, payload: request });
    });
  }

  return { current, pending, receive, ask };
}
