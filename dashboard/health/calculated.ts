// How long ago an index was calculated, in words; null: never.
import { duration } from '../common/durations.ts';
import { text } from '../common/language.ts';
import { secondsSince } from '../common/server-time.ts';

/** Below this many seconds it is new. */
const newForSeconds = 20;

export function calculated(at: string | null): string {
  const seconds = secondsSince(at);
  if (seconds === null) return text('health.never');
  return seconds < newForSeconds ? text('health.now') : text('health.at', { span: duration(seconds) });
}
