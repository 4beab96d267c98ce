// Which actions of the policy the commands of the CTP room are, who has them, and which routes may receive files.

import type { Action } from '../access/messages.ts';
import { declareOwnRoute } from '../access/own-routes.ts';
import { declareActions, type Grantee } from '../access/policy.ts';
import { declareUpload } from '../attachments/upload-rules.ts';
import type { CtpCommand } from './messages.ts';

const leaders: readonly Grantee[] = ['admin', 'supervisor'];
const readers: readonly Grantee[] = [...leaders, 'ctp', 'maintenance'];

/** `ctp` holds an action for the machines that a person is assigned to; managers have every one of kind `read`. */
declareActions({
  'ctp.read': { kind: 'read', granted: readers },
  'ctp.board': { kind: 'read', granted: [...readers, 'display'] },
  'ctp.export': { kind: 'read', granted: readers },
  /** Whoever has it sees every machine in every answer, without being asked for each; a wall screen sees all, but the board only. */
  'ctp.all-machines': { kind: 'read', granted: [...leaders, 'maintenance'] },
  'ctp.report': { kind: 'act', granted: [...leaders, 'ctp'] },
  /** May ask at all; which fields of which problem is `ctp.lead`, `ctp.own` and `ctp.repair`. */
  'ctp.correct': { kind: 'act', granted: readers },
  'ctp.complete': { kind: 'act', granted: readers },
  'ctp.lead': { kind: 'act', granted: leaders },
  'ctp.own': { kind: 'act', granted: [...leaders, 'ctp'] },
  'ctp.repair': { kind: 'act', granted: [...leaders, 'maintenance'] },
  'ctp.reopen': { kind: 'act', granted: leaders },
  'ctp.void': { kind: 'act', granted: leaders, proof: 'password' },
  'ctp.status': { kind: 'act', granted: [...leaders, 'ctp'] },
  'ctp.configure': { kind: 'act', granted: leaders, proof: 'password' },
  'ctp.clock': { kind: 'act', granted: ['admin'], proof: 'password' },
});

/** Pages are declared with the roles of nodes/access/messages.ts. */
export const ctpActions: Readonly<Record<CtpCommand['command'], Action>> = {
  machines: 'ctp.read',
  machine: 'ctp.read',
  'add-machine': 'ctp.configure',
  'change-machine': 'ctp.configure',
  'set-status': 'ctp.status',
  'status-history': 'ctp.read',
  list: 'ctp.read',
  get: 'ctp.read',
  history: 'ctp.read',
  report: 'ctp.report',
  correct: 'ctp.correct',
  complete: 'ctp.complete',
  reopen: 'ctp.reopen',
  void: 'ctp.void',
  'add-files': 'ctp.correct',
  'hide-file': 'ctp.correct',
  file: 'ctp.read',
  similar: 'ctp.read',
  statistics: 'ctp.read',
  export: 'ctp.export',
  codes: 'ctp.read',
  'add-code': 'ctp.configure',
  'retire-code': 'ctp.configure',
  tick: 'ctp.clock',
  told: 'ctp.clock',
  board: 'ctp.board',
};

const problems = '/api/ctp-problem-logs';
declareUpload({ method: 'POST', path: problems, action: 'ctp.report' });
declareUpload({ method: 'PUT', path: `${problems}/{id}`, action: 'ctp.correct' });
declareUpload({ method: 'POST', path: `${problems}/{id}/complete`, action: 'ctp.complete' });
declareUpload({ method: 'POST', path: `${problems}/{id}/photos`, action: 'ctp.correct' });
declareUpload({ method: 'POST', path: `${problems}/{id}/documents`, action: 'ctp.correct' });

/** Flow `ctp-log` leads it to the node notify. */
declareOwnRoute({ method: 'PUT', path: '/api/ctp-notifications/{id}/read', action: 'notification.mark' });
