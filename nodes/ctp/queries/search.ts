// Searches problems by words, newest first, with work that stays bounded however common the words are.
import type { Kysely } from 'kysely';
import type { StoreEngine } from '../../store/store.ts';
import type { ListFilter } from './filter.ts';
import { FtsSearch } from './fts-search.ts';
import type { Placed } from './pages.ts';
import { PostingSearch } from './posting-search.ts';
import { highestPlace, placeFrom } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';
import { type Matches, markGroups, type TextQuery, type TextSearch, type TextTerm, wordTerm } from './text-query.ts';
import { continuationsOf } from './word-list.ts';
import { searchWords } from './words.ts';

/** A total is counted up to here; beyond, it is a floor. */
export const countedMatches = 1_000;
/** A beginning with more continuations is looked up as a beginning; such short ones have an index of their own. */
const mostContinuations = 32;

const nothing: Matches = { rows: [], count: Promise.resolve({ total: 0, totalExact: true }) };

export class ProblemSearch {
  readonly #db: Kysely<CtpReadSchema>;
  readonly #index: TextSearch;

  constructor(db: Kysely<CtpReadSchema>, engine: StoreEngine) {
    this.#db = db;
    this.#index = engine === 'sqlite' ? new FtsSearch(db) : new PostingSearch(db);
  }

  /**
   * Matches of `filter.search` below `below`; only a first page is counted. Every word must occur, the last one by its beginning.
   * Text without a letter or digit finds nothing.
   */
  async find(filter: ListFilter, below: number | undefined, limit: number): Promise<Matches> {
    const words = searchWords(filter.search ?? '');
    if (!words || filter.machines?.length === 0) return nothing;
    const isVoid = filter.status === 'void';
    const continuations = await continuationsOf(this.#db, words.beginning, mostContinuations);
    if (continuations?.length === 0) return nothing;
    const last: readonly TextTerm[] = continuations?.map((word) => wordTerm(word, isVoid)) ?? [
      wordTerm(words.beginning, isVoid, true),
    ];
    return this.#index.matches({
      groups: [...words.whole.map((word) => [wordTerm(word, isVoid)]), last, ...markGroups(filter)],
      fromPlace: filter.fromMs === undefined ? 0 : placeFrom(filter.fromMs),
      toPlace: Math.min(below ?? highestPlace, filter.toMs === undefined ? highestPlace : placeFrom(filter.toMs)),
      limit,
      counted: below === undefined ? countedMatches : 0,
    });
  }

  /** For each of `queries` the newest problems of any time that meet it. */
  newest(queries: readonly TextQuery[], limit: number): Promise<readonly (readonly Placed[])[]> {
    return this.#index.newest(queries, limit);
  }
}
