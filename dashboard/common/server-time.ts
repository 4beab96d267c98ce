// The server's time on a tablet whose own clock may be wrong, and a tick for everything that shows an age.
import { onMounted, onUnmounted, ref } from 'vue';

/** Ages change in steps of ten seconds at the earliest, so a faster tick would show nothing new. */
const tickMs = 5000;

const now = ref(Date.now());
/** Periods that components on the page ask for, in ms. */
const wanted: number[] = [];
let timer: ReturnType<typeof setInterval> | undefined;

/** Milliseconds that the server's clock is ahead of the tablet's. */
const ahead = ref(0);

/** The server just sent a message at `iso` of its clock; without that instant nothing is learned. */
export function learnServerTime(iso = ''): void {
  const difference = Date.parse(iso) - Date.now();
  if (Number.isFinite(difference)) ahead.value = difference;
  now.value = Date.now();
}

/** What the server's clock shows now, as far as this tablet knows it. */
export function serverNow(): Date {
  return new Date(Date.now() + ahead.value);
}

/** The same in milliseconds, ticking: what shows it follows the time. */
export function serverNowMs(): number {
  return now.value + ahead.value;
}

/** Seconds since `iso` by the server's clock; null stays null. */
export function secondsSince(iso: string | null): number | null {
  if (iso === null) return null;
  return Math.max(0, (now.value + ahead.value - Date.parse(iso)) / 1000);
}

/** Keeps ages current while the component is on the page; a clock that shows seconds asks for 1000 ms. */
export function useTick(everyMs = tickMs): void {
  onMounted(() => {
    wanted.push(everyMs);
    beat();
  });
  onUnmounted(() => {
    wanted.splice(wanted.indexOf(everyMs), 1);
    beat();
  });
}

/** One timer for the whole page, as fast as the most impatient component. */
function beat(): void {
  clearInterval(timer);
  timer = undefined;
  if (wanted.length === 0) return;
  timer = setInterval(
    () => {
      now.value = Date.now();
    },
    Math.min(...wanted),
  );
}
