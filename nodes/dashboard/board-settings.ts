// Reads the settings of a batch board: numbers, or environment variables that hold them.
import { InvalidInput } from '../core/errors.ts';
import type { BoardSettings } from './board-view.ts';

/** Throws InvalidInput; `resolve` turns `${NAME}` into the variable's value. */
export function boardSettings(
  config: { readonly staleMinutes: unknown; readonly tolerancePercent: unknown },
  resolve: (value: string) => unknown,
): BoardSettings {
  const read = (field: 'staleMinutes' | 'tolerancePercent', max: number): number => {
    const given = config[field];
    const raw = typeof given === 'string' || typeof given === 'number' ? String(given) : '';
    const value = Number(/^\$\{[^}]+\}$/.test(raw) ? resolve(raw) : raw || Number.NaN);
    if (Number.isFinite(value) && value > 0 && value <= max) return value;
    throw new InvalidInput([{ field, message: `"${raw}" is not a number above 0 and up to ${max}` }]);
  };
  return {
    staleAfterSeconds: read('staleMinutes', 10_080) * 60,
    tolerancePermille: read('tolerancePercent', 100) * 10,
  };
}
