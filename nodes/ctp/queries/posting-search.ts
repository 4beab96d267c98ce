// Asks PostgreSQL's index of packed postings: spans of 24 days from the newest back, as many at once as the words' frequency calls for.
import { type Kysely, sql } from 'kysely';
import { severities } from '../messages.ts';
import { idsAmong, unionOf, unpackIds } from './id-set.ts';
import type { Placed } from './pages.ts';
import { longestBeginningTerm } from './posting-index.ts';
import { instantOf, placeFrom } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';
import { marks, spanOf, spanStartMs } from './text-marks.ts';
import type { Matches, TextQuestion, TextSearch, TextTerm } from './text-query.ts';
import { afterAll } from './word-list.ts';

/** Spans that are read at once at most: what they hold is looked through in one turn of the event loop. */
const mostSpansAtOnce = 64;
/** Before the first look, words that must meet are taken to meet in so many of the rows of the rarest. */
const firstShare = 0.25;
/** A little more than what would be enough if the next spans were like the last ones. */
const reserve = 1.25;

/** A group of which at least one term must occur: listed ones, or whatever begins in a way. */
interface Group {
  readonly words: readonly string[];
  readonly beginning: string | undefined;
}

/** A span in which every group may be met, and by how many problems at most. */
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
      share =
        Math.max(
          1,
          found.reduce((sum, { ids }) => sum + ids.length, 0),
        ) / most;
      const [placed, count] = await Promise.all([
        this.#newestOf(found, question, limit - rows.length),
        counted > 0 ? this.#countOf(found, question) : 0,
      ]);
      rows.push(...placed);
      total += count;
    }
    return { rows, total: Math.min(total, counted), totalExact: total <= counted };
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
    return rows;
  }

  /** What meets every group in the spans asked for, in their order. */
  async #matchesIn(asked: readonly SpanHint[], groups: readonly Group[]): Promise<readonly SpanMatches[]> {
    const spans = asked.map(({ span }) => span);
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
    /** Packed ids, mapped by span and word. */
    const postings = new Map(spans.map((span) => [span, new Map<string, Uint8Array>()]));
    for (const { span, word, ids } of rows) postings.get(span)?.set(word, ids);
    return spans.map((span) => ({ span, ids: idsInAll(groups, postings.get(span) ?? new Map()) }));
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
    const lowest = Math.min(...taken.map(({ span }) => span));
    const { rows } = await sql<Placed>`
      select place, id from ctp_fact where id = any(cast(${listOf(ids)} as bigint[]))
        and place >= ${Math.max(limits.fromPlace, placeFrom(spanStartMs(lowest)))} and place < ${limits.toPlace}
      order by place desc limit ${limit}`.execute(this.#db);
    return rows;
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

function groupOf(terms: readonly TextTerm[]): Group {
  const [only] = terms;
  if (only?.isBeginning !== true) return { words: terms.map(({ term }) => term), beginning: undefined };
  if (only.term.startsWith('_') || Array.from(only.term).length > longestBeginningTerm)
    return { words: [], beginning: only.term };
  return { words: [marks.beginning(only.term)], beginning: undefined };
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

/** Begins with the shortest group and keeps what the others have, too. */
function idsInAll(groups: readonly Group[], postings: ReadonlyMap<string, Uint8Array>): readonly number[] {
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

function lastSpan(toPlace: number): number {
  return spanOf(instantOf(toPlace));
}

/** Whether every problem of the span is inside the limits. */
function isWhole(span: number, { fromPlace, toPlace }: Limits): boolean {
  return placeFrom(spanStartMs(span)) >= fromPlace && placeFrom(spanStartMs(span + 1)) <= toPlace;
}

/** PostgreSQL's way to write a list of numbers; the driver's own would quote each of thousands. */
function listOf(ids: readonly number[]): string {
  return `{${ids.join(',')}}`;
}
