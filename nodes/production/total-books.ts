// The totals that pieces are booked into: minute, hour, day, order and shift of a machine, each by adding.
import { sql, type Transaction } from 'kysely';
import type { PlantTime } from '../core/plant-time.ts';
import type { StoreEngine } from '../store/store.ts';
import type { NewProductionEvent } from './intake-contract.ts';
import { jsonRows } from './json-rows.ts';
import type { Slice } from './live-machine.ts';
import type { ShiftTotal } from './messages.ts';
import { bucketOf } from './state-accounts.ts';
import type { IntakeSchema, ShiftTotalTable } from './tables.ts';

export interface MachineSlice {
  readonly machine: string;
  readonly slice: Slice;
}

export interface Booked {
  /** Of closed shifts that got counts. */
  readonly events: readonly NewProductionEvent[];
  /** Every shift that got counts, as it is now. */
  readonly shifts: readonly ShiftTotalTable[];
}

export class TotalBooks {
  readonly #engine: StoreEngine;
  readonly #plant: PlantTime;

  constructor(engine: StoreEngine, plant: PlantTime) {
    this.#engine = engine;
    this.#plant = plant;
  }

  /** @param graceMs closed shifts are corrected quietly for this long after their end; later ones also get another type of event */
  async book(
    transaction: Transaction<IntakeSchema>,
    slices: readonly MachineSlice[],
    nowMs: number,
    graceMs: number,
  ): Promise<Booked> {
    if (slices.length === 0) return { events: [], shifts: [] };
    // A late message may only say that the pieces of another were heard.
    const counted = slices.filter(({ slice }) => slice.production !== 0 || slice.defects !== 0 || slice.unheard !== 0);
    await this.#bookSpans(transaction, 'production_minute', counted, (atMs) => atMs);
    await this.#bookSpans(transaction, 'production_hour', counted, (atMs) => this.#hourStart(atMs));
    await this.#bookSpans(transaction, 'production_day', counted, (atMs) => this.#dayStart(atMs));
    await this.#bookOrders(transaction, counted);
    return this.#bookShifts(transaction, slices, nowMs, graceMs);
  }

  async #bookSpans(
    transaction: Transaction<IntakeSchema>,
    table: 'production_minute' | 'production_hour' | 'production_day',
    slices: readonly MachineSlice[],
    startOf: (minuteMs: number) => number,
  ): Promise<void> {
    const sums = new Sums();
    for (const { machine, slice } of slices) {
      const startMs = startOf(slice.minuteMs);
      sums.add(`${machine}/${startMs}`, [machine, startMs], slice);
    }
    if (sums.rows.length === 0) return;
    const name = sql.table(table);
    await sql`insert into ${name} (machine, start_ms, production, defects, unheard)
      select cast(value ->> 0 as text), cast(value ->> 1 as bigint), cast(value ->> 2 as bigint), cast(value ->> 3 as bigint),
        cast(value ->> 4 as bigint)
      from ${jsonRows(this.#engine, sums.rows)} where true
      on conflict (machine, start_ms) do update set production = ${name}.production + excluded.production,
        defects = ${name}.defects + excluded.defects, unheard = ${name}.unheard + excluded.unheard`.execute(
      transaction,
    );
  }

  async #bookOrders(transaction: Transaction<IntakeSchema>, slices: readonly MachineSlice[]): Promise<void> {
    /** Mapped by machine and order. */
    const spans = new Map<string, { firstMs: number; lastMs: number }>();
    const sums = new Sums();
    for (const { machine, slice } of slices) {
      const key = `${machine}/${slice.order}`;
      const span = spans.get(key) ?? { firstMs: slice.firstMs, lastMs: slice.lastMs };
      span.firstMs = Math.min(span.firstMs, slice.firstMs);
      span.lastMs = Math.max(span.lastMs, slice.lastMs);
      spans.set(key, span);
      sums.add(key, [machine, slice.order], slice);
    }
    if (sums.rows.length === 0) return;
    const rows = sums.rows.map((row) => {
      const span = spans.get(`${String(row[0])}/${String(row[1])}`);
      return [...row, span?.firstMs ?? 0, span?.lastMs ?? 0];
    });
    await sql`insert into production_order (machine, order_name, production, defects, first_ms, last_ms)
      select cast(value ->> 0 as text), cast(value ->> 1 as text), cast(value ->> 2 as bigint), cast(value ->> 3 as bigint),
        cast(value ->> 5 as bigint), cast(value ->> 6 as bigint)
      from ${jsonRows(this.#engine, rows)} where true
      on conflict (machine, order_name) do update set production = production_order.production + excluded.production,
        defects = production_order.defects + excluded.defects,
        first_ms = case when excluded.first_ms < production_order.first_ms then excluded.first_ms else production_order.first_ms end,
        last_ms = case when excluded.last_ms > production_order.last_ms then excluded.last_ms else production_order.last_ms end`.execute(
      transaction,
    );
  }

  async #bookShifts(
    transaction: Transaction<IntakeSchema>,
    slices: readonly MachineSlice[],
    nowMs: number,
    graceMs: number,
  ) {
    const sums = new Sums();
    for (const { machine, slice } of slices) {
      const { shift, shiftDate, startMs, endMs } = slice.shift;
      sums.add(`${machine}/${shiftDate}/${shift}`, [machine, shiftDate, shift, startMs, endMs], slice);
    }
    const { rows: shifts } = await sql<ShiftTotalTable>`insert into production_shift as total
        (machine, shift_date, shift, start_ms, end_ms, production, defects, unheard, revision)
      select cast(value ->> 0 as text), cast(value ->> 1 as text), cast(value ->> 2 as text), cast(value ->> 3 as bigint),
        cast(value ->> 4 as bigint), cast(value ->> 5 as bigint), cast(value ->> 6 as bigint),
        cast(value ->> 7 as bigint), 0
      from ${jsonRows(this.#engine, sums.rows)} where true
      on conflict (machine, shift_date, shift) do update set production = total.production + excluded.production,
        defects = total.defects + excluded.defects, unheard = total.unheard + excluded.unheard,
        start_ms = case when total.closed_at is null then excluded.start_ms else total.start_ms end,
        end_ms = case when total.closed_at is null then excluded.end_ms else total.end_ms end,
        revision = case when total.closed_at is not null and (excluded.production <> 0 or excluded.defects <> 0 or total.silent = 1)
          then total.revision + 1 else total.revision end,
        silent = 0
      returning *`.execute(transaction);
    const events: NewProductionEvent[] = [];
    for (const total of shifts) {
      const added = sums.get(`${total.machine}/${total.shift_date}/${total.shift}`);
      if (total.closed_at === null || added === undefined || (added.production === 0 && added.defects === 0)) continue;
      events.push({
        machine: total.machine,
        at: new Date(nowMs).toISOString(),
        type: nowMs - total.end_ms > graceMs ? 'late-adjustment' : 'late-correction',
        actor: 'tracker',
        reason: null,
        detail: { ...shiftTotalOf(total), added },
      });
    }
    return { events, shifts };
  }

  /** Hours are those of the plant's clock: in a zone of half an hour they begin at half an hour of UTC. */
  #hourStart(atMs: number): number {
    return bucketOf(this.#plant, 'hour', atMs).startMs;
  }

  #dayStart(atMs: number): number {
    const { year, month, day } = this.#plant.wallTime(atMs);
    return this.#plant.boundaryMs({ year, month, day });
  }
}

interface Sum {
  production: number;
  defects: number;
  unheard: number;
}

/** Counts added up by a key, as rows for one statement: one key comes once, or PostgreSQL refuses the upsert. */
class Sums {
  /** Mapped by key. */
  readonly #sums = new Map<string, { readonly key: readonly unknown[] } & Sum>();

  add(name: string, key: readonly unknown[], { production, defects, unheard }: Readonly<Sum>): void {
    const sum = this.#sums.get(name);
    if (sum) {
      sum.production += production;
      sum.defects += defects;
      sum.unheard += unheard;
    } else this.#sums.set(name, { key, production, defects, unheard });
  }

  get(name: string): { production: number; defects: number } | undefined {
    const sum = this.#sums.get(name);
    return sum && { production: sum.production, defects: sum.defects };
  }

  get rows(): readonly (readonly unknown[])[] {
    return [...this.#sums.values()].map(({ key, production, defects, unheard }) => [
      ...key,
      production,
      defects,
      unheard,
    ]);
  }
}

export function shiftTotalOf(row: ShiftTotalTable): ShiftTotal {
  return {
    machine: row.machine,
    shift: row.shift,
    shift_date: row.shift_date,
    start: new Date(row.start_ms).toISOString(),
    end: new Date(row.end_ms).toISOString(),
    closed: row.closed_at !== null,
    production: row.production,
    defects: row.defects,
    unheard: row.unheard,
    revision: row.revision,
    silent: row.silent === 1,
  };
}
