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
} as const satisfies Readonly<Record<string, Action>>;

export function rightsOn(problem: CtpProblem, { may }: ProblemRights) {
  const isOpen = problem.status === 'ongoing' || problem.status === 'reopened';
  const isVoid = problem.status === 'void';
  return {
    complete: isOpen && may(ctpActions.complete),
    correct: !isVoid && may(ctpActions.correct),
    reopen: problem.status === 'completed' && may(ctpActions.reopen),
    void: !isVoid && may(ctpActions.void),
    files: !isVoid && may(ctpActions.correct),
  };
}
