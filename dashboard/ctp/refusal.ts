// A refusal of the server in words for the person who asked.

import type { TextKey } from '../catalogues/index.ts';
import { faultText } from '../common/fault-words.ts';
import type { ServerAnswer } from '../common/http.ts';
import { hasText, text, textOf } from '../common/language.ts';

type Refusal = Extract<ServerAnswer<unknown>, { ok: false }>;

/** The code in the person's language where it is known, then every field that the server named. */
export function refusalText({ code, message, fields }: Pick<Refusal, 'code' | 'message' | 'fields'>): string {
  const known = hasText(`ctp.code.${code}`) || hasText(`result.code.${code}`);
  const sentence = hasText(`ctp.code.${code}`)
    ? text(`ctp.code.${code}` as TextKey)
    : textOf('result.code.', code, 'ctp.refused');
  const details = fields.map((fault) => `${nameOf(fault.field)}: ${faultText(fault)}`).join('; ');
  if (details) return `${sentence} ${details}`;
  return known || message === '' ? sentence : `${sentence} ${message}`;
}

/**
 * Whether nothing was done for sure. Without an answer, or with a fault of the server or of what stands before it, the act may have
 * been done: sent again under the same commandId it is done once.
 */
export function isCertain({ status }: Pick<Refusal, 'status'>): boolean {
  return status >= 400 && status < 500;
}

/** Fault of one field; empty when the server has none. */
export function faultOf(fields: Refusal['fields'], field: string): string {
  const fault = fields.find((each) => each.field === field);
  return fault ? faultText(fault) : '';
}

function nameOf(field: string): string {
  const key = `ctp.field.${field.replace(/\[.*$/, '')}`;
  return hasText(key) ? text(key as TextKey) : field;
}
