// Many people at the CTP log in the same instant, as after a power cut: how long each waits for a report, and for its end.
import { randomUUID } from 'node:crypto';
import type { CtpProblem } from '../../../nodes/ctp/messages.ts';
import { shares } from './measuring.ts';
import type { Command } from './reading-cases.ts';

export interface CrowdFigures {
  readonly reports: { readonly p50: number; readonly p95: number };
  readonly ends: { readonly p50: number; readonly p95: number };
  /** Commands that were refused. */
  readonly refused: number;
}

/** Milliseconds of each command that was answered; the others are counted. */
interface Waits {
  readonly taken: number[];
  refused: number;
}

/**
 * `people` report on `machines` machines at once, `rounds` times and twice before to warm up; what they reported is completed before
 * the next round.
 */
export async function measureCrowd(
  send: Command,
  people: number,
  machines: number,
  rounds: number,
): Promise<CrowdFigures> {
  const reports: Waits = { taken: [], refused: 0 };
  const ends: Waits = { taken: [], refused: 0 };
  for (let round = -2; round < rounds; round += 1) {
    if (round === 0) for (const { taken } of [reports, ends]) taken.length = 0;
    const asked = Array.from({ length: people }, (_, person) =>
      timed(send, reports, {
        command: 'report',
        machine_id: 1 + (person % machines),
        severity: 'slow',
        problem_description: `listrik padam, laser head perlu dikalibrasi ulang ${randomUUID().slice(0, 8)}`,
      }),
    );
    const problems = (await Promise.all(asked)).filter((problem) => problem !== undefined);
    await Promise.all(problems.map(({ id, version }) => timed(send, ends, { command: 'complete', id, version })));
  }
  return { reports: shares(reports.taken), ends: shares(ends.taken), refused: reports.refused + ends.refused };
}

async function timed(send: Command, waits: Waits, command: Parameters<Command>[0]): Promise<CtpProblem | undefined> {
  const begin = performance.now();
  try {
    const answer = await send(command);
    waits.taken.push(performance.now() - begin);
    return answer.kind === 'data' ? (answer.data as CtpProblem) : undefined;
  } catch {
    waits.refused += 1;
    return undefined;
  }
}
