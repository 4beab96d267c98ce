// What is wrong with a field, in the language of the person.
import type { FieldFault } from '../../nodes/core/errors.ts';
import type { TextKey } from '../catalogues/index.ts';
import { hasText, text } from './language.ts';

/** The text of the fault's code; without one the sentence of the server, which is English. */
export function faultText({ code, values, message }: Omit<FieldFault, 'field'>): string {
  const key = `fault.${code}`;
  return hasText(key) ? text(key as TextKey, values) : message;
}
