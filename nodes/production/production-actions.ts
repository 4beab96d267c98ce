// Which action of the policy each command of the production room is, and who has it.
import type { Action } from '../access/messages.ts';
import { declareActions, type Grantee } from '../access/policy.ts';
import type { ProductionRequest } from './page-contract.ts';

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

declareActions({
  'production.read': { kind: 'read', granted: readers },
  // Not bound to the machines that one is assigned to.
  'production.all-machines': { kind: 'read', granted: readers.filter((grantee) => !grantee.startsWith('operator')) },
  // An operator says why the own machine stood.
  'production.reason': { kind: 'act', granted: ['admin', 'supervisor', 'maintenance', 'operator:production'] },
});

export const productionActions: Readonly<Record<ProductionRequest['command'], Action>> = {
  shifts: 'production.read',
  timeline: 'production.read',
  stops: 'production.read',
  reasons: 'production.read',
  reason: 'production.reason',
};
