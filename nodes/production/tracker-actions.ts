// Who may do what with counts: the actions of the tracker's commands.
import { declareActions } from '../access/policy.ts';

declareActions({
  'production.read': {
    kind: 'read',
    granted: ['admin', 'supervisor', 'operator:production', 'maintenance', 'qc', 'qc-supervisor', 'manager', 'display'],
  },
  'production.correct': { kind: 'act', granted: ['admin', 'supervisor'] },
  'production.quarantine': { kind: 'act', granted: ['admin', 'supervisor'] },
  'production.machines': { kind: 'act', granted: ['admin', 'supervisor'] },
  'production.order': { kind: 'act', granted: ['admin', 'supervisor', 'operator:production'] },
});

/** Which action of the policy each command of cumulative-tracker is. */
export const trackerActions = {
  tick: 'task.run',
  readings: 'task.run',
  totals: 'production.read',
  machines: 'production.read',
  check: 'production.read',
  quarantine: 'production.read',
  machine: 'production.machines',
  order: 'production.order',
  correct: 'production.correct',
  rebaseline: 'production.correct',
  replay: 'production.quarantine',
  dismiss: 'production.quarantine',
} as const;
