// Writes the full-text index and the word list of both engines.
import { type Kysely, sql } from 'kysely';
import type { StoreEngine } from '../../store/store.ts';
import { movePostings, PostingFill } from './posting-index.ts';
import type { ProblemFact } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';
import { indexedTerms, spanOf } from './text-marks.ts';
import { searchableWords } from './words.ts';

/** Rows of one insert: two columns each stay below SQLite's 32,766 parameters. */
const rowsOfInsert = 5_000;

export interface PlacedFact {
  readonly place: number;
  readonly fact: ProblemFact;
}

/**
 * The row of a place in SQLite's full-text index: negative, so that the index, which can leap ahead but not back, begins with the
 * newest.
 */
export function textRow(place: number): number {
  return -place;
}

/**
 * Follows a change of one problem.
 * @param before undefined for a new problem
 */
export async function moveText(
  db: Kysely<CtpReadSchema>,
  engine: StoreEngine,
  before: PlacedFact | undefined,
  after: PlacedFact,
): Promise<void> {
  if (before && before.place === after.place && ftsTerms(before.fact) === ftsTerms(after.fact)) return;
  if (engine === 'sqlite') {
    if (before) await sql`delete from ctp_text where rowid = ${textRow(before.place)}`.execute(db);
    await addFtsRows(db, [after]);
  } else await movePostings(db, before?.fact, after.fact);
  await addWords(db, engine, [after.fact]);
}

/** Fills the index with many problems; `finish` writes what was gathered. */
export class TextFill {
  readonly #db: Kysely<CtpReadSchema>;
  readonly #engine: StoreEngine;
  readonly #postings: PostingFill;

  constructor(db: Kysely<CtpReadSchema>, engine: StoreEngine) {
    this.#db = db;
    this.#engine = engine;
    this.#postings = new PostingFill(db);
  }

  async add(rows: readonly PlacedFact[]): Promise<void> {
    if (rows.length === 0) return;
    const facts = rows.map(({ fact }) => fact);
    if (this.#engine === 'sqlite') await addFtsRows(this.#db, rows);
    else await this.#postings.add(facts);
    await addWords(this.#db, this.#engine, facts);
  }

  async finish(): Promise<void> {
    await this.#postings.finish();
  }
}

export async function emptyText(db: Kysely<CtpReadSchema>, engine: StoreEngine): Promise<void> {
  if (engine === 'sqlite') {
    await sql`insert into ctp_text (ctp_text) values ('delete-all')`.execute(db);
    await db.deleteFrom('ctp_search_span').execute();
  } else await db.deleteFrom('ctp_posting').execute();
  await db.deleteFrom('ctp_search_word').execute();
}

/** SQLite's row of a problem. */
function ftsTerms(fact: ProblemFact): string {
  return indexedTerms(fact).join(' ');
}

async function addFtsRows(db: Kysely<CtpReadSchema>, rows: readonly PlacedFact[]): Promise<void> {
  const values = rows.map(({ place, fact }) => sql`(${textRow(place)}, ${ftsTerms(fact)})`);
  await sql`insert into ctp_text (rowid, words) values ${sql.join(values)}`.execute(db);
}

/** Notes that the words of these problems occur, those of void ones too, in SQLite also in which spans. */
async function addWords(db: Kysely<CtpReadSchema>, engine: StoreEngine, facts: readonly ProblemFact[]): Promise<void> {
  const words = new Set<string>();
  const spans = new Map<string, { word: string; span: number }>();
  for (const fact of facts) {
    const span = spanOf(fact.start_ms);
    for (const word of searchableWords(fact)) {
      words.add(word);
      spans.set(`${span} ${word}`, { word, span });
    }
  }
  const wordRows = [...words].map((word) => ({ word }));
  for (let from = 0; from < wordRows.length; from += rowsOfInsert) {
    await db
      .insertInto('ctp_search_word')
      .values(wordRows.slice(from, from + rowsOfInsert))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const spanRows = engine === 'sqlite' ? [...spans.values()] : [];
  for (let from = 0; from < spanRows.length; from += rowsOfInsert) {
    await db
      .insertInto('ctp_search_span')
      .values(spanRows.slice(from, from + rowsOfInsert))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
