// What people write into the CTP log while it is read: a report, its correction and its end, and a correction of what is long over.
import { randomUUID } from 'node:crypto';
import type { CtpProblem } from '../../../nodes/ctp/messages.ts';
import type { Ask, Case, Command } from './reading-cases.ts';

/** Problems that were reported here and are not completed yet, mapped by the log they are in, the first one first. */
const open = new WeakMap<Command, CtpProblem[]>();

function openIn(send: Command): CtpProblem[] {
  const problems = open.get(send) ?? [];
  open.set(send, problems);
  return problems;
}

async function problemAfter(send: Command, payload: Readonly<Record<string, unknown>>): Promise<CtpProblem> {
  const answer = await send(payload);
  if (answer.kind !== 'data') throw new Error(`no problem but ${answer.kind}`);
  return answer.data as CtpProblem;
}

/** Takes the problem that waits longest; each case is asked as often as the one before it. */
function next(send: Command): CtpProblem {
  const problem = openIn(send).shift();
  if (!problem) throw new Error('no problem was reported before');
  return problem;
}

const report: Ask = async (send) => {
  // One open problem of the same words is allowed on a machine, so each has a number of its own.
  const number = randomUUID().slice(0, 8);
  const problem_description = `mesin laser head panas saat cetak order ${number} plat ke 7`;
  openIn(send).push(
    await problemAfter(send, { command: 'report', machine_id: 1, severity: 'slow', problem_description }),
  );
};

const correct: Ask = async (send) => {
  const { id, version } = next(send);
  const fields = {
    severity: 'stop',
    technician_type: 'lokal',
    technician_name: 'Budi Santoso',
    solution: 'menunggu kipas baru',
  };
  openIn(send).push(await problemAfter(send, { command: 'correct', id, version, ...fields }));
};

const complete: Ask = async (send) => {
  const { id, version } = next(send);
  await send({ command: 'complete', id, version, solution: 'ganti kipas lalu kalibrasi ulang laser' });
};

/** Of a day that is long rolled up; every second correction takes the first one back. */
function correctOld(): Ask {
  let old: CtpProblem | undefined;
  return async (send) => {
    old ??= await longOver(send);
    const severity = old.severity === 'minor' ? 'slow' : 'minor';
    const { id, version } = old;
    old = await problemAfter(send, { command: 'correct', id, version, severity, reason: 'bench' });
  };
}

async function longOver(send: Command): Promise<CtpProblem> {
  const answer = await send({ command: 'list', status: 'completed', year: 2021, month: 3, limit: 1 });
  const [problem] = (answer.kind === 'data' ? answer.data : []) as readonly CtpProblem[];
  if (!problem) throw new Error('the log has no problem of 2021');
  return problem;
}

/** In this order: each takes what the one before it left. */
export function writingCases(): readonly Case[] {
  return [
    { group: 'write', name: 'report', ask: () => report },
    { group: 'write', name: 'correct', ask: () => correct },
    { group: 'write', name: 'complete', ask: () => complete },
    { group: 'write', name: 'correct one of years ago', ask: correctOld },
  ];
}
