// Which action of the policy each command of production-oee is.
import type { Action } from '../access/messages.ts';
import { declareActions } from '../access/policy.ts';
import { productionActions } from './production-actions.ts';
import type { QueryName } from './query-parser.ts';

declareActions({ 'production.configure': { kind: 'act', granted: ['admin', 'supervisor'], proof: 'password' } });

export const queryActions: Readonly<Record<QueryName, Action>> = {
  ...productionActions,
  current: 'production.read',
  oee: 'production.read',
  windows: 'production.read',
  'sensor-current': 'production.read',
  'sensor-realtime': 'production.read',
  'downtime-history': 'production.read',
  'downtime-statistics': 'production.read',
  'save-reason': 'production.configure',
};
