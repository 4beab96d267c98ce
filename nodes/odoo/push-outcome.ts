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

export function later(error: OdooError): Outcome {
  const unknown = error.kind === 'unknown-outcome';
  const retryAfterMs = unknown
    ? Math.max(lateRetryMs, error.retryAfterMs ?? 0)
    : (error.retryAfterMs ?? transientRetryMs);
  return { outcome: 'later', code: unknown ? 'unknown-outcome' : 'transient', message: error.message, retryAfterMs };
}

/**
 * The outcome that an error means. Wrong addresses and databases are `later`: they heal when somebody corrects
 * the settings, and nothing about the batch has to be decided.
 */
export function outcomeOfError(error: OdooError): Outcome {
  if (error instanceof UnknownUnit) return person('unit-unknown', error.message);
  switch (error.kind) {
    case 'denied':
      return person('denied', error.message);
    case 'refused':
      return person(/lot\/serial/i.test(error.message) ? 'lot-required' : 'odoo-refused', error.message);
    case 'unsupported':
      return person('odoo-refused', error.message);
    case 'missing':
      return person('order-missing', error.message);
    case 'transient':
    case 'unknown-outcome':
    case 'protocol':
      return later(error);
  }
}
