// Turns texts into search words the same way for both engines, and what a person types into words that can't break a query.

/** Longer words are cut: nobody types more, and an index entry stays small. */
const longestWord = 40;
/** More distinct words of one problem than a page of text has. */
const mostWords = 600;
/** Further words of a search make it no narrower in practice. */
export const mostSearchWords = 10;

/** Lower-case letters and digits without diacritics, in order, repeats included. */
export function wordsOf(text: string): readonly string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => Array.from(word).slice(0, longestWord).join(''));
}

export interface SearchableTexts {
  readonly problem_description: string;
  readonly solution: string | null;
  readonly technician_name: string | null;
  readonly vendor_name: string | null;
  readonly error_code: string | null;
}

/** Distinct words by which a problem is found; an error code is also found as one word, `E-404` as `e404`. */
export function searchableWords(texts: SearchableTexts): readonly string[] {
  const code = wordsOf(texts.error_code ?? '');
  return [
    ...new Set([
      ...code,
      ...(code.length > 1 ? [code.join('').slice(0, longestWord)] : []),
      ...wordsOf(texts.technician_name ?? ''),
      ...wordsOf(texts.vendor_name ?? ''),
      ...wordsOf(texts.problem_description),
      ...wordsOf(texts.solution ?? ''),
    ]),
  ].slice(0, mostWords);
}

/** What is looked for: every whole word, and one that may go on. */
export interface SearchWords {
  readonly whole: readonly string[];
  /** The last word typed; its beginning is enough. */
  readonly beginning: string;
}

/** Undefined when `text` has no letter and no digit: nothing can be found by it. */
export function searchWords(text: string): SearchWords | undefined {
  const words = wordsOf(text).slice(0, mostSearchWords);
  const beginning = words.at(-1);
  if (beginning === undefined) return undefined;
  return { whole: [...new Set(words.slice(0, -1))], beginning };
}

/**
 * Whether one typing slip (a missing, extra, wrong or swapped letter) leads from one word to the other; two slips for words of
 * eight letters and more. Optimal string alignment distance.
 */
export function isNearly(left: string, right: string): boolean {
  const allowed = Math.min(left.length, right.length) >= 8 ? 2 : 1;
  if (Math.abs(left.length - right.length) > allowed) return false;
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let slips = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const isSwap =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (isSwap) slips = Math.min(slips, (beforeLast[column - 2] ?? 0) + 1);
      current.push(slips);
    }
    beforeLast = last;
    last = current;
  }
  return (last[right.length] ?? allowed + 1) <= allowed;
}
