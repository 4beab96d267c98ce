// Reads timelines and their rollups off the event loop: time by state in any window, the running stops, the history of stops.
import { type Kysely, type SqlBool, sql } from 'kysely';
import { isFresh } from '../core/instants.ts';
import type { Interval } from '../core/intervals.ts';
import { type PlantTime, plantTimeOf } from '../core/plant-time.ts';
import { inList } from '../store/empty-lists.ts';
import type { Store, StoreEngine } from '../store/store.ts';
import type { ShiftCalendar } from './calendar-contract.ts';
import { type SeenReading, windowParts } from './count-reads.ts';
import type { MachineState, StopReason } from './messages.ts';
import { addStateMs, noStateMs, type StateMs } from './oee.ts';
import { bucketOf, type Severity, shortestStopMs, stateMsOf } from './state-accounts.ts';
import { chunked, type SpanRow } from './state-records.ts';
import type { StateSchema } from './state-tables.ts';

/** A machine's last word: the span that lasts, and until when it is known to. */
export interface OpenSpan {
  readonly row: SpanRow;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Until now while messages come, until the last one when they don't. */
  readonly untilMs: number;
  readonly stale: boolean;
  /** What its newest message said. */
  readonly latest: SeenReading | null;
}

/** What views need of a span; every further column costs with thousands of them. */
export type ClosedSpan = Omit<SpanRow, 'words' | 'version'>;

export interface StopFilter {
  readonly machines?: readonly string[] | undefined;
  readonly states: readonly MachineState[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  /** Only those without a reason. */
  readonly uncategorised: boolean;
  readonly leastMs: number;
}

export interface StopTally {
  readonly state: MachineState;
  readonly reason: string;
  readonly severity: Severity;
  readonly count: number;
  readonly ms: number;
}

/** Names of machines; undefined: all of them. */
export type Machines = readonly string[] | undefined;

/** More machines than this are asked for as all of them, and the others left out afterwards. */
const namedMachines = 200;

export class StateReads {
  readonly #db: Kysely<StateSchema>;
  readonly #engine: StoreEngine;
  readonly #calendar: ShiftCalendar;
  readonly #plant: PlantTime;

  constructor(store: Pick<Store, 'engine' | 'reader'>, calendar: ShiftCalendar) {
    this.#db = store.reader<StateSchema>();
    this.#engine = store.engine;
    this.#calendar = calendar;
    this.#plant = plantTimeOf(calendar.timeZone);
  }

  /** The open span of every machine that ever spoke, mapped by machine. */
  async openSpans(machines: Machines, nowMs: number): Promise<ReadonlyMap<string, OpenSpan>> {
    let query = this.#db
      .selectFrom('state_track as track')
      .innerJoin('state_span as span', 'span.machine', 'track.machine')
      .selectAll('span')
      .select(['track.first_ms', 'track.last_ms', 'track.latest', 'track.silence_ms'])
      .where('span.end_ms', 'is', null);
    if (machines && machines.length <= namedMachines) query = query.where('track.machine', 'in', machines);
    const rows = await query.orderBy('track.machine').execute();
    return new Map(
      rows.map(({ first_ms: firstMs, last_ms: lastMs, latest: said, silence_ms: silenceMs, ...row }) => {
        const stale = row.state === 'offline' || !isFresh(lastMs, nowMs, silenceMs);
        // What a clock that was ahead has dated holds for no longer than what is known now.
        const untilMs = stale ? Math.min(lastMs, nowMs) : Math.max(nowMs, lastMs);
        const latest: SeenReading | null = said === '{}' ? null : JSON.parse(said);
        return [row.machine, { row, firstMs, lastMs, untilMs, stale, latest }];
      }),
    );
  }

  /** Milliseconds of planned busy time in [fromMs, toMs) by state, mapped by machine; `open` of `openSpans`. */
  async stateMs(
    machines: Machines,
    fromMs: number,
    toMs: number,
    open: ReadonlyMap<string, OpenSpan>,
  ): Promise<ReadonlyMap<string, StateMs>> {
    const sums = new Map<string, StateMs>();
    const add = (machine: string, ms: StateMs) => sums.set(machine, addStateMs(sums.get(machine) ?? noStateMs, ms));
    const { days, hours, edges } = windowParts(this.#plant, fromMs, toMs);
    for (const [level, spans] of [
      ['day', days],
      ['hour', hours],
    ] as const) {
      for (const span of spans) {
        for (const row of await this.#booked(machines, level, span)) {
          add(row.machine, { runningMs: row.running_ms, unplannedMs: row.unplanned_ms, plannedMs: row.planned_ms });
        }
      }
    }
    for (const edge of edges) {
      for (const [machine, rows] of await this.closedSpans(machines, edge)) {
        add(machine, this.#clipped(machine, rows, edge));
      }
    }
    for (const [machine, span] of open) {
      if (!machines || machines.includes(machine)) add(machine, this.openMs(machine, span, fromMs, toMs));
    }
    return sums;
  }

  /** What the span that lasts adds to a window: it is in no rollup yet. */
  openMs(machine: string, { row, untilMs }: OpenSpan, fromMs: number, toMs: number): StateMs {
    const part = { startMs: Math.max(fromMs, row.start_ms), endMs: Math.min(toMs, untilMs) };
    if (part.endMs <= part.startMs) return noStateMs;
    const span = { ...part, state: row.state, planned: row.planned === 1 };
    return stateMsOf([span], this.#calendar.plannedBusy(machine, part.startMs, part.endMs));
  }

  /** The rows of shifts that begin at one of `starts`, mapped by machine and start as `M 1700000000000`. */
  async shiftMs(machines: Machines, starts: readonly number[]): Promise<ReadonlyMap<string, StateMs>> {
    const found = new Map<string, StateMs>();
    for (const some of chunked([...new Set(starts)])) {
      let query = this.#db
        .selectFrom('state_time')
        .select(['machine', 'start_ms', 'running_ms', 'unplanned_ms', 'planned_ms'])
        .where('level', '=', 'shift')
        .where('start_ms', 'in', some);
      if (machines && machines.length <= namedMachines) query = query.where('machine', 'in', machines);
      for (const row of await query.execute()) {
        const { running_ms: runningMs, unplanned_ms: unplannedMs, planned_ms: plannedMs } = row;
        found.set(`${row.machine} ${row.start_ms}`, { runningMs, unplannedMs, plannedMs });
      }
    }
    return found;
  }

  /** Closed spans that touch the window, unclipped, oldest first, mapped by machine. */
  async closedSpans(
    machines: Machines,
    { startMs, endMs }: Interval,
  ): Promise<ReadonlyMap<string, readonly ClosedSpan[]>> {
    const named = machines && machines.length <= namedMachines ? machines : undefined;
    // The span in which the window begins is found by the index first; the join then reads one stretch of each machine.
    const { rows } = await sql<ClosedSpan>`
      with edge as materialized (
        select track.machine, coalesce((select max(early.start_ms) from state_span early
          where early.machine = track.machine and early.start_ms <= ${startMs}), ${startMs}) as from_ms
        from state_track track
        ${named ? sql`where track.machine in (${inList(named)})` : sql``})
      select span.id, span.machine, span.start_ms, span.end_ms, span.state, span.planned, span.reason, span.reason_by
      from edge cross join ${this.#stretch(endMs)}
      where span.machine = edge.machine and span.start_ms >= edge.from_ms and span.start_ms < ${endMs}
        and span.end_ms > ${startMs}
      order by span.machine, span.start_ms`.execute(this.#db);
    const spans = new Map<string, ClosedSpan[]>();
    for (const row of rows) {
      const known = spans.get(row.machine);
      if (known) known.push(row);
      else spans.set(row.machine, [row]);
    }
    return spans;
  }

  /** PostgreSQL would rather read the whole past than 100 stretches of it; a lateral join that it may not flatten keeps it from that. */
  #stretch(endMs: number) {
    if (this.#engine === 'sqlite') return sql`state_span span`;
    return sql`lateral (select * from state_span part where part.machine = edge.machine
      and part.start_ms >= edge.from_ms and part.start_ms < ${endMs} offset 0) span`;
  }

  /** Stops, newest first, those that last among them; shorter ones than `leastMs` are no event. */
  async stops(filter: StopFilter, nowMs: number): Promise<readonly SpanRow[]> {
    let query = this.#db
      .selectFrom('state_span')
      .selectAll()
      // Written out, not bound: the partial index serves only a condition that it can recognise.
      .where(sql<SqlBool>`state not in ('running', 'offline')`)
      .where('start_ms', '>=', filter.fromMs)
      .where('start_ms', '<', filter.toMs)
      .where(sql<SqlBool>`coalesce(end_ms, ${nowMs}) - start_ms >= ${Math.max(filter.leastMs, shortestStopMs)}`);
    if (filter.states.length > 0) query = query.where('state', 'in', filter.states);
    if (filter.machines?.length === 0) return [];
    if (filter.machines) query = query.where('machine', 'in', filter.machines);
    if (filter.uncategorised) query = query.where('reason', 'is', null);
    return query.orderBy('start_ms', 'desc').limit(filter.limit).execute();
  }

  /** Closed stops that began on the whole days of the window, by state, reason and severity. */
  async stopTallies(machine: string | undefined, fromMs: number, toMs: number): Promise<readonly StopTally[]> {
    const firstMonth = bucketOf(this.#plant, 'month', fromMs);
    const monthsFrom = firstMonth.startMs >= fromMs ? firstMonth.startMs : firstMonth.endMs;
    const monthsTo = Math.max(monthsFrom, bucketOf(this.#plant, 'month', toMs).startMs);
    const spans =
      monthsTo >= toMs || monthsFrom >= toMs
        ? [{ level: 'day' as const, startMs: fromMs, endMs: toMs }]
        : [
            { level: 'day' as const, startMs: fromMs, endMs: monthsFrom },
            { level: 'month' as const, startMs: monthsFrom, endMs: monthsTo },
            { level: 'day' as const, startMs: monthsTo, endMs: toMs },
          ];
    const sums = new Map<string, StopTally>();
    for (const { level, startMs, endMs } of spans) {
      if (endMs <= startMs) continue;
      let query = this.#db
        .selectFrom('stop_tally')
        .select(['state', 'reason', 'severity'])
        .select((row) => [row.fn.sum<number>('count').as('count'), row.fn.sum<number>('ms').as('ms')])
        .where('level', '=', level)
        .where('start_ms', '>=', startMs)
        .where('start_ms', '<', endMs);
      if (machine !== undefined) query = query.where('machine', '=', machine);
      for (const row of await query.groupBy(['state', 'reason', 'severity']).execute()) {
        const key = [row.state, row.reason, row.severity].join('|');
        const known = sums.get(key);
        const count = Number(row.count) + (known?.count ?? 0);
        sums.set(key, { ...row, count, ms: Number(row.ms) + (known?.ms ?? 0) });
      }
    }
    return [...sums.values()].filter(({ count }) => count !== 0);
  }

  async reasons(): Promise<readonly StopReason[]> {
    const rows = await this.#db.selectFrom('stop_reason').selectAll().orderBy('code').execute();
    return rows.map((row) => ({
      code: row.code,
      label: { id: row.label_id, 'en-US': row.label_en },
      planned: row.planned === 1,
    }));
  }

  #booked(machines: Machines, level: 'day' | 'hour', { startMs, endMs }: Interval) {
    let query = this.#db
      .selectFrom('state_time')
      .select('machine')
      .select((row) => [
        sql<number>`cast(sum(running_ms) as bigint)`.as('running_ms'),
        sql<number>`cast(sum(unplanned_ms) as bigint)`.as('unplanned_ms'),
        sql<number>`cast(sum(planned_ms) as bigint)`.as('planned_ms'),
        row.fn.countAll().as('rows'),
      ])
      // Written out, not bound: the partial index serves only a condition that it can recognise.
      .where('level', '=', sql.lit(level))
      .where('start_ms', '>=', startMs)
      .where('start_ms', '<', endMs);
    if (machines && machines.length <= namedMachines) query = query.where('machine', 'in', machines);
    return query.groupBy('machine').execute();
  }

  #clipped(machine: string, rows: readonly ClosedSpan[], edge: Interval): StateMs {
    const spans = rows.map((row) => ({
      startMs: row.start_ms,
      endMs: row.end_ms ?? edge.endMs,
      state: row.state,
      planned: row.planned === 1,
    }));
    return stateMsOf(spans, this.#calendar.plannedBusy(machine, edge.startMs, edge.endMs));
  }
}
