// Shifts of which a machine said nothing: they end like any other, with a record that says that nobody knows.
import { sql, type Transaction } from 'kysely';
import type { ShiftCalendar } from './calendar-contract.ts';
import type { NewProductionEvent, ParticipantContext, TrackerParticipant, TrackerSweep } from './intake-contract.ts';
import { jsonRows } from './json-rows.ts';
import type { MachineReading } from './messages.ts';
import { closingEvents } from './shift-closing.ts';
import type { IntakeSchema, ShiftTotalTable } from './tables.ts';

/** Records made with one tick; a plant that was off for a month has the rest of them with the next ones. */
const mostRecords = 500;
const dayMs = 24 * 60 * 60 * 1000;

export interface SilentShiftSettings {
  /** Of the tracker; machines are closed by the one that counts them. */
  readonly line: string;
  /** A shift closes this long after its end, and not before the tracker has listened for as long. */
  readonly closeDelayMs: number;
}

/** One machine in use and up to when its shifts have their record. */
interface Attendance {
  readonly machine: string;
  readonly closed_ms: number;
}

/**
 * Remembers from which message on a machine is in use, as one of those who record a commit of readings; and by the clock, closes
 * the shifts that ended without a message of it. Each has its record once: record, event and how far it got are one transaction.
 */
export class SilentShifts {
  readonly #settings: SilentShiftSettings;
  /** Machines that need not be noted again: as the last tick found them. */
  #noted: ReadonlySet<string> = new Set();
  #listeningSinceMs: number | undefined;

  constructor(settings: SilentShiftSettings) {
    this.#settings = settings;
  }

  readonly note: TrackerParticipant = async (transaction, readings, { engine }) => {
    const rows = [...this.#firstOf(readings)].map(([machine, fromMs]) => [machine, this.#settings.line, fromMs]);
    if (rows.length === 0) return [];
    await sql`insert into production_attendance (machine, line, closed_ms)
      select cast(value ->> 0 as text), cast(value ->> 1 as text), cast(value ->> 2 as bigint) from ${jsonRows(engine, rows)} where true
      on conflict (machine) do update set line = excluded.line`.execute(transaction);
    return [];
  };

  readonly close: TrackerSweep = async (transaction, context) => {
    const { line, closeDelayMs } = this.#settings;
    const db = transaction as unknown as Transaction<IntakeSchema>;
    // A machine that is taken out of service and comes back begins anew with its next message.
    await sql`delete from production_attendance where line = ${line}
      and machine not in (select id from production_machine where active = 1)`.execute(db);
    const machines = await db
      .selectFrom('production_attendance')
      .select(['machine', 'closed_ms'])
      .where('line', '=', line)
      .orderBy('machine')
      .execute();
    this.#noted = new Set(machines.map(({ machine }) => machine));
    const skipped = new Set(context.skipped);
    // What a broker kept while the tracker was away arrives first.
    this.#listeningSinceMs ??= context.nowMs;
    if (context.nowMs < this.#listeningSinceMs + closeDelayMs) return [];
    return closeEnded(
      db,
      machines.filter(({ machine }) => !skipped.has(machine)),
      context,
      context.nowMs - closeDelayMs,
    );
  };

  /** When each machine first spoke, where that is not known to be noted. A retained message and a last will are no sign of life. */
  #firstOf(readings: readonly MachineReading[]): ReadonlyMap<string, number> {
    const first = new Map<string, number>();
    for (const { machine, sourceMs, state, retained } of readings) {
      if (this.#noted.has(machine) || retained || state === 'offline') continue;
      const known = first.get(machine);
      if (known === undefined || sourceMs < known) first.set(machine, sourceMs);
    }
    return first;
  }
}

async function closeEnded(
  db: Transaction<IntakeSchema>,
  machines: readonly Attendance[],
  { engine, calendar, nowMs }: ParticipantContext,
  upToMs: number,
): Promise<readonly NewProductionEvent[]> {
  const shifts: (readonly unknown[])[] = [];
  const closed: (readonly unknown[])[] = [];
  for (const { machine, closed_ms: closedMs } of machines) {
    const ended = endedOf(calendar, machine, closedMs, upToMs).slice(0, mostRecords - shifts.length);
    for (const { shiftDate, shift, startMs, endMs } of ended) shifts.push([machine, shiftDate, shift, startMs, endMs]);
    const last = ended.at(-1);
    if (last) closed.push([machine, last.endMs]);
    // A long time without shifts is looked through once, not with every tick.
    else if (closedMs < upToMs - dayMs && shifts.length < mostRecords) closed.push([machine, upToMs - dayMs]);
  }
  if (closed.length > 0) {
    await sql`update production_attendance set closed_ms = cast(value ->> 1 as bigint) from ${jsonRows(engine, closed)}
      where production_attendance.machine = cast(value ->> 0 as text)`.execute(db);
  }
  if (shifts.length === 0) return [];
  const at = new Date(nowMs).toISOString();
  // A shift that has a row was heard of, and closes by that.
  const { rows } = await sql<ShiftTotalTable>`insert into production_shift
      (machine, shift_date, shift, start_ms, end_ms, production, defects, closed_at, revision, silent)
    select cast(value ->> 0 as text), cast(value ->> 1 as text), cast(value ->> 2 as text), cast(value ->> 3 as bigint),
      cast(value ->> 4 as bigint), 0, 0, ${at}, 0, 1 from ${jsonRows(engine, shifts)} where true
    on conflict (machine, shift_date, shift) do nothing returning *`.execute(db);
  return closingEvents(rows, at);
}

/** Shifts that ended after `closedMs`, up to `upToMs`, oldest first. */
function endedOf(calendar: ShiftCalendar, machine: string, closedMs: number, upToMs: number) {
  return calendar
    .shiftsBetween(machine, closedMs, upToMs)
    .filter(({ endMs }) => endMs > closedMs && endMs <= upToMs)
    .sort((one, other) => one.endMs - other.endMs);
}
