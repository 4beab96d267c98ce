// Asks SQLite's full-text index, which begins with the newest row, so that a page is the beginning of a walk.
import { type Kysely, sql } from 'kysely';
import type { Placed } from './pages.ts';
import { instantOf, placeFrom } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';
import { textRow } from './text-index.ts';
import { marks, spanOf, spanStartMs } from './text-marks.ts';
import { highestPlace, type Matches, type TextQuery, type TextQuestion, type TextSearch } from './text-query.ts';

/** Spans to which a walk leaps at once. */
const leaptSpans = 16;

export class FtsSearch implements TextSearch {
  readonly #db: Kysely<CtpReadSchema>;

  constructor(db: Kysely<CtpReadSchema>) {
    this.#db = db;
  }

  async matches(question: TextQuestion): Promise<Matches> {
    const { limit, counted } = question;
    const rows: Placed[] = [];
    let total = 0;
    for (const walk of walksOf(question)) {
      const missing = limit - rows.length;
      const uncounted = counted > 0 && total <= counted ? counted + 1 - total : 0;
      if (missing <= 0 && uncounted === 0) break;
      const found = await this.#newestOf(walk, Math.max(1, missing), Math.max(missing, uncounted));
      rows.push(...found.rows.slice(0, Math.max(0, missing)));
      total += found.total;
    }
    return { rows, total: Math.min(total, counted), totalExact: total <= counted };
  }

  /** One walk gives the page and its count. @param reach where the walk ends, in matches */
  async #newestOf(
    { match, fromPlace, toPlace }: Walk,
    limit: number,
    reach: number,
  ): Promise<{ readonly rows: readonly Placed[]; readonly total: number }> {
    const { rows } = await sql<Placed & { found: number }>`
      with walk as materialized (
        select -rowid as place from ctp_text
        where ctp_text match ${match} and rowid > ${textRow(toPlace)} and rowid <= ${textRow(fromPlace)}
        order by rowid limit ${reach})
      select newest.place, fact.id, (select count(*) from walk) as found
      from (select place from walk order by place desc limit ${limit}) as newest
      join ctp_fact as fact on fact.place = newest.place order by newest.place desc`.execute(this.#db);
    return { rows: rows.map(({ place, id }) => ({ place, id })), total: rows[0]?.found ?? 0 };
  }

  async newest(queries: readonly TextQuery[], limit: number): Promise<readonly (readonly Placed[])[]> {
    const found = queries.map(({ groups }) =>
      this.matches({ groups, fromPlace: 0, toPlace: highestPlace, limit, counted: 0 }),
    );
    return (await Promise.all(found)).map(({ rows }) => rows);
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
function walksOf({ groups, fromPlace, toPlace }: TextQuestion): readonly Walk[] {
  if (toPlace === highestPlace) return [{ match: matchOf({ groups }), fromPlace, toPlace }];
  const last = spanOf(instantOf(toPlace));
  const first = Math.max(spanOf(instantOf(fromPlace)), last - leaptSpans + 1);
  const leapt = Array.from({ length: last - first + 1 }, (_, index) => ({ term: marks.span(last - index) }));
  const reached = Math.max(fromPlace, placeFrom(spanStartMs(first)));
  const near = { match: matchOf({ groups: [...groups, leapt] }), fromPlace: reached, toPlace };
  return reached === fromPlace ? [near] : [near, { match: matchOf({ groups }), fromPlace, toPlace: reached }];
}

/** For `ctp_text match ...`; quoted, because a word such as `and` would be an operator. */
function matchOf({ groups }: TextQuery): string {
  return groups
    .map((terms) => `(${terms.map(({ term, isBeginning }) => `"${term}"${isBeginning ? '*' : ''}`).join(' OR ')})`)
    .join(' AND ');
}
