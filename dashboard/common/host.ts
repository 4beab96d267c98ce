// What the dashboard gives to a widget: the socket, its store, and the person behind the page.
import { computed, getCurrentInstance, inject } from 'vue';
import type { Action, PageSetup } from '../../nodes/access/messages.ts';
import { learnServerRoot } from './server-root.ts';
import { learnServerTime } from './server-time.ts';

/** The part of socket.io's client that widgets use. */
export interface Socket {
  readonly connected: boolean;
  readonly active?: boolean;
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  connect(): unknown;
}

/** A message from the server to one widget. */
export interface WidgetInput {
  readonly topic?: string;
  readonly payload?: unknown;
  /** Written by the server as the message leaves; what it holds may be older. */
  readonly sent_at?: string;
}

export interface DashboardPage {
  name: string;
  readonly path: string;
}

interface DashboardStore {
  readonly state: {
    readonly setup?: { readonly setup?: { readonly shopfloor?: PageSetup } };
    readonly ui?: { readonly pages?: Readonly<Record<string, DashboardPage>> | null };
  };
}

type DataTracker = (
  widgetId: string,
  onInput: (message: WidgetInput) => void,
  onLoad: (message: WidgetInput | undefined) => void,
) => void;

export function useSocket(): Socket | undefined {
  return inject<Socket | undefined>('$socket', undefined);
}

/** Calls `onMessage` for what the server last sent to this widget and for everything it sends from now on. */
export function useMessages(widgetId: string, onMessage: (message: WidgetInput) => void): void {
  const track = inject<DataTracker | undefined>('$dataTracker', undefined);
  const take = (message: WidgetInput | undefined): void => {
    if (!message) return;
    learnServerTime(message.sent_at);
    onMessage(message);
  };
  track?.(widgetId, take, take);
}

/** Who looks at this page and what they may do. Without accounts nobody is anybody, and no button that acts is shown. */
export function usePerson() {
  const store = inject<DashboardStore | undefined>('store', undefined);
  const setup = computed(() => {
    const known = store?.state.setup?.setup?.shopfloor;
    if (known) learnServerRoot(known.loginPath);
    return known;
  });
  return {
    setup,
    user: computed(() => setup.value?.user),
    /** Also what the person has to give the password for: the page asks for it when it comes to that. */
    may: (action: Action): boolean =>
      [...(setup.value?.permissions ?? []), ...(setup.value?.withPassword ?? [])].includes(action),
  };
}

/** The pages of the menu, and the one that is open. */
export function usePages() {
  const store = inject<DashboardStore | undefined>('store', undefined);
  const globals = getCurrentInstance()?.appContext.config.globalProperties as
    | { readonly $route?: { readonly meta: { readonly id?: string } } }
    | undefined;
  const pages = computed(() => store?.state.ui?.pages ?? {});
  return { pages, current: computed(() => pages.value[globals?.$route?.meta.id ?? '']) };
}

interface Router {
  readonly $route?: { readonly path: string; readonly query: Readonly<Record<string, unknown>> };
  readonly $router?: { push(target: { path: string; query: Readonly<Record<string, string>> }): unknown };
}

/** The address of the open page: what stands behind its question mark, and the way to another page without loading anew. */
export function useAddress() {
  const globals = getCurrentInstance()?.appContext.config.globalProperties as Router | undefined;
  const base = () => globals?.$route?.path.replace(/\/[^/]*\/?$/, '') ?? '/dashboard';
  return {
    query: (name: string): string | null => {
      const value = globals?.$route?.query[name];
      return typeof value === 'string' && value !== '' ? value : null;
    },
    /** For a link that can also be opened in a tab of its own. */
    hrefOf: (page: string, query: Readonly<Record<string, string>> = {}): string => {
      const search = new URLSearchParams(query).toString();
      return `${base()}/${page}${search === '' ? '' : `?${search}`}`;
    },
    go: (page: string, query: Readonly<Record<string, string>> = {}): void => {
      globals?.$router?.push({ path: `${base()}/${page}`, query });
    },
  };
}
