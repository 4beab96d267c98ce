// Cuts word ranges into requests: never more words than the PLC takes at once, never outside what may be touched.
import type { WordRange } from './memory-map.ts';
import { PlcLinkError } from './plc-link.ts';

/** Modbus application protocol 1.1b3: 125 words in one read (6.3), 123 in one write (6.12). */
export const mostWordsPerRead = 125;
export const mostWordsPerWrite = 123;

/**
 * Requests that cover each of `ranges` in order and nothing else. Ranges are never joined: a range that fits into one
 * request is one consistent answer of the PLC. A longer range becomes the fewest requests.
 * Throws PlcLinkError `out-of-range` for a range that does not lie wholly inside one of `areas`.
 */
export function planRequests(
  ranges: readonly WordRange[],
  mostWords: number,
  areas: readonly WordRange[],
): WordRange[] {
  if (!Number.isInteger(mostWords) || mostWords < 1)
    throw new RangeError(`${mostWords} words per request is impossible`);
  return ranges.flatMap((range) => {
    if (!areas.some((area) => contains(area, range))) {
      throw new PlcLinkError('out-of-range', `${describeRange(range)} lies outside the areas of the memory map.`);
    }
    const requests: WordRange[] = [];
    for (let done = 0; done < range.count; done += mostWords) {
      requests.push({ address: range.address + done, count: Math.min(mostWords, range.count - done) });
    }
    return requests;
  });
}

/** What remains of `range` around the single word at `address`; the range itself when the word lies outside. */
export function withoutWord(range: WordRange, address: number): WordRange[] {
  const before = address - range.address;
  if (before < 0 || before >= range.count) return [range];
  return [
    { address: range.address, count: before },
    { address: address + 1, count: range.count - before - 1 },
  ].filter((part) => part.count > 0);
}

/** `D7000`, or `D7000-D7076`. */
export function describeRange({ address, count }: WordRange): string {
  return count === 1 ? `D${address}` : `D${address}-D${address + count - 1}`;
}

function contains(area: WordRange, range: WordRange): boolean {
  const isRange = Number.isInteger(range.address) && Number.isInteger(range.count) && range.count > 0;
  return isRange && range.address >= area.address && range.address + range.count <= area.address + area.count;
}
