// The dashboard around a widget under test: a socket that remembers, a store with a person, and a tracker to send through.
import { mount } from '@vue/test-utils';
import { type Component, reactive } from 'vue';
import type { PageSetup } from '../../nodes/access/messages.ts';
import type { Socket, WidgetInput } from '../common/host.ts';

export class FakeSocket implements Socket {
  connected = true;
  readonly sent: { readonly event: string; readonly args: readonly unknown[] }[] = [];
  /** Mapped by event. */
  readonly #listeners = new Map<string, Set<(...args: never[]) => void>>();

  on(event: string, listener: (...args: never[]) => void): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  off(event: string, listener: (...args: never[]) => void): void {
    this.#listeners.get(event)?.delete(listener);
  }

  emit(event: string, ...args: unknown[]): void {
    this.sent.push({ event, args });
  }

  connect(): void {
    this.sent.push({ event: 'connect', args: [] });
  }

  /** What the server sends. */
  receive(event: string, ...args: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(...(args as never[]));
  }
}

export interface Page {
  readonly socket: FakeSocket;
  readonly wrapper: ReturnType<typeof mount>;
  /** Sends a message to the widget as the server would, by a clock that shows the same as the tablet's unless `sent_at` says else. */
  tell(message: WidgetInput): Promise<void>;
}

export function open(
  component: Component,
  setup?: PageSetup,
  props: Readonly<Record<string, unknown>> = {},
  query: Readonly<Record<string, string>> = {},
): Page {
  const socket = new FakeSocket();
  let onMessage: (message: WidgetInput) => void = () => undefined;
  const wrapper = mount(component, {
    props: { id: 'widget-1', props: {}, ...props },
    attachTo: document.body,
    global: {
      provide: {
        $socket: socket,
        $dataTracker: (_id: string, onInput: (message: WidgetInput) => void) => {
          onMessage = onInput;
        },
        store: {
          state: reactive({
            setup: { setup: setup ? { shopfloor: setup } : {} },
            ui: { pages: { 'page-1': { name: 'Batch', path: '/batches' } } },
          }),
        },
      },
      config: {
        globalProperties: { $route: { path: '/dashboard/batches', query, meta: { id: 'page-1' } } } as never,
      },
    },
  });
  return {
    socket,
    wrapper,
    async tell(message) {
      onMessage({ sent_at: new Date().toISOString(), ...message });
      await wrapper.vm.$nextTick();
    },
  };
}
