// One view of the connection for every widget: connected, lost (old figures on screen), or ended (nothing may stay on screen).
import { readonly, ref } from 'vue';
import type { ConnectError, SessionEnded, socketEvents } from '../../nodes/access/messages.ts';
import type { Socket } from './host.ts';
import { secondsSince } from './server-time.ts';

/** The server's event names; the type ties them to the contract. */
export const events: typeof socketEvents = {
  notifications: 'shopfloor:notifications',
  sessionEnded: 'shopfloor:session-ended',
  askNotifications: 'shopfloor:ask-notifications',
  active: 'shopfloor:active',
  refused: 'shopfloor:refused',
};

/** The dashboard gives up after five minutes and reloads into an error page; a tablet on a wall has to go on. */
const retryMs = 10_000;

/** No session: nothing to wait for here. */
const unauthorized: ConnectError = 'unauthorized';

const lostSince = ref<string | null>(null);
const news = ref<{ readonly at: string; readonly limitSeconds: number } | null>(null);
export const connectionLostSince = readonly(lostSince);

let watched: Socket | undefined;
let left = false;

/** A page says when its figures were made and after how long they count as old. */
export function reportNews(at: string, limitSeconds: number): void {
  news.value = { at, limitSeconds };
}

/** Age of the figures on screen when it is beyond what their page allows, else null. */
export function oldNewsSeconds(): number | null {
  const seconds = secondsSince(news.value?.at ?? null);
  return seconds !== null && news.value && seconds > news.value.limitSeconds ? seconds : null;
}

export function newsAgeSeconds(): number | null {
  return secondsSince(news.value?.at ?? lostSince.value);
}

/** Takes everything off the screen, then leaves; old figures never stay under a login page that is slow to come. */
export function leavePage(target: string): void {
  const screen = document.documentElement.classList;
  // A logout is told by the answer to it and by the socket; the second must not cut the first one's way off.
  if (screen.contains('sf-cleared')) return;
  screen.add('sf-cleared');
  left = true;
  window.location.replace(target);
}

/** Watches the dashboard's socket; harmless when called by every page anew. */
export function watchConnection(socket: Socket | undefined, loginPath: () => string): void {
  if (!socket || watched === socket) return;
  watched = socket;
  const toLogin = () => leavePage(`${loginPath()}?next=${encodeURIComponent(window.location.pathname)}`);
  socket.on('connect', () => {
    lostSince.value = null;
  });
  socket.on('disconnect', () => {
    lostSince.value ??= new Date().toISOString();
  });
  socket.on('connect_error', (error: { readonly message: string }) => {
    if (error.message === unauthorized) toLogin();
    else lostSince.value ??= new Date().toISOString();
  });
  socket.on(events.sessionEnded, (ended: SessionEnded | undefined) => {
    if (ended?.reason === 'changed') leavePage(window.location.href);
    else toLogin();
  });
  keepTrying(socket);
}

interface NavigationGuard {
  addEventListener(type: 'navigate', listener: (event: NavigateAttempt) => void): void;
}

interface NavigateAttempt {
  readonly cancelable: boolean;
  readonly destination: { readonly url: string };
  preventDefault(): void;
}

function keepTrying(socket: Socket): void {
  setInterval(() => {
    if (!left && !socket.connected && !socket.active) socket.connect();
  }, retryMs);
  const navigation = (window as { readonly navigation?: NavigationGuard }).navigation;
  navigation?.addEventListener('navigate', (event) => {
    const giveUp = event.destination.url.includes('reloadTime=');
    if (giveUp && !left && !socket.connected && event.cancelable) event.preventDefault();
  });
}
