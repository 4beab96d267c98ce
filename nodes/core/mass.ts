// Masses as integers of a hundredth of a kilogram: the PLC's own unit, exact in every sum.

declare const centiKgBrand: unique symbol;

/** Hundredths of a kilogram; always a safe integer. */
export type CentiKg = number & { readonly [centiKgBrand]: true };

export const zeroMass = 0 as CentiKg;

/** Narrows an integer number of hundredths of a kilogram; throws a RangeError for anything else. */
export function centiKg(value: number): CentiKg {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number of hundredths of a kilogram`);
  return (value === 0 ? 0 : value) as CentiKg;
}

/**
 * `amount` x `centiKgPerUnit`, rounded half away from zero on the shortest decimal that stands for the amount,
 * so that 0.29 kg is 29 and 1.005 kg is 101 although no float holds either.
 * @param centiKgPerUnit hundredths of a kilogram in one unit: 100 for kg, 100000 for t, 0.1 for g
 */
export function roundToCentiKg(amount: number, centiKgPerUnit = 100): CentiKg {
  if (!Number.isFinite(amount)) throw new RangeError(`${amount} is not a mass`);
  // 15 significant digits hold every decimal of a scale or an ERP and drop binary noise (6.6000000000000005).
  const product = Number((amount * centiKgPerUnit).toPrecision(15));
  return centiKg(Math.sign(product) * Math.round(Math.abs(product)));
}

/** The mass in units of `centiKgPerUnit`, as the nearest float: for protocols that carry decimals. */
export function fromCentiKg(mass: CentiKg, centiKgPerUnit = 100): number {
  return Number((mass / centiKgPerUnit).toPrecision(15));
}

/** Exact sum. */
export function sumMass(masses: Iterable<CentiKg>): CentiKg {
  let total = 0;
  for (const mass of masses) total += mass;
  return centiKg(total);
}

/** Kilograms with two decimals, for texts: `1000.00`. */
export function formatKg(mass: CentiKg): string {
  const digits = Math.abs(mass).toString().padStart(3, '0');
  return `${mass < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
