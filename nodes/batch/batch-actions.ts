// Which action of the policy each command of mo-batch is.
import type { Action } from '../access/messages.ts';
import type { BatchCommand } from './messages.ts';

/** The steps between ledger, PLC and Odoo belong to the tasks: from outside only who may run a task may send one. */
export const batchActions: Readonly<Record<BatchCommand['command'], Action>> = {
  'begin-sync': 'task.run',
  stage: 'task.run',
  written: 'task.run',
  observe: 'task.run',
  due: 'task.run',
  complete: 'task.run',
  health: 'task.run',
  list: 'batch.read',
  monitor: 'batch.read',
  failed: 'batch.read',
  watched: 'batch.read',
  history: 'history.read',
  get: 'history.read',
  retry: 'batch.retry',
  reset: 'batch.reset',
  cancel: 'batch.cancel',
  correct: 'batch.correct',
  clear: 'batch.clear',
};
