// Searches problems by words, newest first, with work that stays bounded however common the words are.
import { type Kysely, sql } from 'kysely';
import type { StoreEngine } from '../../store/store.ts';
import type { ListFilter } from './filter.ts';
import type { Placed } from './pages.ts';
import { instantOf, placeFrom } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';
import { textRow } from './text-index.ts';
import { marks, spanOf, spanStartMs } from './text-marks.ts';
import { markGroups, postgresQuery, sqliteMatch, type TextQuery, type TextTerm, wordTerm } from './text-query.ts';
import { continuationsOf, spansWithAll } from './word-list.ts';
import { searchWords } from './words.ts';

/** A total is counted up to here; beyond, it is a floor. */
export const countedMatches = 1_000;
/** A beginning with more continuations is looked up as a beginning; such short ones have an index of their own. */
const mostContinuations = 32;
const highestPlace = Number.MAX_SAFE_INTEGER;
/** Spans that are asked by mark: 1 + 2 + 4 + 8 + 16, two years where the words occur all the time. */
const markedSpans = 31;
/** Where only the newest spans count, the steps are 8 and 16 and the rest: fewer questions. */
const firstNewest = 8;
/** Spans to which a walk leaps at once. */
const leaptSpans = 16;

export interface Matches {
  /** At most as many as asked for, newest first. */
  readonly rows: readonly Placed[];
  /** Of the first page only: what was counted, and whether that is all. */
  readonly total: number;
  readonly totalExact: boolean;
}

const nothing: Matches = { rows: [], total: 0, totalExact: true };

/** What is looked for, ready for both engines. */
export interface Question {
  readonly query: TextQuery;
  /** The words of each group without marks; undefined where a group can't be listed (a short beginning). */
  readonly words: readonly (readonly string[])[];
  readonly fromPlace: number;
  /** Exclusive. */
  readonly toPlace: number;
  /** PostgreSQL looks only at the newest spans in which the words occur; a page may then be short although older ones match. */
  readonly isNewestOnly?: boolean;
}

export class ProblemSearch {
  readonly #db: Kysely<CtpReadSchema>;
  readonly #engine: StoreEngine;

  constructor(db: Kysely<CtpReadSchema>, engine: StoreEngine) {
    this.#db = db;
    this.#engine = engine;
  }

  /**
   * Matches of `filter.search` below `below`. Every word must occur, the last one by its beginning. Text without a letter or
   * digit finds nothing.
   */
  async find(filter: ListFilter, below: number | undefined, limit: number): Promise<Matches> {
    const words = searchWords(filter.search ?? '');
    if (!words || filter.machines?.length === 0) return nothing;
    const isVoid = filter.status === 'void';
    const continuations = isVoid ? undefined : await continuationsOf(this.#db, words.beginning, mostContinuations);
    if (continuations?.length === 0) return nothing;
    const last: readonly TextTerm[] = continuations?.map((word) => wordTerm(word, isVoid)) ?? [
      wordTerm(words.beginning, isVoid, true),
    ];
    const question: Question = {
      query: { groups: [...words.whole.map((word) => [wordTerm(word, isVoid)]), last, ...markGroups(filter)] },
      words: [...words.whole.map((word) => [word]), ...(continuations ? [continuations] : [])],
      fromPlace: filter.fromMs === undefined ? 0 : placeFrom(filter.fromMs),
      toPlace: filter.toMs === undefined ? highestPlace : placeFrom(filter.toMs),
    };
    return this.matches(question, below, limit);
  }

  /** @param counted the first page counts its matches up to here; 0 for no count */
  matches(question: Question, below: number | undefined, limit: number, counted = countedMatches): Promise<Matches> {
    const wanted = { ...question, toPlace: Math.min(below ?? highestPlace, question.toPlace) };
    const count = below === undefined ? counted : 0;
    if (this.#engine === 'postgres') return this.#inPostgres(wanted, limit, count);
    return this.#inSqlite(wanted, limit, count);
  }

  /** The index itself begins with the newest, so that a page is the beginning of a walk. */
  async #inSqlite(question: Question, limit: number, counted: number): Promise<Matches> {
    const rows: Placed[] = [];
    let total = 0;
    for (const { match, fromPlace, toPlace } of walksOf(question)) {
      const walk = sql`from ctp_text where ctp_text match ${match} and rowid > ${textRow(toPlace)} and rowid <= ${textRow(fromPlace)}`;
      const [found, count] = await Promise.all([
        rows.length >= limit
          ? undefined
          : sql<Placed>`
              select found.place, fact.id from (select -rowid as place ${walk} order by rowid limit ${limit - rows.length}) as found
              join ctp_fact as fact on fact.place = found.place order by found.place desc`.execute(this.#db),
        total > counted
          ? undefined
          : sql<{ found: number }>`
              select count(*) as found from (select 1 ${walk} limit ${counted + 1 - total}) as part`.execute(this.#db),
      ]);
      rows.push(...(found?.rows ?? []));
      total += count?.rows[0]?.found ?? 0;
    }
    return { rows, total: Math.min(total, counted), totalExact: total <= counted };
  }

  /**
   * GIN knows no order, so the spans in which the words occur are asked from the newest back, one, then two, four, eight ...
   * at once: common words fill a page from the first span, rare ones need few questions. What did not fill a page in 31 spans
   * is rare enough to be asked of all the rest at once. Counting ends with the marked spans, too.
   */
  async #inPostgres(question: Question, limit: number, counted: number): Promise<Matches> {
    const spans = await this.#spansOf(question);
    const rows: Placed[] = [];
    let total = 0;
    let next = 0;
    let { toPlace } = question;
    const ask = async (groups: TextQuery['groups']): Promise<void> => {
      const found = await this.#newestIn({ groups }, question.fromPlace, toPlace, Math.max(1, limit - rows.length));
      rows.push(...found.rows.slice(0, limit - rows.length));
      total += found.total;
    };
    for (
      let width = question.isNewestOnly ? firstNewest : 1;
      next < Math.min(markedSpans, spans.length) && (rows.length < limit || total < counted);
      width *= 2
    ) {
      const asked = spans.slice(next, next + width);
      await ask([...question.query.groups, asked.map((span) => ({ term: marks.span(span) }))]);
      next += width;
      toPlace = Math.min(toPlace, placeFrom(spanStartMs(asked.at(-1) ?? 0)));
    }
    if (next < spans.length && rows.length < limit && question.isNewestOnly !== true) {
      await ask(question.query.groups);
      next = spans.length;
    }
    return { rows, total: Math.min(total, counted), totalExact: next >= spans.length && total <= counted };
  }

  async #newestIn(
    query: TextQuery,
    fromPlace: number,
    toPlace: number,
    limit: number,
  ): Promise<{ readonly rows: readonly Placed[]; readonly total: number }> {
    const { rows } = await sql<Placed & { found: number }>`
      with found as materialized (
        select place from ctp_text
        where words @@ cast(${postgresQuery(query)} as tsquery) and place >= ${fromPlace} and place < ${toPlace})
      select newest.place, fact.id, (select count(*) from found) as found
      from (select place from found order by place desc limit ${limit}) as newest
      join ctp_fact as fact on fact.place = newest.place order by newest.place desc`.execute(this.#db);
    return { rows: rows.map(({ place, id }) => ({ place, id })), total: Number(rows[0]?.found ?? 0) };
  }

  /** Spans inside the question's time in which its words occur, the latest first; all of them when no word can be listed. */
  async #spansOf({ words, fromPlace, toPlace }: Question): Promise<readonly number[]> {
    const inTime = sql`place >= ${fromPlace} and place < ${toPlace}`;
    const { rows } = await sql<{ first: number | null; last: number | null }>`
      select min(start_ms) as first, max(start_ms) as last from (
        select * from (select start_ms from ctp_fact where ${inTime} order by place limit 1) as oldest
        union all
        select * from (select start_ms from ctp_fact where ${inTime} order by place desc limit 1) as newest
      ) as ends`.execute(this.#db);
    const { first = null, last = null } = rows[0] ?? {};
    if (first === null || last === null) return [];
    const [lowest, highest] = [spanOf(first), spanOf(last)];
    if (words.length > 0) return spansWithAll(this.#db, words, lowest, highest);
    return Array.from({ length: highest - lowest + 1 }, (_, index) => highest - index);
  }
}

interface Walk {
  readonly match: string;
  readonly fromPlace: number;
  readonly toPlace: number;
}

/**
 * A walk begins at the newest row and reads up to where it is wanted, but leaps to a mark. So one that begins further back is
 * asked of the spans there first, and without marks only of what lies before them.
 */
function walksOf({ query, fromPlace, toPlace }: Question): readonly Walk[] {
  if (toPlace === highestPlace) return [{ match: sqliteMatch(query), fromPlace, toPlace }];
  const last = spanOf(instantOf(toPlace));
  const first = Math.max(spanOf(instantOf(fromPlace)), last - leaptSpans + 1);
  const leapt = Array.from({ length: last - first + 1 }, (_, index) => ({ term: marks.span(last - index) }));
  const reached = Math.max(fromPlace, placeFrom(spanStartMs(first)));
  const near = { match: sqliteMatch({ groups: [...query.groups, leapt] }), fromPlace: reached, toPlace };
  return reached === fromPlace ? [near] : [near, { match: sqliteMatch(query), fromPlace, toPlace: reached }];
}
