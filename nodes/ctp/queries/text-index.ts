// Writes the full-text index and the word list of both engines.
import { type Kysely, sql } from 'kysely';
import type { StoreEngine } from '../../store/store.ts';
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

export async function removeText(db: Kysely<CtpReadSchema>, engine: StoreEngine, place: number): Promise<void> {
  await (engine === 'sqlite'
    ? sql`delete from ctp_text where rowid = ${textRow(place)}`.execute(db)
    : sql`delete from ctp_text where place = ${place}`.execute(db));
}

export async function addTexts(
  db: Kysely<CtpReadSchema>,
  engine: StoreEngine,
  rows: readonly PlacedFact[],
): Promise<void> {
  if (rows.length === 0) return;
  const key = sql.ref(engine === 'sqlite' ? 'rowid' : 'place');
  const values = rows.map(({ place, fact }) => {
    const terms = indexedTerms(fact);
    return engine === 'sqlite'
      ? sql`(${textRow(place)}, ${terms.join(' ')})`
      : sql`(${place}, array_to_tsvector(cast(${terms} as text[])))`;
  });
  await sql`insert into ctp_text (${key}, words) values ${sql.join(values)}`.execute(db);
}

/** Notes that the words of these problems occur. Void ones are found by the words that others brought, or by whole words. */
export async function addWords(db: Kysely<CtpReadSchema>, facts: readonly ProblemFact[]): Promise<void> {
  const words = new Set<string>();
  const spans = new Map<string, { word: string; span: number }>();
  for (const fact of facts) {
    const span = spanOf(fact.start_ms);
    for (const word of searchableWords(fact)) {
      words.add(word);
      spans.set(`${span} ${word}`, { word, span });
    }
  }
  await addWordRows(
    db,
    [...words].map((word) => ({ word })),
    [...spans.values()],
  );
}

async function addWordRows(
  db: Kysely<CtpReadSchema>,
  words: readonly { word: string }[],
  spans: readonly { word: string; span: number }[],
): Promise<void> {
  for (let from = 0; from < words.length; from += rowsOfInsert) {
    await db
      .insertInto('ctp_search_word')
      .values(words.slice(from, from + rowsOfInsert))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  for (let from = 0; from < spans.length; from += rowsOfInsert) {
    await db
      .insertInto('ctp_search_span')
      .values(spans.slice(from, from + rowsOfInsert))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
