// The outcomes of a push or cancel, and which of them an error of Odoo means.
import type { Deviation, LaterReason, OdooPushCommand, OdooPushResult, PersonCode } from './messages.ts';
import { lateRetryMs, type OdooError } from './odoo-error.ts';
import { UnknownUnit } from './order-moves.ts';

/** The part of a result that differs between outcomes; ids and the number of calls are added once, at the end. */
export type Outcome = OdooPushResult extends infer Result
  ? Result extends OdooPushResult
    ? Omit<Result, 'pushId' | 'orderId' | 'action' | 'calls'>
    : never
  : never;

export function person(code: PersonCode, message: string, deviations: readonly Deviation[] = []): Outcome {
  return { outcome: 'person', code, message, deviations };
}

/** Accepted where the command does not say what. */
const onlyDeviation: readonly PersonCode[] = ['deviation'];

/** True when the person who accepted saw this. */
export function accepts(command: OdooPushCommand, code: PersonCode): boolean {
  return command.acceptedBy !== undefined && (command.accepted ?? onlyDeviation).includes(code);
}

/** A busy record or a full connection pool is free again within seconds. */
const transientRetryMs = 10_000;

/** A password or a right changes when somebody changes it; asking often would only fill Odoo's log. */
const deniedRetryMs = 5 * 60_000;

export function later(error: OdooError): Outcome {
  const unknown = error.kind === 'unknown-outcome';
  const least = unknown ? lateRetryMs : error.kind === 'denied' ? deniedRetryMs : transientRetryMs;
  const retryAfterMs = unknown ? Math.max(least, error.retryAfterMs ?? 0) : (error.retryAfterMs ?? least);
  const code = unknown ? 'unknown-outcome' : 'transient';
  return { outcome: 'later', code, message: error.message, retryAfterMs, reason: reasonOf(error) };
}

function reasonOf(error: OdooError): LaterReason {
  if (error.link === 'away') return 'away';
  if (error.kind === 'denied') return 'denied';
  if (error.kind === 'protocol') return 'settings';
  return error.kind === 'unknown-outcome' ? 'unclear' : 'busy';
}

/**
 * The outcome that an error means. Wrong addresses, databases, passwords and rights are `later`: they heal when somebody corrects
 * the settings, and nothing about the batch has to be decided.
 */
export function outcomeOfError(error: OdooError): Outcome {
  if (error instanceof UnknownUnit) return person('unit-unknown', error.message);
  switch (error.kind) {
    case 'refused':
      return person(/lot\/serial/i.test(error.message) ? 'lot-required' : 'odoo-refused', error.message);
    case 'unsupported':
      return person('odoo-refused', error.message);
    case 'missing':
      return person('order-missing', error.message);
    case 'denied':
    case 'transient':
    case 'unknown-outcome':
    case 'protocol':
      return later(error);
  }
}
