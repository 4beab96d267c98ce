// Reads the settings of a batch board: numbers, or environment variables that hold them.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { namedVariable, settingText } from '../core/setting-text.ts';
import type { BoardSettings } from './board-view.ts';

/** As a new node has them: three readings of the original plant, and the tolerance of its scales. */
const usual = { staleMinutes: 15, tolerancePercent: 5 };

/** Throws InvalidInput with every wrong property; `resolve` turns the name of a variable, as written, into its value. */
export function boardSettings(
  config: { readonly staleMinutes: unknown; readonly tolerancePercent: unknown },
  resolve: (value: string) => unknown,
): BoardSettings {
  const faults: FieldFault[] = [];
  const read = (field: 'staleMinutes' | 'tolerancePercent', max: number): number => {
    const given = config[field];
    const text = settingText(namedVariable(given) === undefined ? given : resolve(String(given)));
    const value = text === '' ? usual[field] : Number(text);
    if (value > 0 && value <= max) return value;
    faults.push({ field, message: `"${text}" is not a number above 0 and up to ${max}` });
    return usual[field];
  };
  const settings = {
    staleAfterSeconds: read('staleMinutes', 10_080) * 60,
    tolerancePermille: read('tolerancePercent', 100) * 10,
  };
  if (faults.length > 0) throw new InvalidInput(faults, 'The setting of ui-batch-board');
  return settings;
}
