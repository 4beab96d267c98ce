// Lengths of time in words of the language, and as a running clock.
import { missing, text } from './language.ts';

/** `45 s`, `12 min`, `5 h 07 min`, `3 d 4 h`; `–` for what is not known. */
export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return missing;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return text('span.seconds', { count: whole });
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return text('span.minutes', { count: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return text('span.hours', { hours, minutes: twoDigits(minutes % 60) });
  return text('span.days', { days: Math.floor(hours / 24), hours: hours % 24 });
}

/** `05:07:33`, with the days before it from the second day on. */
export function runningClock(seconds: number | null): string {
  if (seconds === null) return missing;
  const whole = Math.max(0, Math.floor(seconds));
  const clock = [Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60].map(twoDigits).join(':');
  const days = Math.floor(whole / 86_400);
  return days === 0 ? clock : `${text('span.day-count', { days })} ${clock}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
