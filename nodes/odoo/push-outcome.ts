// The outcomes of a push or cancel, and which of them an error of Odoo means.
import type { Deviation, OdooPushResult } from './messages.ts';
import { lateRetryMs, type OdooError } from './odoo-error.ts';
import { UnknownUnit } from './order-moves.ts';

/** The part of a result that differs between outcomes; ids and the number of calls are added once, at the end. */
export type Outcome = OdooPushResult extends infer Result
  ? Result extends OdooPushResult
    ? Omit<Result, 'pushId' | 'orderId' | 'action' | 'calls'>
    : never
  : never;

export type PersonCode = Extract<OdooPushResult, { readonly outcome: 'person' }>['code'];

export function person(code: PersonCode, message: string, deviations: readonly Deviation[] = []): Outcome {
  return { outcome: 'person', code, message, deviations };
}

/** A busy record or a full connection pool is free again within seconds. */
const transientRetryMs = 10_000;

/** A password or a right changes when somebody changes it; asking often would only fill Odoo's log. */
const deniedRetryMs = 5 * 60_000;

export function later(error: OdooError): Outcome {
  const unknown = error.kind === 'unknown-outcome';
  const least = unknown ? lateRetryMs : error.kind === 'denied' ? deniedRetryMs : transientRetryMs;
  const retryAfterMs = unknown ? Math.max(least, error.retryAfterMs ?? 0) : (error.retryAfterMs ?? least);
  return { outcome: 'later', code: unknown ? 'unknown-outcome' : 'transient', message: error.message, retryAfterMs };
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
