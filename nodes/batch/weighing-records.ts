// Manual weighings in SQL, inside the ledger's transaction: reports of the PLC, what became of each, and how they are shown.
import { type Kysely, type Selectable, sql } from 'kysely';
import type { WeighingView } from './messages.ts';
import type { BatchSchema, WeighingTable } from './tables.ts';

export type WeighingRow = Selectable<WeighingTable>;
export type WeighingChange = Partial<Omit<WeighingRow, 'id' | 'line' | 'plc' | 'content' | 'read_at'>>;

/** Alarms of so many that wait; the page has all. */
const mostHeld = 100;

export class WeighingRecords {
  readonly #db: Kysely<BatchSchema>;
  readonly #line: string;

  constructor(db: Kysely<BatchSchema>, line: string) {
    this.#db = db;
    this.#line = line;
  }

  /** The report that was taken last from this PLC. */
  latest(plc: string): Promise<WeighingRow | undefined> {
    return this.#own().where('plc', '=', plc).orderBy('id', 'desc').limit(1).executeTakeFirst();
  }

  byId(id: number): Promise<WeighingRow | undefined> {
    return this.#own().where('id', '=', id).executeTakeFirst();
  }

  /** Oldest first. */
  held(): Promise<WeighingRow[]> {
    return this.#own().where('status', '=', 'held').orderBy('id').limit(mostHeld).execute();
  }

  add(row: Omit<WeighingRow, 'id' | 'line'>): Promise<WeighingRow> {
    return this.#db
      .insertInto('batch_weighing')
      .values({ ...row, line: this.#line })
      .returningAll()
      .executeTakeFirstOrThrow();
  }

  async change(id: number, change: WeighingChange): Promise<void> {
    await this.#db
      .updateTable('batch_weighing')
      .set(change)
      .where('line', '=', this.#line)
      .where('id', '=', id)
      .execute();
  }

  /** Newest first. */
  async list(options: { readonly waiting: boolean; readonly limit: number; readonly offset: number }) {
    const rows = options.waiting ? this.#own().where('status', '=', 'held') : this.#own();
    const page = await rows
      .select(wasPosted.as('posted'))
      .orderBy('id', 'desc')
      .limit(options.limit)
      .offset(options.offset)
      .execute();
    const all = this.#db
      .selectFrom('batch_weighing')
      .select((row) => row.fn.countAll<number>().as('total'))
      .where('line', '=', this.#line);
    const { total } = await (options.waiting ? all.where('status', '=', 'held') : all).executeTakeFirstOrThrow();
    return { data: page.map((row) => weighingView(row, Boolean(row.posted))), total: Number(total) };
  }

  /** Whether Odoo has shown a posting of its batch that was made with it. */
  async isPosted(id: number): Promise<boolean> {
    const row = await this.#db
      .selectFrom('batch_weighing')
      .select(wasPosted.as('posted'))
      .where('id', '=', id)
      .executeTakeFirst();
    return Boolean(row?.posted);
  }

  #own() {
    return this.#db.selectFrom('batch_weighing').selectAll().where('line', '=', this.#line);
  }
}

/** A row of the outbox holds every mass that was taken before it; read back from Odoo it is verified. */
const wasPosted = sql<number | boolean>`exists (
  select 1 from batch_outbox where batch_outbox.batch_id = batch_weighing.batch_id and batch_outbox.kind in ('push', 'record')
  and batch_outbox.status = 'verified' and batch_outbox.created_at >= batch_weighing.taken_at)`;

export function weighingView(row: WeighingRow, posted: boolean): WeighingView {
  return {
    id: Number(row.id),
    line: row.line,
    batch_no: row.slot === 0 ? null : row.slot,
    mo_id: row.order_name,
    product_id: Number(row.product_id),
    quantity: Number(row.mass_centi_kg) / 100,
    read_at: row.read_at,
    reported: {
      mo_id: row.reported_order,
      product_id: Number(row.reported_product_id),
      quantity: Number(row.reported_centi_kg) / 100,
      doubts: JSON.parse(row.doubts) as readonly string[],
    },
    status: row.status === 'taken' && posted ? 'posted' : row.status,
    code: row.hold_code,
    message: row.hold_message,
    decided_by: row.decided_by,
    decided_at: row.decided_at,
    reason: row.reason,
  };
}
