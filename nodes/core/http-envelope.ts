// The reply envelope of every route: `{success:true, ...}` or `{success:false, error:{code, message, fields?}}`.
import { randomUUID } from 'node:crypto';
import { type FieldFault, ShopfloorError } from './errors.ts';

export interface ErrorEnvelope {
  readonly success: false;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly fields?: readonly FieldFault[];
    readonly current?: unknown;
  };
}

export interface HttpReply {
  readonly statusCode: number;
  readonly payload: object;
}

/** A successful reply; `body` is spread beside `success`, so a list route passes `{data, total, limit, offset}`. */
export function successReply(body: object, statusCode = 200): HttpReply {
  return { statusCode, payload: { success: true, ...body } };
}

/** A refusal as its status and envelope; anything unexpected as a 500 that carries an id and no internals. */
export function errorReply(error: unknown): HttpReply & { readonly payload: ErrorEnvelope; readonly errorId?: string } {
  if (error instanceof ShopfloorError && error.httpStatus !== 500) {
    return {
      statusCode: error.httpStatus,
      payload: {
        success: false,
        error: {
          code: error.code,
          message: error.message,
          ...(error.fields.length > 0 && { fields: error.fields }),
          ...(error.current !== undefined && { current: error.current }),
        },
      },
    };
  }
  const errorId = randomUUID();
  return {
    statusCode: 500,
    payload: {
      success: false,
      error: { code: 'internal', message: `An internal error was logged under ${errorId}.` },
    },
    errorId,
  };
}
