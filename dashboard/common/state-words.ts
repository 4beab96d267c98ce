// One word, one icon and one tone for each state, the same on every page.
import type { BatchState } from '../../nodes/batch/messages.ts';
import type { BoardBatch, BoardHistoryRow } from '../../nodes/dashboard/messages.ts';
import type { TextKey } from '../catalogues/index.ts';

/** Neutral states are grey (ISA-101); colour is kept for what needs a look or an act. */
export type Tone = 'neutral' | 'quiet' | 'notice' | 'warning' | 'alarm';

export interface StateWord {
  readonly key: TextKey;
  /** Name of a Material Design icon. */
  readonly icon: string;
  readonly tone: Tone;
}

export const stateWords: Readonly<Record<BatchState | 'empty', StateWord>> = {
  empty: { key: 'state.empty', icon: 'circle-outline', tone: 'quiet' },
  queued: { key: 'state.queued', icon: 'tray-full', tone: 'neutral' },
  written: { key: 'state.written', icon: 'tray-arrow-down', tone: 'neutral' },
  running: { key: 'state.running', icon: 'play', tone: 'neutral' },
  finished: { key: 'state.finished', icon: 'check', tone: 'neutral' },
  pushing: { key: 'state.pushing', icon: 'cloud-upload-outline', tone: 'neutral' },
  archived: { key: 'state.archived', icon: 'check-all', tone: 'quiet' },
  failed: { key: 'state.failed', icon: 'alert-octagon', tone: 'alarm' },
  quarantined: { key: 'state.quarantined', icon: 'alert', tone: 'warning' },
  cancelled: { key: 'state.cancelled', icon: 'cancel', tone: 'quiet' },
};

export const endedWords: Readonly<Record<BoardHistoryRow['endedAs'], StateWord>> = {
  completed: { key: 'ended.completed', icon: 'check-all', tone: 'neutral' },
  failed: { key: 'ended.failed', icon: 'alert-octagon', tone: 'alarm' },
  cancelled: { key: 'ended.cancelled', icon: 'cancel', tone: 'quiet' },
  watched: { key: 'ended.watched', icon: 'eye-outline', tone: 'quiet' },
};

/** What a batch shows: its state, or what it waits for when that is more than its state says. */
export function wordOf(batch: BoardBatch | null): StateWord {
  if (!batch) return stateWords.empty;
  const word = stateWords[batch.state];
  if (word.tone === 'alarm' || word.tone === 'warning' || !batch.wait) return word;
  return batch.wait.for === 'person'
    ? { key: 'wait.person', icon: 'account-question-outline', tone: 'warning' }
    : batch.wait.code === 'fault'
      ? { key: 'wait.odoo', icon: 'cloud-clock-outline', tone: 'notice' }
      : word;
}
