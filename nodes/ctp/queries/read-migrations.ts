// Tables, indexes and the full-text index of the CTP room's reading side, for both engines. Released ones are never edited.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { StoreEngine } from '../../store/store.ts';
import type { CtpSchema } from '../tables.ts';
import { indexAnew } from './index-anew.ts';
import { PostingFill } from './posting-index.ts';
import { problemsIn } from './problem-source.ts';
import type { CtpReadSchema } from './read-tables.ts';

/** To be run by the room's migrations after the problems' own tables. */
export function readModelMigration(engine: StoreEngine): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of [...tables(engine), ...indexes, ...fullText(engine)])
        await sql.raw(statement).execute(db);
    },
  };
}

function tables(engine: StoreEngine): string[] {
  const rowless = engine === 'sqlite' ? ' without rowid' : '';
  // Words are compared byte by byte on both engines, whatever the database's language is.
  const word = engine === 'sqlite' ? 'text' : 'text collate "C"';
  return [
    `create table ctp_fact (
      place ${engine === 'sqlite' ? 'integer' : 'bigint'} primary key, id bigint not null, machine_id integer not null,
      facet smallint not null check (facet between 0 and 35), start_ms bigint not null, end_ms bigint, response_ms bigint,
      span_class smallint not null, error_code text, category text, technician_name text, vendor_name text)`,
    `create table ctp_count (
      machine_id integer not null, facet smallint not null, period integer not null, problems bigint not null,
      primary key (machine_id, facet, period))${rowless}`,
    `create table ctp_rollup (
      machine_id integer not null, dimension smallint not null, period integer not null, key text not null,
      problems bigint not null, completed bigint not null, repair_ms bigint not null, responded bigint not null,
      response_ms bigint not null, downtime_ms bigint not null,
      primary key (machine_id, dimension, period, key))${rowless}`,
    'create table ctp_rollup_state (machine_id integer primary key, zone text not null, rolled_to integer not null)',
    `create table ctp_rollup_month (
      machine_id integer not null, month integer not null, print text not null, primary key (machine_id, month))${rowless}`,
    `create table ctp_search_word (word ${word} not null, primary key (word))${rowless}`,
    `create table ctp_search_span (word ${word} not null, span integer not null, primary key (word, span))${rowless}`,
  ];
}

const indexes: readonly string[] = [
  'create unique index ctp_fact_by_id on ctp_fact (id)',
  'create index ctp_fact_live on ctp_fact (place) where facet < 27',
  'create index ctp_fact_by_machine on ctp_fact (machine_id, place) where facet < 27',
  'create index ctp_fact_by_facet on ctp_fact (facet, place)',
  'create index ctp_fact_by_machine_facet on ctp_fact (machine_id, facet, place)',
  'create index ctp_fact_by_span on ctp_fact (machine_id, span_class, place) where facet < 27',
  'create index ctp_fact_by_code on ctp_fact (machine_id, error_code, place) where error_code is not null and facet < 27',
];

/**
 * Words come normalised (see words.ts), so the engines only index them: SQLite without content and positions, PostgreSQL
 * without a pending list, which every search would have to walk.
 */
function fullText(engine: StoreEngine): string[] {
  if (engine === 'sqlite') {
    return [
      `create virtual table ctp_text using fts5 (words, content='', contentless_delete=1, detail=none, prefix='1 2 3',
        tokenize="unicode61 remove_diacritics 0 tokenchars '_'")`,
    ];
  }
  return [
    'create table ctp_text (place bigint primary key, words tsvector not null)',
    'create index ctp_text_words on ctp_text using gin (words) with (fastupdate = off)',
  ];
}

/**
 * PostgreSQL's GIN index knows no order, so its work grew with the log. Packed postings take its place; the words of the problems
 * that are there already are indexed anew.
 */
export const postingMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of postings) await sql.raw(statement).execute(db);
    const fill = new PostingFill(db as Kysely<CtpReadSchema>);
    for await (const facts of problemsIn(db as Kysely<CtpSchema>)) await fill.add(facts);
    await fill.finish();
  },
};

/**
 * Where FTS5 leaps it reads through a page of postings, on the average half of one. With 4 kB a page holds thousands of rows of a
 * word, so words that seldom meet were read nearly whole: three common words of a million problems took 1.6 ms, with pages of 500
 * bytes 0.7 ms; 250 bytes gain no more. Pages of before stay as they are, so what is indexed is indexed anew.
 */
export const searchPagesMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`insert into ctp_text (ctp_text, rank) values ('pgsz', 500)`.execute(db);
    await indexAnew(db as Kysely<CtpReadSchema & CtpSchema>, 'sqlite');
  },
};

/** A vendor's firm is searched for, too. SQLite's index is made anew by its own migration anyway. */
export const searchVendorMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await indexAnew(db as Kysely<CtpReadSchema & CtpSchema>, 'postgres');
  },
};

/** Rows of common words are written with every problem: room in each page, and no time lost with packing what is packed. */
const postings: readonly string[] = [
  `create table ctp_posting (
    word text collate "C" not null, span integer not null, problems integer not null, ids bytea not null,
    primary key (word, span)) with (fillfactor = 80)`,
  'create unique index ctp_posting_by_span on ctp_posting (span, word)',
  'alter table ctp_posting alter column ids set storage external',
  // The totals of ten years of days lie side by side and are read without the rows they stand in.
  `create index ctp_rollup_totals on ctp_rollup (machine_id, period)
    include (problems, completed, repair_ms, responded, response_ms, downtime_ms) where dimension = 0`,
  'drop table ctp_text',
  'drop table ctp_search_span',
];
