// Notifications of the person at this page: the count comes by socket, the list by HTTP when it is opened.
import { ref, shallowRef } from 'vue';
import type { NotificationRow, UnreadCount } from '../../nodes/notify/messages.ts';
import { onServer } from '../common/server-root.ts';
import { tellsFirst } from './told-once.ts';

const listed = 30;

const unread = ref(0);
const rows = ref<readonly NotificationRow[] | null>(null);
const failed = ref(false);
/**
 * The newest one that came while this page was open, told in one tab of the browser; never one that was there before. It leaves by
 * itself, and outlives a change of page: the bar is built anew then.
 */
const arrived = shallowRef<Arrival | null>(null);
/** Highest id that this page has heard of; null before the first word of the server. */
let newestKnown: number | null = null;

export interface Arrival {
  readonly notice: NotificationRow;
  /** Others that came with it, or while the connection was away. */
  readonly more: number;
}

/** Long enough to read two lines twice. */
const shownMs = 10_000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** One list for the whole page; the bar is built anew on every change of page. */
export function useNotifications() {
  return { unread, rows, failed, arrived, learn, load, markRead, markAllRead, dismiss };
}

function learn(count: UnreadCount): void {
  const more = Math.max(0, count.unread - unread.value - 1);
  unread.value = count.unread;
  const id = count.latest?.id ?? 0;
  // The first word tells what waited already; reading one makes an older one the latest, which is no news.
  if (newestKnown !== null && count.latest && id > newestKnown) void tell({ notice: count.latest, more });
  newestKnown = Math.max(newestKnown ?? 0, id);
}

/** Nobody sees a hidden tab: it tells when it is looked at, unless another tab has told, or something newer came. */
async function tell(arrival: Arrival): Promise<void> {
  await shown();
  if (arrival.notice.id !== newestKnown) return;
  if (!(await tellsFirst(arrival.notice))) return;
  clearTimeout(timer);
  arrived.value = arrival;
  timer = setTimeout(dismiss, shownMs);
}

function dismiss(): void {
  arrived.value = null;
}

function shown(): Promise<void> {
  if (document.visibilityState !== 'hidden') return Promise.resolve();
  return new Promise((resolve) => {
    const onChange = () => {
      if (document.visibilityState === 'hidden') return;
      document.removeEventListener('visibilitychange', onChange);
      resolve();
    };
    document.addEventListener('visibilitychange', onChange);
  });
}

async function load(): Promise<void> {
  try {
    const answer = await request('GET', `/api/notifications?limit=${listed}`);
    rows.value = (answer.data ?? []) as readonly NotificationRow[];
    if (typeof answer.unread === 'number') unread.value = answer.unread;
    failed.value = false;
  } catch {
    failed.value = true;
  }
}

async function markRead(id: number): Promise<void> {
  await attempt(() => request('PUT', `/api/notifications/${id}/read`));
}

async function markAllRead(): Promise<void> {
  await attempt(() => request('PUT', '/api/notifications/mark-all-read'));
}

/** The list is read again whatever came back, so that the screen shows what the server holds. */
async function attempt(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch {
    failed.value = true;
    return;
  }
  await load();
}

interface Answer {
  readonly data?: unknown;
  readonly unread?: unknown;
}

async function request(method: 'GET' | 'PUT', path: string): Promise<Answer> {
  const response = await fetch(onServer(path), {
    method,
    credentials: 'same-origin',
    headers: { accept: 'application/json' },
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}`);
  return (await response.json()) as Answer;
}
