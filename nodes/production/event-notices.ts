// Which events of production people are told of, and how.
import type { NotifyCommand } from '../notify/messages.ts';
import { clockNotice } from './clock-notice.ts';
import { counterNotice } from './counter-notices.ts';
import type { ProductionEvent } from './messages.ts';
import { setAsideNotice } from './set-aside-notice.ts';

/** The notification of an event; null for one that is no news to people. @param name of the machine, as people know it */
export function noticeOf(event: ProductionEvent, name: string): NotifyCommand | null {
  return counterNotice(event, name) ?? setAsideNotice(event, name) ?? clockNotice(event, name);
}
