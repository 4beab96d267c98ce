// What to offer on one problem. The server decides again at every command; this only keeps buttons away that would be refused.

import type { Action } from '../../nodes/access/messages.ts';
import type { CtpProblem } from '../../nodes/ctp/messages.ts';

export interface ProblemRights {
  readonly login: string;
  readonly may: (action: Action) => boolean;
}

/** Actions of the policy, as nodes/ctp declares them. */
export const ctpActions = {
  read: 'ctp.read',
  report: 'ctp.report',
  correct: 'ctp.correct',
  complete: 'ctp.complete',
  reopen: 'ctp.reopen',
  void: 'ctp.void',
  status: 'ctp.status',
  export: 'ctp.export',
  lead: 'ctp.lead',
  own: 'ctp.own',
  repair: 'ctp.repair',
} as const satisfies Readonly<Record<string, Action>>;

export function rightsOn(problem: CtpProblem, { login, may }: ProblemRights) {
  const isOpen = problem.status === 'ongoing' || problem.status === 'reopened';
  const isVoid = problem.status === 'void';
  const owns = may(ctpActions.own) && problem.created_by === login && isOpen;
  const everyField = !isVoid && (may(ctpActions.lead) || owns);
  const writes = everyField || (!isVoid && may(ctpActions.repair));
  return {
    complete: isOpen && writes && may(ctpActions.complete),
    correct: writes && may(ctpActions.correct),
    /** Otherwise solution, parts and end alone. */
    everyField: everyField && may(ctpActions.correct),
    reopen: problem.status === 'completed' && may(ctpActions.reopen),
    void: !isVoid && may(ctpActions.void),
    addFiles: writes && may(ctpActions.correct),
    hideFiles: everyField && may(ctpActions.correct),
  };
}
