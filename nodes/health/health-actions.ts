// Which action of the policy each command of the health room is, and who has it.
import type { Action } from '../access/messages.ts';
import { declareActions, type Grantee } from '../access/policy.ts';
import type { HealthCommand } from './messages.ts';

const readers: readonly Grantee[] = [
  'admin',
  'supervisor',
  'maintenance',
  'operator:production',
  'qc',
  'qc-supervisor',
  'manager',
  'display',
];
const responsible: readonly Grantee[] = ['admin', 'supervisor', 'maintenance'];

declareActions({
  'health.read': { kind: 'read', granted: readers },
  'health.measure': { kind: 'act', granted: responsible },
  // An operator acknowledges at the own machines.
  'health.acknowledge': { kind: 'act', granted: [...responsible, 'operator:production'] },
  'health.shelve': { kind: 'act', granted: responsible },
  'health.configure': { kind: 'act', granted: ['admin', 'supervisor'], proof: 'password' },
  'repair.estimate': { kind: 'act', granted: [...responsible, 'operator:production'] },
  'repair.record': { kind: 'act', granted: responsible },
  'repair.import': { kind: 'act', granted: ['admin', 'supervisor'], proof: 'password' },
});

export const healthActions: Readonly<Record<HealthCommand['command'], Action>> = {
  list: 'health.read',
  get: 'health.read',
  components: 'health.read',
  view: 'health.read',
  trend: 'health.read',
  history: 'health.read',
  measure: 'health.measure',
  acknowledge: 'health.acknowledge',
  shelve: 'health.shelve',
  unshelve: 'health.shelve',
  suppress: 'health.shelve',
  unsuppress: 'health.shelve',
  configure: 'health.configure',
};
