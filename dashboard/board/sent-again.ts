// After "send again" a person is shown how it ended: posted, held for a decision, or not yet, with the next try.
import type { BoardBatch, BoardOrderDetail } from '../../nodes/dashboard/messages.ts';
import { instant, text, textOf } from '../common/language.ts';

/** How a try ended, in the reader's words; null while it is under way. */
export interface SentOutcome {
  readonly ok: boolean;
  readonly text: string;
}

/**
 * What the newest view says of a batch that was sent again.
 * @param batch undefined when it is no longer open: then `detail` says how it ended
 */
export function outcomeOf(
  order: string,
  batch: BoardBatch | undefined,
  detail: Pick<BoardOrderDetail, 'endedAs'> | null,
): SentOutcome | null {
  if (!batch) {
    if (!detail?.endedAs) return null;
    return { ok: true, text: detail.endedAs === 'cancelled' ? order : text('sent.posted', { order }) };
  }
  if (!batch.wait) return { ok: true, text: text('sent.posted', { order }) };
  if (batch.sending || batch.wait.attempts === 0) return null;
  const why = textOf('wait.code.', batch.wait.code, 'wait.code.other');
  if (batch.wait.for === 'person') return { ok: false, text: `${text('sent.held', { order })} ${why}` };
  const next = batch.nextTryAt === null ? text('wait.by-hand') : text('wait.next', { time: instant(batch.nextTryAt) });
  return { ok: false, text: `${text('sent.later', { order })} ${why} ${next}` };
}
