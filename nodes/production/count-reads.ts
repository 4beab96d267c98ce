// Reads the tracker's counts off the event loop: pieces by window, hour and shift, machines as people set them, newest messages.
import { type Kysely, sql } from 'kysely';
import type { Interval } from '../core/intervals.ts';
import { type PlantTime, plantTimeOf } from '../core/plant-time.ts';
import type { MachineReading, ShiftTotal } from './messages.ts';
import { bucketOf } from './state-accounts.ts';
import { chunked } from './state-records.ts';
import type { IntakeSchema } from './tables.ts';
import { shiftTotalOf } from './total-books.ts';

export interface Pieces {
  readonly production: number;
  readonly defects: number;
  /** Of `production`: made while nobody heard the machine. */
  readonly unheard: number;
}

export interface SpanPieces extends Pieces {
  readonly machine: string;
  readonly startMs: number;
}

/** What the newest message of a machine said; null: not in the message. */
export type SeenReading = Pick<
  MachineReading,
  | 'machine'
  | 'state'
  | 'performanceRate'
  | 'qualityRate'
  | 'availabilityRate'
  | 'cumulativeProduction'
  | 'cumulativeDefects'
  | 'intervalProduction'
  | 'intervalDefects'
  | 'order'
  | 'errorMessage'
  | 'failureReason'
  | 'sourceMs'
  | 'arrivedMs'
>;

/** A machine as people set it. */
export interface KnownMachine {
  readonly id: string;
  readonly name: string;
  readonly idealPerHour: number | null;
  readonly shiftTarget: number | null;
}

export interface ShiftFilter {
  readonly machine?: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  readonly offset: number;
}

const minuteMs = 60_000;
const hourMs = 3_600_000;
/** More machines than this are asked for as all of them, and the others left out afterwards. */
const namedMachines = 200;

type PieceTable = 'production_minute' | 'production_hour' | 'production_day';

export class CountReads {
  readonly #db: Kysely<IntakeSchema>;
  readonly #plant: PlantTime;

  constructor(db: Kysely<IntakeSchema>, timeZone: string) {
    this.#db = db;
    this.#plant = plantTimeOf(timeZone);
  }

  /** Machines in service, in the order of their names. */
  async machines(): Promise<readonly KnownMachine[]> {
    const rows = await this.#db
      .selectFrom('production_machine')
      .select(['id', 'name', 'ideal_per_hour', 'shift_target'])
      .where('active', '=', 1)
      .orderBy('id')
      .execute();
    return rows.map((row) => ({
      id: row.id,
      name: row.name || row.id,
      idealPerHour: row.ideal_per_hour,
      shiftTarget: row.shift_target,
    }));
  }

  /** Booked in [fromMs, toMs), whole minutes at the ends; machines without pieces are missing. Undefined: all machines. */
  async piecesBetween(
    machines: readonly string[] | undefined,
    fromMs: number,
    toMs: number,
  ): Promise<ReadonlyMap<string, Pieces>> {
    const sums = new Map<string, Pieces>();
    const from = Math.floor(fromMs / minuteMs) * minuteMs;
    const parts = windowParts(this.#plant, from, toMs);
    const tables = [
      ['production_day', parts.days],
      ['production_hour', parts.hours],
      ['production_minute', parts.edges],
    ] as const;
    for (const [table, spans] of tables) {
      for (const span of spans) {
        for (const row of await this.#sums(table, machines, span)) {
          const known = sums.get(row.machine);
          sums.set(row.machine, {
            production: (known?.production ?? 0) + Number(row.production),
            defects: (known?.defects ?? 0) + Number(row.defects),
            unheard: (known?.unheard ?? 0) + Number(row.unheard),
          });
        }
      }
    }
    return sums;
  }

  /** Hour by hour, oldest first; the hour of the plant's clock that contains `fromMs` is the first. */
  async hours(machines: readonly string[] | undefined, fromMs: number, toMs: number): Promise<readonly SpanPieces[]> {
    let query = this.#db
      .selectFrom('production_hour')
      .selectAll()
      .where('start_ms', '>', fromMs - hourMs)
      .where('start_ms', '<', toMs);
    if (machines && machines.length <= namedMachines) query = query.where('machine', 'in', machines);
    const rows = await query.orderBy('machine').orderBy('start_ms').execute();
    return rows.map(({ start_ms: startMs, ...row }) => ({ ...row, startMs }));
  }

  /** Shifts that begin in the filter's span, newest first; what was made outside every shift is left out. */
  async shifts(filter: ShiftFilter): Promise<readonly ShiftTotal[]> {
    const { fromMs, toMs, machine } = filter;
    const dates = { from: this.#plant.dateText(fromMs), to: this.#plant.dateText(toMs) };
    let query = this.#db
      .selectFrom('production_shift')
      .selectAll()
      .where('shift_date', '>=', dates.from)
      .where('shift_date', '<=', dates.to)
      .where('start_ms', '>=', fromMs)
      .where('start_ms', '<', toMs)
      .where('shift', '!=', '');
    if (machine !== undefined) query = query.where('machine', '=', machine);
    const rows = await query
      .orderBy('shift_date', 'desc')
      .orderBy('start_ms', 'desc')
      .orderBy('machine')
      .limit(filter.limit)
      .offset(filter.offset)
      .execute();
    return rows.map(shiftTotalOf);
  }

  /** The rows of shifts that begin at one of `starts`, mapped by machine and start as `M 1700000000000`. */
  async shiftsAt(
    shifts: readonly { readonly shiftDate: string; readonly shift: string }[],
  ): Promise<ReadonlyMap<string, ShiftTotal>> {
    const found = new Map<string, ShiftTotal>();
    const dates = [...new Set(shifts.map(({ shiftDate }) => shiftDate))];
    const names = [...new Set(shifts.map(({ shift }) => shift))];
    for (const some of chunked(dates)) {
      const rows = await this.#db
        .selectFrom('production_shift')
        .selectAll()
        .where('shift_date', 'in', some)
        .where('shift', 'in', names)
        .execute();
      for (const row of rows) found.set(`${row.machine} ${row.start_ms}`, shiftTotalOf(row));
    }
    return found;
  }

  /** Refused messages that wait for a decision. */
  async quarantine(): Promise<{ readonly waiting: number; readonly newest: number | null }> {
    const { waiting, newest } = await this.#db
      .selectFrom('production_quarantine')
      .select((row) => [row.fn.countAll<number>().as('waiting'), row.fn.max('id').as('newest')])
      // Written out, not bound: the partial index serves only a condition that it can recognise.
      .where('status', '=', sql.lit('waiting'))
      .executeTakeFirstOrThrow();
    return { waiting: Number(waiting), newest: newest === null ? null : Number(newest) };
  }

  /** The newest messages as they came, newest first, as far as the tracker keeps them. */
  async recent(limit: number, machine: string | undefined) {
    let query = this.#db.selectFrom('production_message').select(['machine', 'source_ms', 'arrived_ms', 'raw']);
    if (machine !== undefined) query = query.where('machine', '=', machine);
    return query.orderBy('id', 'desc').limit(limit).execute();
  }

  #sums(table: PieceTable, machines: readonly string[] | undefined, { startMs, endMs }: Interval) {
    let query = this.#db
      .selectFrom(table)
      .select('machine')
      .select((row) => [
        row.fn.sum<number>('production').as('production'),
        row.fn.sum<number>('defects').as('defects'),
        row.fn.sum<number>('unheard').as('unheard'),
      ])
      .where('start_ms', '>=', startMs)
      .where('start_ms', '<', endMs);
    if (machines && machines.length <= namedMachines) query = query.where('machine', 'in', machines);
    return query.groupBy('machine').execute();
  }
}

/** A window as whole plant days, whole hours of the plant's clock beside them, and what is left at its ends. */
export function windowParts(plant: PlantTime, fromMs: number, toMs: number) {
  const isReal = (span: Interval) => span.endMs > span.startMs;
  const split = (level: 'day' | 'hour', { startMs, endMs }: Interval) => {
    const first = bucketOf(plant, level, startMs);
    const from = first.startMs === startMs ? startMs : first.endMs;
    const to = bucketOf(plant, level, endMs).startMs;
    return to > from
      ? {
          inside: [{ startMs: from, endMs: to }],
          outside: [
            { startMs, endMs: from },
            { startMs: to, endMs },
          ].filter(isReal),
        }
      : { inside: [], outside: [{ startMs, endMs }] };
  };
  const byDay = split('day', { startMs: fromMs, endMs: toMs });
  const byHour = byDay.outside.map((span) => split('hour', span));
  return {
    days: byDay.inside,
    hours: byHour.flatMap(({ inside }) => inside),
    edges: byHour.flatMap(({ outside }) => outside).filter(isReal),
  };
}
