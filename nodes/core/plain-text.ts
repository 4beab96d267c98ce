// Text out of outside data, without turning objects into "[object Object]".

/** Strings as they are, numbers as digits, everything else (missing, objects, lists) as the empty text. */
export function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : '';
}
