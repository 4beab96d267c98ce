// PostgreSQL's full-text index: for each term and each 24 days the problems that have it, packed into one row.
import { setImmediate as turn } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { packIds, unionOf, unpackIds } from './id-set.ts';
import type { ProblemFact } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';
import { indexedTerms, marks, spanOf } from './text-marks.ts';
import { searchableWords } from './words.ts';

/** Beginnings of up to so many letters are terms of their own: too many words go on from them. */
export const longestBeginningTerm = 2;
/** Rows that are read and written by one statement. */
const rowsAtOnce = 500;
/** Postings that are gathered in memory before they are written: neighbouring problems share most rows. */
const gatheredPostings = 100_000;
/** Problems whose words are taken in one turn of the event loop. */
const problemsOfTurn = 100;

function termsOf(fact: ProblemFact): ReadonlySet<string> {
  const words = fact.status === 'void' ? [] : searchableWords(fact).map((word) => Array.from(word));
  const beginnings = [1, longestBeginningTerm].flatMap((length) =>
    words.filter((word) => word.length >= length).map((word) => marks.beginning(word.slice(0, length).join(''))),
  );
  return new Set([...indexedTerms(fact), ...beginnings]);
}

/** What changes in one row of the index. */
interface RowChange {
  readonly word: string;
  readonly span: number;
  readonly added: number[];
  readonly removed: number[];
}

/** Changes of rows, gathered: one for each term and span. */
class RowChanges {
  readonly #rows = new Map<string, RowChange>();
  postings = 0;

  add(fact: ProblemFact): void {
    this.#note(fact, 'added', () => true);
  }

  /** Terms that stay in their row are left alone. */
  move(before: ProblemFact, after: ProblemFact): void {
    const isSameSpan = spanOf(before.start_ms) === spanOf(after.start_ms);
    const [old, fresh] = [termsOf(before), termsOf(after)];
    this.#note(before, 'removed', (term) => !isSameSpan || !fresh.has(term));
    this.#note(after, 'added', (term) => !isSameSpan || !old.has(term));
  }

  #note(fact: ProblemFact, what: 'added' | 'removed', isWanted: (term: string) => boolean): void {
    const span = spanOf(fact.start_ms);
    for (const word of termsOf(fact)) {
      if (!isWanted(word)) continue;
      const key = `${span} ${word}`;
      const row = this.#rows.get(key) ?? { word, span, added: [], removed: [] };
      this.#rows.set(key, row);
      row[what].push(fact.id);
      this.postings += 1;
    }
  }

  /** In one order for everyone, so that two writers don't wait for each other crosswise. */
  take(): readonly RowChange[] {
    const rows = [...this.#rows.values()].sort(
      (left, right) => left.span - right.span || (left.word < right.word ? -1 : 1),
    );
    this.#rows.clear();
    this.postings = 0;
    return rows;
  }
}

/** @param before undefined for a new problem */
export async function movePostings(
  db: Kysely<CtpReadSchema>,
  before: ProblemFact | undefined,
  after: ProblemFact,
): Promise<void> {
  const changes = new RowChanges();
  if (before) changes.move(before, after);
  else changes.add(after);
  await writeRows(db, changes.take());
}

/** Fills the index with many problems. */
export class PostingFill {
  readonly #db: Kysely<CtpReadSchema>;
  readonly #changes = new RowChanges();

  constructor(db: Kysely<CtpReadSchema>) {
    this.#db = db;
  }

  async add(facts: readonly ProblemFact[]): Promise<void> {
    for (const [index, fact] of facts.entries()) {
      this.#changes.add(fact);
      if (index % problemsOfTurn === problemsOfTurn - 1) await turn();
    }
    if (this.#changes.postings >= gatheredPostings) await this.finish();
  }

  /** Writes what is still gathered. */
  async finish(): Promise<void> {
    await writeRows(this.#db, this.#changes.take());
  }
}

async function writeRows(db: Kysely<CtpReadSchema>, changes: readonly RowChange[]): Promise<void> {
  for (let from = 0; from < changes.length; from += rowsAtOnce) {
    const part = changes.slice(from, from + rowsAtOnce);
    const known = await knownRows(db, part);
    const rows = part.map(({ word, span, added, removed }) => {
      const packed = known.get(`${span} ${word}`);
      const gone = new Set(removed);
      const ids = unionOf([packed ? unpackIds(packed) : [], added]).filter((id) => !gone.has(id));
      return { word, span, ids };
    });
    await upsert(
      db,
      rows.filter(({ ids }) => ids.length > 0),
    );
    await remove(
      db,
      rows.filter(({ ids }) => ids.length === 0),
    );
  }
}

interface RowKey {
  readonly word: string;
  readonly span: number;
}

function keysOf(rows: readonly RowKey[]) {
  const words = rows.map(({ word }) => word);
  const spans = rows.map(({ span }) => span);
  return sql`unnest(cast(${words} as text[]), cast(${spans} as integer[])) as wanted (word, span)`;
}

/** Packed ids, mapped by span and word. */
async function knownRows(db: Kysely<CtpReadSchema>, rows: readonly RowKey[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const known = await sql<RowKey & { ids: Uint8Array }>`
    select posting.word, posting.span, posting.ids from ${keysOf(rows)}
    join ctp_posting as posting on posting.word = wanted.word and posting.span = wanted.span`.execute(db);
  return new Map(known.rows.map(({ word, span, ids }) => [`${span} ${word}`, ids]));
}

async function upsert(
  db: Kysely<CtpReadSchema>,
  rows: readonly (RowKey & { readonly ids: readonly number[] })[],
): Promise<void> {
  if (rows.length === 0) return;
  const words = rows.map(({ word }) => word);
  const spans = rows.map(({ span }) => span);
  const problems = rows.map(({ ids }) => ids.length);
  const packed = rows.map(({ ids }) => Buffer.from(packIds(ids)));
  await sql`
    insert into ctp_posting (word, span, problems, ids)
    select * from unnest(cast(${words} as text[]), cast(${spans} as integer[]), cast(${problems} as integer[]), cast(${packed} as bytea[]))
    on conflict (word, span) do update set problems = excluded.problems, ids = excluded.ids`.execute(db);
}

async function remove(db: Kysely<CtpReadSchema>, rows: readonly RowKey[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    delete from ctp_posting as posting using ${keysOf(rows)}
    where posting.word = wanted.word and posting.span = wanted.span`.execute(db);
}
