// The doctor's round: all systems at once, each reported as soon as its examination is over.
import type { Clock } from '../../nodes/core/clock.ts';
import { type Examination, examine, type OutsideSystem } from './examination.ts';
import { formatExamination, formatSummary, hasFailure } from './report.ts';

export interface Round {
  readonly clock: Clock;
  /** Takes finished text, without secrets. */
  readonly write: (text: string) => void;
  readonly hideSecrets: (text: string) => string;
}

/** Resolves to true when nothing failed. */
export async function makeRound(systems: readonly OutsideSystem[], round: Round): Promise<boolean> {
  const say = (text: string): void => round.write(round.hideSecrets(text));
  const examinations = await Promise.all(
    systems.map(async (system): Promise<Examination> => {
      const examination = await examine(system, round.clock);
      say(`${formatExamination(examination)}`);
      return examination;
    }),
  );
  say(formatSummary(examinations));
  return !examinations.some(hasFailure);
}
