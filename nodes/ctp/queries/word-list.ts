// Asks the list of known words: what a beginning can become, how widely a word is spread, and what a mistyped word meant.
import { type Kysely, sql } from 'kysely';
import type { StoreEngine } from '../../store/store.ts';
import type { CtpReadSchema } from './read-tables.ts';
import { isNearly } from './words.ts';

/** Above the last word that begins in the same way. */
export const afterAll = '\u{10ffff}';

/** Words that begin with `beginning`, at most `most`; undefined when there are more. */
export async function continuationsOf(
  db: Kysely<CtpReadSchema>,
  beginning: string,
  most: number,
): Promise<readonly string[] | undefined> {
  const rows = await db
    .selectFrom('ctp_search_word')
    .select('word')
    .where('word', '>=', beginning)
    .where('word', '<', `${beginning}${afterAll}`)
    .orderBy('word')
    .limit(most + 1)
    .execute();
  return rows.length > most ? undefined : rows.map(({ word }) => word);
}

/** In how many spans each known word occurs: few spans make a word telling. Unknown words are not in the map. */
export async function spreadOf(
  db: Kysely<CtpReadSchema>,
  engine: StoreEngine,
  words: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (words.length === 0) return new Map();
  const rows = await db
    .selectFrom(engine === 'sqlite' ? 'ctp_search_span' : 'ctp_posting')
    .select((select) => ['word', select.fn.countAll<number>().as('spans')])
    .where('word', 'in', words)
    .groupBy('word')
    .execute();
  return new Map(rows.map(({ word, spans }) => [word, Number(spans)]));
}

/** A known word that one slip (two in long words) makes of `word`; its first letter is taken to be right. */
export async function meantBy(db: Kysely<CtpReadSchema>, word: string): Promise<string | undefined> {
  const first = Array.from(word)[0] ?? '';
  if (word.length < 4) return undefined;
  const { rows } = await sql<{ word: string }>`
    select word from ctp_search_word
    where word >= ${first} and word < ${`${first}${afterAll}`} and length(word) between ${word.length - 2} and ${word.length + 2}
    limit 5000`.execute(db);
  return rows.find(({ word: known }) => isNearly(known, word))?.word;
}
