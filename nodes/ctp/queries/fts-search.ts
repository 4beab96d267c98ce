// Asks SQLite's full-text index, which begins with the newest row, so that a page is the beginning of a walk.
import { type Kysely, sql } from 'kysely';
import type { Placed } from './pages.ts';
import { highestPlace, instantOf, placeFrom } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';
import { textRow } from './text-index.ts';
import { marks, spanOf, spanStartMs } from './text-marks.ts';
import type { Matches, TextQuery, TextQuestion, TextSearch, Total } from './text-query.ts';

/** Spans to which a walk leaps at once, a year of days. */
const leaptSpans = 16;
/** So few matches hardly fill a page of a year; leaping there first would be a step for nothing. */
const fewMatches = 250;

export class FtsSearch implements TextSearch {
  readonly #db: Kysely<CtpReadSchema>;

  constructor(db: Kysely<CtpReadSchema>) {
    this.#db = db;
  }

  /** The page, and beside it its count: a page is found in the first steps of a walk, and its problems are read while the count still walks. */
  async matches(question: TextQuestion): Promise<Matches> {
    const walks = walksOf(question);
    const { limit, counted } = question;
    const count = this.#total(walks, counted);
    // Whoever waits for the count is told; nobody may, when the page has failed.
    count.catch(() => {});
    return { rows: await this.#page(walks, limit), count };
  }

  async #page(walks: readonly Walk[], limit: number): Promise<readonly Placed[]> {
    const rows: Placed[] = [];
    for (const { match, fromPlace, toPlace } of walks) {
      if (rows.length >= limit) break;
      const found = await sql<Placed>`
        select walk.place, fact.id
        from (
          select -rowid as place from ctp_text
          where ctp_text match ${match} and rowid > ${textRow(toPlace)} and rowid <= ${textRow(fromPlace)}
          order by rowid limit ${limit - rows.length}) as walk
        join ctp_fact as fact on fact.place = walk.place order by walk.place desc`.execute(this.#db);
      rows.push(...found.rows.map(({ place, id }) => ({ place, id })));
    }
    return rows;
  }

  /** Counts up to `most`; 0: nothing. */
  async #total(walks: readonly Walk[], most: number): Promise<Total> {
    let total = 0;
    for (const { match, fromPlace, toPlace } of walks) {
      if (most === 0 || total > most) break;
      const { rows } = await sql<{ found: number }>`
        select count(*) as found from (
          select rowid from ctp_text
          where ctp_text match ${match} and rowid > ${textRow(toPlace)} and rowid <= ${textRow(fromPlace)}
          limit ${most + 1 - total}) as walk`.execute(this.#db);
      total += rows[0]?.found ?? 0;
    }
    return { total: Math.min(total, most), totalExact: total <= most };
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
 * asked of the spans there first, and without marks only of what lies before them. The walk to few matches is a short one.
 */
function walksOf({ groups, fromPlace, toPlace, known = Infinity }: TextQuestion): readonly Walk[] {
  if (toPlace === highestPlace || known <= fewMatches) return [{ match: matchOf({ groups }), fromPlace, toPlace }];
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
