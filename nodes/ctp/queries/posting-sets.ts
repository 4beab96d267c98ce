// Finds the problems that meet a query in the packed postings of its terms, without asking anything.
import { idsAmong, unionOf, unpackIds } from './id-set.ts';
import { longestBeginningTerm } from './posting-index.ts';
import { marks } from './text-marks.ts';
import type { TextTerm } from './text-query.ts';

/** A group of which at least one term must occur: listed ones, or whatever begins in a way. */
export interface Group {
  readonly words: readonly string[];
  readonly beginning: string | undefined;
}

/** Packed ids, mapped by span and term. */
export type Postings = ReadonlyMap<number, ReadonlyMap<string, Uint8Array>>;

export function groupOf(terms: readonly TextTerm[]): Group {
  const [only] = terms;
  if (only?.isBeginning !== true) return { words: terms.map(({ term }) => term), beginning: undefined };
  if (only.term.startsWith('_') || Array.from(only.term).length > longestBeginningTerm)
    return { words: [], beginning: only.term };
  return { words: [marks.beginning(only.term)], beginning: undefined };
}

/** What meets every group in the newest of `spans`, as many of them as hold `limit` matches. */
export function newestIn(
  spans: readonly number[],
  groups: readonly Group[],
  postings: Postings,
  limit: number,
): readonly number[] {
  const ids: number[] = [];
  for (const span of spans) {
    if (ids.length >= limit) break;
    for (const id of idsInAll(groups, postings.get(span) ?? new Map())) ids.push(id);
  }
  return ids;
}

/** Begins with the shortest group and keeps what the others have, too. */
export function idsInAll(groups: readonly Group[], postings: ReadonlyMap<string, Uint8Array>): readonly number[] {
  const packed = groups
    .map(({ words, beginning }) =>
      beginning === undefined
        ? words.flatMap((word) => postings.get(word) ?? [])
        : [...postings].filter(([word]) => word.startsWith(beginning)).map(([, ids]) => ids),
    )
    .sort((left, right) => bytesOf(left) - bytesOf(right));
  const [shortest = [], ...others] = packed;
  let ids = unionOf(shortest.map(unpackIds));
  for (const other of others) ids = unionOf(other.map((one) => idsAmong(ids, one)));
  return ids;
}

function bytesOf(packed: readonly Uint8Array[]): number {
  return packed.reduce((sum, { length }) => sum + length, 0);
}
