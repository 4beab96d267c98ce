// Asks SQLite's full-text index, which begins with the newest row, so that a page is the beginning of a walk.
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Placed } from './pages.ts';
import { highestPlace } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';
import { textRow } from './text-index.ts';
import type { Matches, TextQuery, TextQuestion, TextSearch, Total } from './text-query.ts';

export class FtsSearch implements TextSearch {
  readonly #db: Kysely<CtpReadSchema>;

  constructor(db: Kysely<CtpReadSchema>) {
    this.#db = db;
  }

  /** The page, and beside it its count: a page is found in the first steps of a walk, and its problems are read while the count still walks. */
  async matches(question: TextQuestion): Promise<Matches> {
    const count = this.#total(question);
    // Whoever waits for the count is told; nobody may, when the page has failed.
    count.catch(() => {});
    return { rows: await this.#page(question), count };
  }

  async #page(question: TextQuestion): Promise<readonly Placed[]> {
    const { rows } = await sql<Placed>`
      select walk.place, fact.id
      from (select -rowid as place from ctp_text where ${matching(question)} order by rowid limit ${question.limit}) as walk
      join ctp_fact as fact on fact.place = walk.place order by walk.place desc`.execute(this.#db);
    return rows.map(({ place, id }) => ({ place, id }));
  }

  async #total(question: TextQuestion): Promise<Total> {
    const { counted } = question;
    if (counted === 0) return { total: 0, totalExact: true };
    const { rows } = await sql<{ found: number }>`
      select count(*) as found from (
        select rowid from ctp_text where ${matching(question)} limit ${counted + 1}) as walk`.execute(this.#db);
    const found = rows[0]?.found ?? 0;
    return { total: Math.min(found, counted), totalExact: found <= counted };
  }

  async newest(queries: readonly TextQuery[], limit: number): Promise<readonly (readonly Placed[])[]> {
    const found = queries.map(({ groups }) =>
      this.matches({ groups, fromPlace: 0, toPlace: highestPlace, limit, counted: 0 }),
    );
    return (await Promise.all(found)).map(({ rows }) => rows);
  }
}

/**
 * A walk begins at the newest row. It leaps to where it is wanted when that is a whole number of SQLite's: FTS5 takes no bound that
 * is a real, as a number of JavaScript is bound, and reads all that lies before it.
 */
function matching({ groups, fromPlace, toPlace }: TextQuestion): RawBuilder<unknown> {
  const [after, last] = [BigInt(textRow(toPlace)), BigInt(textRow(fromPlace))];
  return sql`ctp_text match ${matchOf({ groups })} and rowid > ${after} and rowid <= ${last}`;
}

/** For `ctp_text match ...`; quoted, because a word such as `and` would be an operator. */
function matchOf({ groups }: TextQuery): string {
  return groups
    .map((terms) => `(${terms.map(({ term, isBeginning }) => `"${term}"${isBeginning ? '*' : ''}`).join(' OR ')})`)
    .join(' AND ');
}
