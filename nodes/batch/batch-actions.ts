// Which action of the policy each command of mo-batch is.
import type { Action } from '../access/messages.ts';
import type { BatchCommand } from './messages.ts';

/** What a command asks for; to accept a deviation is more than to try again. */
export function batchActionOf(command: {
  readonly command: BatchCommand['command'];
  readonly accept?: unknown;
}): Action {
  // Whatever is not plainly "no" is asked for the greater right; the parser says later what it is worth.
  const accepts = command.command === 'retry' && command.accept !== undefined && command.accept !== false;
  return accepts ? 'batch.accept' : batchActions[command.command];
}

/** The steps between ledger, PLC and Odoo belong to the tasks: from outside only who may run a task may send one. */
export const batchActions: Readonly<Record<BatchCommand['command'], Action>> = {
  'begin-sync': 'task.run',
  stage: 'task.run',
  written: 'task.run',
  observe: 'task.run',
  due: 'task.run',
  complete: 'task.run',
  look: 'task.run',
  looked: 'task.run',
  'peer-failed': 'task.run',
  weigh: 'task.run',
  weighed: 'task.run',
  health: 'task.run',
  list: 'batch.read',
  monitor: 'batch.read',
  failed: 'batch.read',
  watched: 'batch.read',
  weighings: 'batch.read',
  history: 'history.read',
  get: 'history.read',
  retry: 'batch.retry',
  reset: 'batch.reset',
  cancel: 'batch.cancel',
  correct: 'batch.correct',
  'settle-weighing': 'batch.correct',
  clear: 'batch.clear',
};
