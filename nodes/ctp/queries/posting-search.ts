// Asks PostgreSQL's index of packed postings: spans of 24 days from the newest back, as many at once as the words' frequency calls for.
import { type Kysely, sql } from 'kysely';
import { severities } from '../messages.ts';
import type { Placed } from './pages.ts';
import { type Group, groupOf, idsInAll, newestIn, type Postings } from './posting-sets.ts';
import { instantOf, placeFrom } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';
import { marks, spanOf, spanStartMs } from './text-marks.ts';
import type { Matches, TextQuery, TextQuestion, TextSearch } from './text-query.ts';
import { afterAll } from './word-list.ts';

/** Spans that are read at once at most, ten years and a half: what they hold is looked through in one turn of the event loop. */
const mostSpansAtOnce = 160;
/** Before the first look, words that must meet are taken to meet in so many of the rows of the rarest. */
const firstShare = 0.25;
/** A little more than what would be enough if the next spans were like the last ones. */
const reserve = 1.25;

/** Rows that are walked over for a page at most; looking up rarer matches one by one is less work. */
const mostWalked = 256;

/** Spans that questions asked together are read of at once: half a year. */
const newestSpans = 8;

/** A span in which every group may be met, and by how many problems at most, as far as it can be told. */
interface SpanHint {
  readonly span: number;
  readonly most: number;
}

interface SpanMatches {
  readonly span: number;
  /** Problems of the span that meet every group, whatever their place is. */
  readonly ids: readonly number[];
}

type Limits = Pick<TextQuestion, 'fromPlace' | 'toPlace'>;

export class PostingSearch implements TextSearch {
  readonly #db: Kysely<CtpReadSchema>;

  constructor(db: Kysely<CtpReadSchema>) {
    this.#db = db;
  }

  async matches(question: TextQuestion): Promise<Matches> {
    const { limit, counted } = question;
    const groups = question.groups.map(groupOf);
    let hints = await this.#hints(groups, question);
    const rows: Placed[] = [];
    let total = 0;
    let share = groups.length > 1 ? firstShare : 1;
    while (hints.length > 0 && (rows.length < limit || (counted > 0 && total <= counted))) {
      const missing = Math.max(limit - rows.length, counted > 0 ? counted + 1 - total : 0);
      const asked = newestWith(hints, missing * reserve, share);
      hints = hints.slice(asked.length);
      const found = await this.#matchesIn(asked, groups);
      const most = asked.reduce((sum, hint) => sum + hint.most, 0);
      const met = found.reduce((sum, { ids }) => sum + ids.length, 0);
      share = Math.min(1, Math.max(1, met) / Math.max(1, most));
      const [placed, count] = await Promise.all([
        this.#newestOf(found, question, limit - rows.length),
        counted > 0 ? this.#countOf(found, question) : 0,
      ]);
      rows.push(...placed);
      total += count;
    }
    return { rows, count: Promise.resolve({ total: Math.min(total, counted), totalExact: total <= counted }) };
  }

  /** What is asked for together mostly lies in the newest spans: they are read once for all. The rest is asked for one by one. */
  async newest(queries: readonly TextQuery[], limit: number): Promise<readonly (readonly Placed[])[]> {
    const last = await this.#lastSpan();
    if (last === undefined) return queries.map(() => []);
    const spans = Array.from({ length: newestSpans }, (_, index) => last - index);
    const wanted = queries.map(({ groups }) => groups.map(groupOf));
    const postings = await this.#postingsIn(spans, wanted.flat());
    const near = await this.#newestOfEach(
      wanted.map((groups) => newestIn(spans, groups, postings, limit)),
      limit,
    );
    const toPlace = placeFrom(spanStartMs(last - newestSpans + 1));
    return Promise.all(
      queries.map(async ({ groups }, index) => {
        const rows = near[index] ?? [];
        if (rows.length >= limit) return rows;
        const rest = await this.matches({ groups, fromPlace: 0, toPlace, limit: limit - rows.length, counted: 0 });
        return [...rows, ...rest.rows];
      }),
    );
  }

  async #lastSpan(): Promise<number | undefined> {
    const newest = await this.#db
      .selectFrom('ctp_fact')
      .select('start_ms')
      .orderBy('place', 'desc')
      .limit(1)
      .executeTakeFirst();
    return newest && spanOf(newest.start_ms);
  }

  /** The newest of each list of ids, in one question. */
  async #newestOfEach(lists: readonly (readonly number[])[], limit: number): Promise<readonly (readonly Placed[])[]> {
    const parts = lists.flatMap((ids, list) =>
      ids.length === 0
        ? []
        : [
            sql`select * from (select cast(${list} as integer) as list, place, id from ctp_fact
              where id = any(cast(${listOf(ids)} as bigint[])) order by place desc limit ${limit}) as part`,
          ],
    );
    if (parts.length === 0) return lists.map(() => []);
    const { rows } = await sql<Placed & { list: number }>`${sql.join(parts, sql` union all `)}`.execute(this.#db);
    return lists.map((_, list) => rows.filter((row) => row.list === list).map(({ place, id }) => ({ place, id })));
  }

  /** Spans inside the limits in which every listed group occurs, the newest first. */
  async #hints(groups: readonly Group[], { fromPlace, toPlace }: Limits): Promise<readonly SpanHint[]> {
    const listed = groups.filter(({ beginning }) => beginning === undefined);
    // Where nothing can be listed every span is asked: each problem has a severity.
    const hinting = listed.length > 0 ? listed.map(({ words }) => words) : [severities.map(marks.severity)];
    const words = hinting.flat();
    const parts = hinting.flatMap((group, index) => group.map(() => index));
    const { rows } = await sql<SpanHint>`
      select span, min(problems) as most from (
        select posting.span, wanted.part, sum(posting.problems) as problems
        from unnest(cast(${words} as text[]), cast(${parts} as integer[])) as wanted (word, part)
        join ctp_posting as posting on posting.word = wanted.word
        where posting.span between ${spanOf(instantOf(fromPlace))} and ${lastSpan(toPlace)}
        group by posting.span, wanted.part) as found
      group by span having count(*) = ${hinting.length} order by span desc`.execute(this.#db);
    return rows.map(({ span, most }) => ({ span, most: most * shareInside(span, { fromPlace, toPlace }) }));
  }

  /** What meets every group in the spans asked for, in their order. */
  async #matchesIn(asked: readonly SpanHint[], groups: readonly Group[]): Promise<readonly SpanMatches[]> {
    const spans = asked.map(({ span }) => span);
    const postings = await this.#postingsIn(spans, groups);
    return spans.map((span) => ({ span, ids: idsInAll(groups, postings.get(span) ?? new Map()) }));
  }

  /** Packed ids of all terms of the groups, mapped by span and word. */
  async #postingsIn(spans: readonly number[], groups: readonly Group[]): Promise<Postings> {
    const words = groups.flatMap((group) => group.words);
    const inSpans = sql`select span, word, ids from ctp_posting where span = any(cast(${spans} as integer[]))`;
    const parts = [
      sql`${inSpans} and word = any(cast(${words} as text[]))`,
      ...groups.flatMap(({ beginning }) =>
        beginning === undefined ? [] : [sql`${inSpans} and word >= ${beginning} and word < ${beginning + afterAll}`],
      ),
    ];
    const { rows } = await sql<{
      span: number;
      word: string;
      ids: Uint8Array;
    }>`${sql.join(parts, sql` union all `)}`.execute(this.#db);
    const postings = new Map(spans.map((span) => [span, new Map<string, Uint8Array>()]));
    for (const { span, word, ids } of rows) postings.get(span)?.set(word, ids);
    return postings;
  }

  /** The newest inside the limits; only as many spans are looked up as hold enough of them. */
  async #newestOf(found: readonly SpanMatches[], limits: Limits, limit: number): Promise<readonly Placed[]> {
    const rows: Placed[] = [];
    for (let next = 0; next < found.length && rows.length < limit; ) {
      const taken: SpanMatches[] = [];
      for (let sure = 0; next < found.length && sure < limit - rows.length; next += 1) {
        const one = found[next] as SpanMatches;
        taken.push(one);
        if (isWhole(one.span, limits)) sure += one.ids.length;
      }
      rows.push(...(await this.#placed(taken, limits, limit - rows.length)));
    }
    return rows;
  }

  async #placed(taken: readonly SpanMatches[], limits: Limits, limit: number): Promise<readonly Placed[]> {
    const ids = taken.flatMap((one) => one.ids);
    if (ids.length === 0) return [];
    const spans = taken.map(({ span }) => span);
    const within = {
      fromPlace: Math.max(limits.fromPlace, placeFrom(spanStartMs(Math.min(...spans)))),
      toPlace: Math.min(limits.toPlace, placeFrom(spanStartMs(Math.max(...spans) + 1))),
    };
    const walked = await this.#walked(ids, within, limit);
    if (walked) return walked;
    const { rows } = await sql<Placed>`
      select place, id from ctp_fact where id = any(cast(${listOf(ids)} as bigint[]))
        and place >= ${within.fromPlace} and place < ${within.toPlace}
      order by place desc limit ${limit}`.execute(this.#db);
    return rows;
  }

  /** The same by a walk over whatever is newest inside the limits; undefined where the matches are too rare for one. */
  async #walked(ids: readonly number[], limits: Limits, limit: number): Promise<readonly Placed[] | undefined> {
    const steps = Math.ceil((2 * limit) / shareOfNeighbours(ids));
    if (steps > mostWalked) return undefined;
    const { rows } = await sql<Placed>`
      select place, id from ctp_fact where place >= ${limits.fromPlace} and place < ${limits.toPlace}
      order by place desc limit ${steps}`.execute(this.#db);
    const wanted = new Set(ids);
    const found = rows.filter(({ id }) => wanted.has(id)).slice(0, limit);
    return found.length === limit || rows.length < steps ? found : undefined;
  }

  async #countOf(found: readonly SpanMatches[], limits: Limits): Promise<number> {
    const whole = found.filter(({ span }) => isWhole(span, limits)).reduce((sum, { ids }) => sum + ids.length, 0);
    const cut = found.filter(({ span }) => !isWhole(span, limits)).flatMap(({ ids }) => ids);
    if (cut.length === 0) return whole;
    const { rows } = await sql<{ found: number }>`
      select count(*) as found from ctp_fact where id = any(cast(${listOf(cut)} as bigint[]))
        and place >= ${limits.fromPlace} and place < ${limits.toPlace}`.execute(this.#db);
    return whole + (rows[0]?.found ?? 0);
  }
}

/** The newest hints that promise `wanted` matches when `share` of what is possible is one. */
function newestWith(hints: readonly SpanHint[], wanted: number, share: number): readonly SpanHint[] {
  let expected = 0;
  let count = 0;
  while (count < Math.min(hints.length, mostSpansAtOnce) && expected < wanted) {
    expected += (hints[count]?.most ?? 0) * share;
    count += 1;
  }
  return hints.slice(0, count);
}

/** How many of the problems with ids between the lowest and the highest are in the list, 0 to 1. */
function shareOfNeighbours(ids: readonly number[]): number {
  let [lowest, highest] = [Infinity, -Infinity];
  for (const id of ids) {
    lowest = Math.min(lowest, id);
    highest = Math.max(highest, id);
  }
  return ids.length / (highest - lowest + 1);
}

function lastSpan(toPlace: number): number {
  return spanOf(instantOf(toPlace));
}

/** How much of the span's time lies inside the limits, 0 to 1. */
function shareInside(span: number, { fromPlace, toPlace }: Limits): number {
  const [start, end] = [placeFrom(spanStartMs(span)), placeFrom(spanStartMs(span + 1))];
  return Math.max(0, Math.min(end, toPlace) - Math.max(start, fromPlace)) / (end - start);
}

/** Whether every problem of the span is inside the limits. */
function isWhole(span: number, { fromPlace, toPlace }: Limits): boolean {
  return placeFrom(spanStartMs(span)) >= fromPlace && placeFrom(spanStartMs(span + 1)) <= toPlace;
}

/** PostgreSQL's way to write a list of numbers; the driver's own would quote each of thousands. */
function listOf(ids: readonly number[]): string {
  return `{${ids.join(',')}}`;
}
