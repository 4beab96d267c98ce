// What can go wrong with Odoo, as one error class: its kind decides what the rules may do next.
import { type RefusalStatus, ShopfloorError } from '../core/errors.ts';

/**
 * `denied` login or rights; `refused` Odoo's own rule said no, nothing changed; `missing` the record is gone;
 * `transient` nothing changed and a later try may succeed; `unknown-outcome` the change may have happened: read it back;
 * `unsupported` this Odoo has no such model, field or method; `protocol` the answer is not Odoo's, or not as it must be.
 */
export type OdooErrorKind =
  | 'denied'
  | 'refused'
  | 'missing'
  | 'transient'
  | 'unknown-outcome'
  | 'unsupported'
  | 'protocol';

/** Odoo itself retries a contended call for up to about 30 s and may commit after we stopped listening (measured). */
export const lateRetryMs = 35_000;

const httpStatuses: Readonly<Record<OdooErrorKind, RefusalStatus>> = {
  denied: 502,
  refused: 409,
  missing: 404,
  transient: 503,
  'unknown-outcome': 504,
  unsupported: 502,
  protocol: 502,
};

/**
 * `answered` the server said something; `lost` the connection broke half-way, which one look afterwards clears up;
 * `away` nobody there, or nobody answering: the circuit breaker leaves the server alone for a while.
 */
export type LinkFate = 'answered' | 'lost' | 'away';

export interface OdooErrorOptions {
  readonly hint?: string;
  readonly cause?: unknown;
  /** How the link did; `answered` unless told. */
  readonly link?: LinkFate;
  /** The login itself was refused (not a right): logging in again may help. */
  readonly login?: boolean;
  /** A retry before this many ms is pointless or unsafe. */
  readonly retryAfterMs?: number;
}

export class OdooError extends ShopfloorError {
  readonly kind: OdooErrorKind;
  readonly link: LinkFate;
  readonly login: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(kind: OdooErrorKind, message: string, options: OdooErrorOptions = {}) {
    super(`odoo-${kind}`, httpStatuses[kind], message, {
      ...(options.hint !== undefined && { hint: options.hint }),
      ...(options.cause !== undefined && { cause: options.cause }),
    });
    this.kind = kind;
    this.link = options.link ?? 'answered';
    this.login = options.login ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** The same failure of a call that only reads: nothing can have changed, so a later try is always safe. */
  ofRead(): OdooError {
    if (this.kind !== 'unknown-outcome') return this;
    return new OdooError('transient', this.message, { cause: this.cause, link: this.link });
  }
}

/**
 * Text of a server made fit for people: one line, no file paths, not longer than a status page wants.
 * A traceback is never passed in whole; see `lastLine`.
 */
export function plainText(text: string, limit = 400): string {
  const line = text
    .replace(/(?<![\w])(?:[A-Za-z]:)?(?:[/\\][\w.@+-]+){2,}/g, '…')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}

/** The last non-empty line of a Python traceback: the exception and its message. */
export function lastLine(traceback: string): string {
  return traceback.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
