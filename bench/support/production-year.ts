// Fills a store with the past of many machines, straight into timelines and rollups: what a year of messages would have left.

import { sql } from 'kysely';
import { plantTimeOf } from '../../nodes/core/plant-time.ts';
import type { ShiftCalendar } from '../../nodes/production/calendar-contract.ts';
import { migrateIntakeTables } from '../../nodes/production/intake-migrations.ts';
import { seededRandom } from '../../nodes/production/simulator/seeded-random.ts';
import { bucketOf, StateAccounts } from '../../nodes/production/state-accounts.ts';
import { packMarks } from '../../nodes/production/state-marks.ts';
import { chunked, StateRecords } from '../../nodes/production/state-records.ts';
import type { StateSchema, StateSpanTable } from '../../nodes/production/state-tables.ts';
import type { TimelineSpan } from '../../nodes/production/state-timeline.ts';
import { migrateStateTables } from '../../nodes/production/states-participant.ts';
import type { IntakeSchema } from '../../nodes/production/tables.ts';
import type { Store } from '../../nodes/store/store.ts';
import { fillHealth } from './health-year.ts';

export interface PastOptions {
  readonly machines: number;
  readonly days: number;
  /** The past ends here. */
  readonly nowMs: number;
  readonly seed: number;
  /** Minutes of counts are made for so many of the newest days; older ones are only in hours, days and shifts. */
  readonly minuteDays: number;
  /** Messages as they came are kept of so many of the newest days, one in 5 s, and a quarantine with a few hundred; none unless named. */
  readonly rawDays?: number;
  /** Minutes of the trends of health are made for so many of the newest days; without them there is no health. */
  readonly trendDays?: number;
}

/** What one machine made in one minute. */
export interface MinuteCount {
  readonly startMs: number;
  readonly production: number;
  readonly defects: number;
}

/** The past of one machine as it was, for whoever checks what was made of it. */
export interface MachinePast {
  readonly machine: string;
  readonly spans: readonly TimelineSpan[];
  readonly minutes: readonly MinuteCount[];
}

type Schema = StateSchema & IntakeSchema;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const messageEveryMs = 5_000;
export const piecesPerMinute = 20;
const stops = [
  { state: 'error', reason: 'ELECTRICAL_FAILURE', planned: false },
  { state: 'stopped', reason: null, planned: false },
  { state: 'idle', reason: 'NO_ORDERS', planned: true },
  { state: 'maintenance', reason: 'SCHEDULED_MAINTENANCE', planned: true },
  { state: 'offline', reason: null, planned: false },
] as const;

export const machineName = (index: number) => `M${String(index + 1).padStart(3, '0')}`;

/** Runs of 1 to 60 minutes, stops of half a minute to 12, so about 40 changes a day; whole seconds. */
export function pastOf(machine: string, options: PastOptions): MachinePast {
  const random = seededRandom(options.seed * 7919 + Number(machine.slice(1)));
  const fromMs = options.nowMs - options.days * dayMs;
  const spans: TimelineSpan[] = [];
  for (let atMs = fromMs; atMs < options.nowMs; ) {
    const isRun = spans.length % 2 === 0;
    const lengthMs = Math.ceil(isRun ? 60 + random() * 3540 : 30 + random() * 690) * 1000;
    const stop = stops[Math.floor(random() * stops.length)] ?? stops[0];
    const what = isRun ? ({ state: 'running', reason: null, planned: false } as const) : stop;
    const endMs = atMs + lengthMs >= options.nowMs ? Infinity : atMs + lengthMs;
    spans.push({ id: null, startMs: atMs, endMs, ...what, words: null, reasonBy: null });
    atMs += lengthMs;
  }
  return { machine, spans, minutes: minutesOf(spans, options.nowMs, random) };
}

/** Pieces of each whole minute in which the machine ran for more than half of it. */
function minutesOf(spans: readonly TimelineSpan[], nowMs: number, random: () => number): readonly MinuteCount[] {
  const minutes: MinuteCount[] = [];
  for (const { startMs, endMs, state } of spans) {
    if (state !== 'running') continue;
    const to = Math.min(endMs, nowMs);
    for (let at = Math.round(startMs / minuteMs) * minuteMs; at + minuteMs / 2 < to; at += minuteMs) {
      const production = Math.floor(random() * piecesPerMinute);
      minutes.push({ startMs: at, production, defects: Math.floor(random() * random() * 0.1 * production) });
    }
  }
  return minutes;
}

/** Makes the tables and fills them; the pasts of all machines if they are wanted. */
export async function fillPast(
  store: Store,
  calendar: ShiftCalendar,
  options: PastOptions,
  onMachine: (past: MachinePast) => void = () => {},
): Promise<void> {
  await migrateIntakeTables(store);
  await migrateStateTables(store);
  for (let index = 0; index < options.machines; index += 1) {
    const past = pastOf(machineName(index), options);
    await store.transaction<Schema, void>((transaction) => writePast(transaction as never, calendar, past, options));
    onMachine(past);
  }
  const machines = Array.from({ length: options.machines }, (_, index) => machineName(index));
  if (options.rawDays) await writeMessages(store, machines, options.nowMs, options.rawDays);
  if (options.trendDays) await fillHealth(store, { ...options, machines, trendDays: options.trendDays });
  // What a database does by itself overnight.
  if (store.engine === 'postgres') await sql`vacuum analyze`.execute(store.db());
}

/** The end of the past that a store was filled with. */
export async function pastEndMs(store: Store): Promise<number> {
  const { newest } = await store
    .reader<StateSchema>()
    .selectFrom('state_track')
    .select((row) => row.fn.max('last_ms').as('newest'))
    .executeTakeFirstOrThrow();
  return Number(newest) + 1000;
}

/** The last machine fell silent at the beginning of the kept time: its messages lie under those of all others. */
async function writeMessages(store: Store, machines: readonly string[], nowMs: number, days: number): Promise<void> {
  const messages = Math.floor((days * dayMs) / messageEveryMs);
  const raw = JSON.stringify({
    machine_status: 'Running',
    performance_rate: 88.4,
    quality_rate: 97.2,
    availability_rate: 91.3,
    cumulative_production: 1_234_567,
    cumulative_defects: 1_234,
    interval_production: 100,
    interval_defects: 1,
    timestamp: new Date(nowMs).toISOString(),
    error_message: null,
    failure_reason: null,
    is_critical: false,
  });
  await sql`insert into production_message (machine, source_ms, arrived_ms, raw)
    with recursive beat (n) as (select 0 union all select n + 1 from beat where n + 1 < ${messages})
    select id, at, at, ${raw} from (
      select id, cast(${nowMs - days * dayMs} as bigint) + n * cast(${messageEveryMs} as bigint) as at, n
      from beat cross join production_machine order by n, id) as sent
    where id <> ${machines.at(-1) ?? ''} or n < 1000`.execute(store.db());
  await sql`insert into production_quarantine (source, machine, code, message, raw, raw_cut, arrived_ms, status, attempts)
    with recursive refused (n) as (select 1 union all select n + 1 from refused where n < 5000)
    select 'mqtt', null, 'not-json', 'is no JSON', ${raw.slice(0, -1)}, 0, cast(${nowMs} as bigint) - n, 'waiting', 0 from refused`.execute(
    store.db(),
  );
  await sql`insert into production_counter (machine, epoch, last_production, last_defects, last_source_ms, last_sequence,
      last_clock_trusted, last_arrived_ms, order_name, total_production, total_defects, messages, duplicates, late)
    select id, 1, 1, 0, ${nowMs}, null, 1, ${nowMs}, '', 1, 0, ${messages}, 0, 0 from production_machine`.execute(
    store.db(),
  );
}

async function writePast(
  db: import('kysely').Transaction<Schema>,
  calendar: ShiftCalendar,
  { machine, spans, minutes }: MachinePast,
  options: PastOptions,
): Promise<void> {
  const plant = plantTimeOf(calendar.timeZone);
  await db
    .insertInto('production_machine')
    .values({
      id: machine,
      name: machine,
      machine_group: '',
      counter_modulus: null,
      max_per_hour: null,
      ideal_per_hour: piecesPerMinute * 60,
      shift_target: 4000,
      active: 1,
      updated_at: new Date(options.nowMs).toISOString(),
      updated_by: 'generator',
    })
    .execute();
  for (const some of chunked(spans, 3000)) {
    const rows = some.map((span) => ({
      machine,
      start_ms: span.startMs,
      end_ms: span.endMs === Infinity ? null : span.endMs,
      state: span.state,
      words: null,
      reason: span.reason,
      reason_by: null,
      planned: span.planned ? 1 : 0,
      version: 1,
    }));
    await db
      .insertInto('state_span')
      .values(rows as unknown as StateSpanTable[])
      .execute();
  }
  const accounts = new StateAccounts(calendar, plant);
  for (const span of spans) accounts.book(machine, span, 1);
  await new StateRecords(db as never).book(accounts.times, accounts.stops);
  const last = spans.at(-1) as TimelineSpan;
  const marks = [{ atMs: options.nowMs - 1000, state: last.state, words: null, sequence: null }];
  await db
    .insertInto('state_track')
    .values({
      machine,
      first_ms: spans[0]?.startMs ?? options.nowMs,
      last_ms: options.nowMs - 1000,
      silent: last.state === 'offline' ? 1 : 0,
      marks: packMarks(marks),
      latest: JSON.stringify({
        machine,
        state: last.state,
        order: null,
        sourceMs: options.nowMs,
        arrivedMs: options.nowMs,
      }),
    })
    .execute();
  await writeCounts(db, calendar, machine, minutes, options);
}

async function writeCounts(
  db: import('kysely').Transaction<Schema>,
  calendar: ShiftCalendar,
  machine: string,
  minutes: readonly MinuteCount[],
  options: PastOptions,
): Promise<void> {
  const plant = plantTimeOf(calendar.timeZone);
  const sums = { production_hour: new Map<number, MinuteCount>(), production_day: new Map<number, MinuteCount>() };
  const shifts = new Map<number, { production: number; defects: number }>();
  const add = (map: Map<number, MinuteCount>, startMs: number, { production, defects }: MinuteCount) => {
    const known = map.get(startMs);
    map.set(startMs, {
      startMs,
      production: production + (known?.production ?? 0),
      defects: defects + (known?.defects ?? 0),
    });
  };
  for (const minute of minutes) {
    add(sums.production_hour, bucketOf(plant, 'hour', minute.startMs).startMs, minute);
    add(sums.production_day, bucketOf(plant, 'day', minute.startMs).startMs, minute);
    const shift = calendar.shiftAt(machine, minute.startMs);
    if (!shift) continue;
    const known = shifts.get(shift.startMs) ?? { production: 0, defects: 0 };
    known.production += minute.production;
    known.defects += minute.defects;
    shifts.set(shift.startMs, known);
  }
  const newest = minutes.filter(({ startMs }) => startMs >= options.nowMs - options.minuteDays * dayMs);
  const tables = [
    ['production_minute', newest],
    ['production_hour', [...sums.production_hour.values()]],
    ['production_day', [...sums.production_day.values()]],
  ] as const;
  for (const [table, rows] of tables) {
    for (const some of chunked(rows, 5000)) {
      await db
        .insertInto(table)
        .values(
          some.map(({ startMs, production, defects }) => ({
            machine,
            start_ms: startMs,
            production,
            defects,
            unheard: 0,
          })),
        )
        .execute();
    }
  }
  const closed = [...shifts].flatMap(([startMs, count]) => {
    const shift = calendar.shiftAt(machine, startMs);
    return shift ? [{ shift, count }] : [];
  });
  for (const some of chunked(closed, 2000)) {
    await db
      .insertInto('production_shift')
      .values(
        some.map(({ shift, count }) => ({
          machine,
          shift_date: shift.shiftDate,
          shift: shift.shift,
          start_ms: shift.startMs,
          end_ms: shift.endMs,
          ...count,
          unheard: 0,
          closed_at: shift.endMs <= options.nowMs ? new Date(shift.endMs).toISOString() : null,
          revision: 1,
          announced_revision: null,
          silent: 0,
        })),
      )
      .execute();
  }
}
