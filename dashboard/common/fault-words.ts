// What the server says of a wrong field, in the language of the person: its sentences are English, and each has a text of its own.
import type { TextKey } from '../catalogues/index.ts';
import { text } from './language.ts';

/** Sentences of nodes/core/field-reader.ts and of the rules of nodes/ctp; named groups become values of the text. */
const sentences: readonly (readonly [RegExp, TextKey])[] = [
  [/^must not be empty$/, 'fault.empty'],
  [/^must be a text of at most (?<most>\d+) characters$/, 'fault.too-long'],
  [/^must have 1 to (?<most>\d+) characters$/, 'fault.length'],
  [/^must be one of (?<choices>.*)$/s, 'fault.choice'],
  [/^must be a whole number(?: of pieces)? from (?<least>\d+) to (?<most>\d+)$/, 'fault.whole'],
  [/^must be a list of at most (?<most>\d+)/, 'fault.too-many'],
  [/^must not hold the character NUL$/, 'fault.character'],
  [/must not be in the future$/, 'fault.future'],
  [/^must not be before the year 2000$/, 'fault.year'],
  [/^must not be before start_time$/, 'fault.before-start'],
  [/^must not be after end_time$/, 'fault.after-end'],
  [/^must be an ISO 8601 date and time/, 'fault.instant'],
  [/^can not be emptied; reopen/, 'fault.reopen'],
  [/^(?<code>.+) is not in the plant's list of codes$/s, 'fault.unknown-code'],
  [/^must have at most 25 letters, digits/, 'fault.code'],
  [/^is not yours to change$/, 'fault.not-yours'],
  [/^must say which machine$/, 'fault.machine'],
  [/^is no machine of this plant$/, 'fault.no-machine'],
  [/^(?<name>.+) is retired$/s, 'fault.retired'],
  [/^must say what is wrong$/, 'fault.empty'],
  [/^must bring at least one file$/, 'fault.no-file'],
];

/** The sentence of a fault as the person reads it; one that is not known here stays as it is. */
export function faultText({ message }: { readonly message: string }): string {
  for (const [sentence, key] of sentences) {
    const found = sentence.exec(message);
    if (found) return text(key, found.groups ?? {});
  }
  return message;
}
