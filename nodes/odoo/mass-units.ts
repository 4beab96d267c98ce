// Units of measure that are masses, by the names that a plant's Odoo gives them.
import { InvalidInput } from '../core/errors.ts';
import type { MassUnit } from './messages.ts';
import type { Reference } from './record-values.ts';

/** Mapped by lower-case name: hundredths of a kilogram in one unit. */
export type MassUnits = ReadonlyMap<string, number>;

/** Odoo's own names in English and Indonesian. */
export const defaultMassUnits: MassUnits = new Map([
  ['kg', 100],
  ['kilogram', 100],
  ['g', 0.1],
  ['gram', 0.1],
  ['t', 100_000],
  ['ton', 100_000],
  ['tonne', 100_000],
]);

/** The unit behind Odoo's reference; undefined for one that is no known mass. */
export function massUnit(units: MassUnits, reference: Reference): MassUnit | undefined {
  const centiKgPerUnit = units.get(reference.name.trim().toLowerCase());
  return centiKgPerUnit === undefined ? undefined : { ...reference, centiKgPerUnit };
}

/** Reads lines `name = kilograms in one` that add to the defaults; throws InvalidInput for anything else. */
export function parseMassUnits(text: string | undefined): MassUnits {
  const units = new Map(defaultMassUnits);
  for (const [index, line] of (text ?? '').split('\n').entries()) {
    if (line.trim() === '') continue;
    const [, name = '', kilograms = ''] = /^(.*\S)\s*=\s*(\d+(?:\.\d+)?)\s*$/.exec(line) ?? [];
    const centiKg = Number((Number(kilograms) * 100).toPrecision(15));
    if (name.trim() === '' || !(centiKg > 0)) {
      const message = `line ${index + 1} must be "name = kilograms in one", such as "sak = 50"`;
      throw new InvalidInput([{ field: 'massUnits', message }], 'The list of units');
    }
    units.set(name.trim().toLowerCase(), centiKg);
  }
  return units;
}
