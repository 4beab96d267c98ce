// Which right each control needs, and the words of its confirmation. The server decides again; this only hides.
import type { Action } from '../../nodes/access/messages.ts';
import type { BoardAction, BoardTask } from '../../nodes/dashboard/messages.ts';
import { text } from '../common/language.ts';

export type Act = BoardAction | 'clear' | 'release' | 'run';

/** What the control is called. @param code what the batch is held for: only a deviation is accepted as such */
export function actName(act: Act, task: BoardTask | null, code?: string): string {
  if (act === 'accept' && code !== undefined && code !== 'deviation') return text('action.accept-found');
  return act === 'run' ? text(`action.run-${task ?? 1}`) : text(`action.${act}`);
}

/** Actions of the policy, as nodes/access/policy.ts declares them. */
export const rightFor: Readonly<Record<Act, Action>> = {
  retry: 'batch.retry',
  accept: 'batch.retry',
  backorder: 'batch.retry',
  reset: 'batch.reset',
  cancel: 'batch.cancel',
  correct: 'batch.correct',
  clear: 'batch.clear',
  release: 'batch.clear',
  run: 'task.run',
};

export const actIcons: Readonly<Record<Act, string>> = {
  retry: 'cloud-upload-outline',
  accept: 'check',
  backorder: 'call-split',
  reset: 'restart',
  cancel: 'cancel',
  correct: 'pencil-outline',
  clear: 'tray-remove',
  release: 'link-off',
  run: 'play-circle-outline',
};

/** Acts that must say why. */
export const needsReason: ReadonlySet<Act> = new Set([
  'accept',
  'backorder',
  'reset',
  'cancel',
  'correct',
  'clear',
  'release',
]);
/** Acts that take something away. */
export const isHarsh: ReadonlySet<Act> = new Set(['cancel', 'clear', 'release']);

export const tasks: readonly BoardTask[] = [1, 2, 3];
