// Which action of the policy each command of cumulative-tracker is, and who has those that change counts.
import type { Action } from '../access/messages.ts';
import { declareActions } from '../access/policy.ts';
import { productionActions } from './production-actions.ts';
import type { TrackerCommand } from './tracker-commands.ts';

declareActions({
  'production.correct': { kind: 'act', granted: ['admin', 'supervisor'], proof: 'password' },
  // The text of a message as it came: for those who look after machines and lines.
  'production.quarantine-read': { kind: 'read', granted: ['admin', 'supervisor', 'maintenance'] },
  'production.quarantine': { kind: 'act', granted: ['admin', 'supervisor'], proof: 'password' },
  'production.machines': { kind: 'act', granted: ['admin', 'supervisor'], proof: 'password' },
  'production.order': { kind: 'act', granted: ['admin', 'supervisor', 'operator:production'] },
});

const read = productionActions.shifts;

export const trackerActions: Readonly<Record<TrackerCommand['command'], Action>> = {
  // What machines say comes by the flow; from outside only who may run a task may count.
  readings: 'task.run',
  tick: 'task.run',
  totals: read,
  machines: read,
  check: read,
  orders: read,
  quarantine: 'production.quarantine-read',
  machine: 'production.machines',
  order: 'production.order',
  correct: 'production.correct',
  rebaseline: 'production.correct',
  replay: 'production.quarantine',
  dismiss: 'production.quarantine',
  'replay-all': 'production.quarantine',
  'dismiss-all': 'production.quarantine',
};
