// A view that the server sends once as a whole and then by the items that changed.
import { shallowRef } from 'vue';
import type { ListDelta, NumberedList, PageReply } from '../../nodes/dashboard/messages.ts';
import { applyListDelta, type LiveShape } from './apply-list-delta.ts';
import { reportNews } from './connection.ts';
import { type Socket, useMessages, type WidgetInput } from './host.ts';
import { useTick } from './server-time.ts';

export interface LiveOptions<View, Item, Rest> {
  readonly widgetId: string;
  readonly socket: Socket | undefined;
  /** First part of the topics. */
  readonly topic: string;
  readonly shape: LiveShape<View, Item, Rest>;
  readonly onReply: (reply: PageReply) => void;
  /** After how many seconds without news everything on the page counts as old. */
  readonly oldAfterSeconds: number;
  readonly tickMs?: number;
}

export function useLiveList<View extends { readonly at: string }, Item, Rest>(options: LiveOptions<View, Item, Rest>) {
  const { widgetId, socket, topic, shape, onReply, oldAfterSeconds, tickMs } = options;
  const current = shallowRef<NumberedList<View> | null>(null);

  function show(numbered: NumberedList<View>): void {
    // What the page is given when it opens may be older than what it just received.
    if (current.value && numbered.view.at < current.value.view.at) return;
    current.value = numbered;
    reportNews(numbered.view.at, oldAfterSeconds);
  }

  function receive({ topic: received, payload }: WidgetInput): void {
    if (received === `${topic}/view`) show(payload as NumberedList<View>);
    else if (received === `${topic}/reply`) onReply(payload as PageReply);
    else if (received === `${topic}/delta` && current.value) {
      const next = applyListDelta(current.value, payload as ListDelta<Item, Rest>, shape);
      if (next) show(next);
      else socket?.emit('widget-load', widgetId);
    }
  }

  useMessages(widgetId, receive);
  useTick(tickMs);
  return current;
}
