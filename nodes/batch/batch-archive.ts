// History, event trails and watched writes in SQL, quick with millions of rows.
import { setImmediate as turn } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Store } from '../store/store.ts';
import type { Batch } from './batch.ts';
import { assembled } from './batch-store.ts';
import type { LedgerArchive, Page, TrailEntry, WatchedRow } from './ledger-archive.ts';
import type { BatchSchema } from './tables.ts';

/** Rows that one query of a search looks at: 1 to 5 ms with SQLite and a million rows on a two-core machine. */
const sliceRows = 5_000;

export class BatchArchive implements LedgerArchive {
  readonly #db: Kysely<BatchSchema>;
  readonly #line: string;

  constructor(store: Store, line: string) {
    this.#db = store.reader<BatchSchema>();
    this.#line = line;
  }

  /** The n-th batch to end on a line has `ended_seq` n, so that any page and the total are found at once. */
  async history(limit: number, offset: number, search: string | undefined): Promise<Page<Batch>> {
    const total = await this.#lastEndedSeq();
    if (search !== undefined && search !== '') return this.#search(limit, offset, search, total);
    const newest = total - offset;
    const rows = await this.#db
      .selectFrom('batch')
      .selectAll()
      .where('line', '=', this.#line)
      .where('ended_seq', '<=', newest)
      .where('ended_seq', '>', newest - limit)
      .orderBy('ended_seq', 'desc')
      .execute();
    return { rows: await assembled(this.#db, rows), total };
  }

  async trail(batchId: string): Promise<TrailEntry[]> {
    const rows = await this.#db
      .selectFrom('batch_event')
      .selectAll()
      .where('batch_id', '=', batchId)
      .orderBy('seq')
      .execute();
    return rows.map((row) => ({
      seq: row.seq,
      batchId: row.batch_id,
      orderName: row.order_name,
      line: row.line,
      slot: row.slot,
      at: row.at,
      actor: row.actor,
      type: row.type,
      fromState: row.from_state,
      toState: row.to_state,
      reason: row.reason,
      version: row.version,
      data: row.data === null ? null : JSON.parse(row.data),
    }));
  }

  async watched(limit: number, offset: number): Promise<Page<WatchedRow>> {
    const rows = await this.#db
      .selectFrom('watched_write')
      .selectAll()
      .where('line', '=', this.#line)
      .orderBy('seq', 'desc')
      .limit(limit)
      .offset(offset)
      .execute();
    const { total } = await this.#db
      .selectFrom('watched_write')
      .select((select) => select.fn.countAll<number>().as('total'))
      .where('line', '=', this.#line)
      .executeTakeFirstOrThrow();
    return {
      rows: rows.map(({ seq, at, kind, order_name, payload }) => ({
        seq,
        at,
        kind,
        mo_id: order_name,
        payload: JSON.parse(payload),
      })),
      total,
    };
  }

  async #lastEndedSeq(): Promise<number> {
    const last = await this.#db
      .selectFrom('batch')
      .select('ended_seq')
      .where('line', '=', this.#line)
      .where('ended_seq', 'is not', null)
      .orderBy('ended_seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    return last?.ended_seq ?? 0;
  }

  /** Walks the whole history in slices and lets other work in between. */
  async #search(limit: number, offset: number, search: string, newest: number): Promise<Page<Batch>> {
    const wanted: number[] = [];
    let total = 0;
    for (let high = newest; high > 0; high -= sliceRows) {
      const found = await this.#matches(high, search);
      const from = Math.max(0, offset - total);
      wanted.push(...found.slice(from, from + limit - wanted.length));
      total += found.length;
      await turn();
    }
    if (wanted.length === 0) return { rows: [], total };
    const rows = await this.#db
      .selectFrom('batch')
      .selectAll()
      .where('line', '=', this.#line)
      .where('ended_seq', 'in', wanted)
      .orderBy('ended_seq', 'desc')
      .execute();
    return { rows: await assembled(this.#db, rows), total };
  }

  async #matches(high: number, search: string): Promise<number[]> {
    const pattern = `%${search.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    const rows = await this.#db
      .selectFrom('batch')
      .select('ended_seq')
      .where('line', '=', this.#line)
      .where('ended_seq', '<=', high)
      .where('ended_seq', '>', high - sliceRows)
      .where(sql<boolean>`lower(order_name) like ${pattern} escape '\\'`)
      .orderBy('ended_seq', 'desc')
      .execute();
    return rows.flatMap((row) => (row.ended_seq === null ? [] : [row.ended_seq]));
  }
}
