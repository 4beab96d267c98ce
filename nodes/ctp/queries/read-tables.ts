// Tables of the CTP room's reading side as kysely sees them; all of them can be made again from the problems.

/** One row a problem, in the order of every list. */
export interface FactTable {
  /** See `placeOf`. */
  place: number;
  id: number;
  machine_id: number;
  /** See `facetOf`. */
  facet: number;
  start_ms: number;
  /** Null while it is open. */
  end_ms: number | null;
  response_ms: number | null;
  /** See `spanClassOf`. */
  span_class: number;
  error_code: string | null;
  category: string | null;
  technician_name: string | null;
  vendor_name: string | null;
}

/** How many problems began in a day, month or year, for each facet; machine 0 is all of them. */
export interface CountTable {
  machine_id: number;
  facet: number;
  period: number;
  problems: number;
}

/** Figures of whole plant days that are over, and their sums for months and years; machine 0 is all of them. */
export interface RollupTable {
  machine_id: number;
  dimension: number;
  period: number;
  key: string;
  problems: number;
  completed: number;
  repair_ms: number;
  responded: number;
  response_ms: number;
  downtime_ms: number;
}

/** Up to which plant day (exclusive) a machine's figures are rolled up, and in which zone its days were cut. */
export interface RollupStateTable {
  machine_id: number;
  zone: string;
  rolled_to: number;
}

/** What the shift calendar said of a month when its days were rolled up. */
export interface RollupMonthTable {
  machine_id: number;
  month: number;
  print: string;
}

/** Every word that occurs; grows only, so that writers never wait for each other. */
export interface WordTable {
  word: string;
}

/** Of SQLite only: in which spans (see `spanOf`) a word occurs. A superset: a corrected text leaves its old words here. */
export interface WordSpanTable {
  word: string;
  span: number;
}

/** Of PostgreSQL only: the problems of a span that have a word or mark (see `indexedTerms`). No row without problems. */
export interface PostingTable {
  word: string;
  span: number;
  problems: number;
  /** See `packIds`. */
  ids: Uint8Array;
}

export interface CtpReadSchema {
  ctp_fact: FactTable;
  ctp_count: CountTable;
  ctp_rollup: RollupTable;
  ctp_rollup_state: RollupStateTable;
  ctp_rollup_month: RollupMonthTable;
  ctp_search_word: WordTable;
  ctp_search_span: WordSpanTable;
  ctp_posting: PostingTable;
}
