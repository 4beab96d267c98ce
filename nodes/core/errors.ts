// The one error class of the package: a code for machines, a sentence for people, an HTTP status for routes.

/** One refused field of an input; `field` is a path such as `components[2].massCentiKg`. */
export interface FieldFault {
  readonly field: string;
  readonly message: string;
  /** Which rule it breaks, in kebab-case and stable, such as `too-long`: for whoever says it in another language. */
  readonly code?: string;
  /** Figures and words of the message by name, such as `{most: 100}`. */
  readonly values?: Readonly<Record<string, string | number>>;
}

export interface ShopfloorErrorOptions {
  /** What the reader should check or do; part of the sentence an engineer sees. */
  readonly hint?: string;
  readonly fields?: readonly FieldFault[];
  /** The current state, sent with a 409 so that the caller can decide again. */
  readonly current?: unknown;
  readonly cause?: unknown;
}

/** HTTP statuses that a refusal may carry (DESIGN promise 9). */
export type RefusalStatus = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 429 | 500 | 502 | 503 | 504;

/**
 * An error with a stable `code` in kebab-case. Rooms subclass it with their own code unions;
 * glue maps it once to `done(err)`, a status and, for HTTP, to the reply envelope.
 */
export class ShopfloorError extends Error {
  readonly code: string;
  readonly httpStatus: RefusalStatus;
  readonly hint: string | undefined;
  readonly fields: readonly FieldFault[];
  readonly current: unknown;

  constructor(code: string, httpStatus: RefusalStatus, message: string, options: ShopfloorErrorOptions = {}) {
    super(options.hint ? `${message} ${options.hint}` : message, { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.httpStatus = httpStatus;
    this.hint = options.hint;
    this.fields = options.fields ?? [];
    this.current = options.current;
  }
}

/** Outside data that does not have the shape it must have: 400 with a field list. */
export class InvalidInput extends ShopfloorError {
  constructor(fields: readonly FieldFault[], what = 'The input') {
    super('invalid-input', 400, `${what} is refused: ${fields.map((f) => `${f.field}: ${f.message}`).join('; ')}.`, {
      fields,
    });
  }
}

/** A node that can't work with its settings answers everything with this: 503, and which settings are at fault. */
export class SettingsRefused extends ShopfloorError {
  constructor(message: string, options: Omit<ShopfloorErrorOptions, 'current'> = {}) {
    super('settings-wrong', 503, message, options);
  }
}

/** What was thrown, as an Error, whatever it was. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
