// Names for the PLC's 16-character fields: the name itself where it fits, else a short key, never a cut name.

/** Characters of an ASCII field in PLC memory. */
export const plcNameLength = 16;

/** `short-key` writes `MO-1234` for what does not fit; `refuse` keeps the order out of the PLC. */
export type PlcNamePolicy = 'short-key' | 'refuse';

/** True for 1..16 printable ASCII characters without blanks at the ends, which a padded field could not show. */
export function fitsPlc(name: string): boolean {
  return name.length <= plcNameLength && /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(name);
}

/**
 * The name that goes to the PLC, or undefined when it does not fit and the policy refuses.
 * @param prefix `MO`, `BOM` or `P`: with the id it is unique, and no other name of this Odoo
 */
export function plcName(
  name: string,
  prefix: 'MO' | 'BOM' | 'P',
  id: number,
  policy: PlcNamePolicy,
): string | undefined {
  if (fitsPlc(name)) return name;
  const key = `${prefix}-${id}`;
  return policy === 'short-key' && fitsPlc(key) ? key : undefined;
}
