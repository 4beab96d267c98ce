// One outside system under the doctor's eyes: examined within a deadline, whatever the system or its driver does.
import type { Clock } from '../../nodes/core/clock.ts';
import type { Diagnosis } from '../../nodes/core/diagnosis.ts';
import { asError } from '../../nodes/core/errors.ts';

/** Not configured, so that `npm start` brings a stand-in: there is nothing to examine. */
export interface StandIn {
  /** Such as "PLC". */
  readonly name: string;
  /** What the stand-in is and what to set to examine the real one. */
  readonly standIn: string;
}

export interface RealSystem {
  readonly name: string;
  /** Where it is, for people; must hold no secret. */
  readonly location: string;
  /** After this the examination counts as failed, though its promise may never settle. */
  readonly deadlineMs: number;
  /** Reads only. `signal` fires at the deadline. A rejection is a finding like any other. */
  readonly examine: (signal: AbortSignal) => Promise<readonly Diagnosis[]>;
}

export type OutsideSystem = StandIn | RealSystem;

/** What one system showed; a stand-in shows nothing. */
export interface Examination {
  readonly system: OutsideSystem;
  readonly diagnoses: readonly Diagnosis[];
}

/** Never rejects, and settles at the deadline at the latest. */
export async function examine(system: OutsideSystem, clock: Clock): Promise<Examination> {
  if ('standIn' in system) return { system, diagnoses: [] };
  const abort = new AbortController();
  let stopDeadline: () => void = () => {};
  const late = new Promise<readonly Diagnosis[]>((resolve) => {
    stopDeadline = clock.after(system.deadlineMs, () => {
      resolve([overdue(system)]);
      abort.abort();
    });
  });
  try {
    return { system, diagnoses: await Promise.race([startOf(system, abort.signal), late]) };
  } catch (thrown) {
    const advice = 'This is not a fault that the doctor knows. Check the address of this system and its own log.';
    return { system, diagnoses: [{ check: 'examination', verdict: 'fails', found: asError(thrown).message, advice }] };
  } finally {
    stopDeadline();
  }
}

/** A throw before the first await is a rejection too. */
async function startOf(system: RealSystem, signal: AbortSignal): Promise<readonly Diagnosis[]> {
  return system.examine(signal);
}

function overdue({ name, deadlineMs }: RealSystem): Diagnosis {
  return {
    check: 'answers in time',
    verdict: 'fails',
    found: `no result within ${deadlineMs / 1000} s`,
    advice: `Check that the ${name} is switched on and that no firewall swallows the connection.`,
  };
}
