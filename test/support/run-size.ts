// How much a test does: its share of `npm test`, or the long form that `npm run test:long` asks for by SHOPFLOOR_LONG.

export const isLongRun = !['', '0', undefined].includes(process.env.SHOPFLOOR_LONG);

/**
 * A test with two sizes takes its numbers from here, and its file says `// Suite: long.` at the head, by which
 * `npm run test:long` finds it. Both sizes assert the same.
 */
export function runSize<Size>(sizes: { readonly short: Size; readonly long: Size }): Size {
  return isLongRun ? sizes.long : sizes.short;
}
