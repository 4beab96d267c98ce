// The server's time on a tablet whose own clock may be wrong, and a tick for everything that shows an age.
import { onMounted, onUnmounted, ref } from 'vue';

/** Ages change in steps of ten seconds at the earliest, so a faster tick would show nothing new. */
const tickMs = 5000;

const now = ref(Date.now());
let users = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** Milliseconds that the server's clock is ahead of the tablet's. */
const ahead = ref(0);

/** Tells when the server said `iso`; called with every message that carries an instant of sending. */
export function learnServerTime(iso: string): void {
  const difference = Date.parse(iso) - Date.now();
  if (Number.isFinite(difference)) ahead.value = difference;
  now.value = Date.now();
}

/** Seconds since `iso` by the server's clock; null stays null. */
export function secondsSince(iso: string | null): number | null {
  if (iso === null) return null;
  return Math.max(0, (now.value + ahead.value - Date.parse(iso)) / 1000);
}

/** Keeps ages current while the component is on the page. */
export function useTick(): void {
  onMounted(() => {
    users += 1;
    timer ??= setInterval(() => {
      now.value = Date.now();
    }, tickMs);
  });
  onUnmounted(() => {
    users -= 1;
    if (users > 0) return;
    clearInterval(timer);
    timer = undefined;
  });
}
