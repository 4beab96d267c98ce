// What pages and routes see of production: cards of the machines, shifts and windows with their OEE, and what the health room is told.
import type { Clock } from '../core/clock.ts';
import { ShopfloorError } from '../core/errors.ts';
import type { Interval } from '../core/intervals.ts';
import type { ShiftCalendar, ShiftSpan } from './calendar-contract.ts';
import type { CountReads, KnownMachine, Pieces, SeenReading, SpanPieces } from './count-reads.ts';
import type { Oee, ProductionCard, ProductionView, ProductionWindow, ShiftTotal, StateSpan } from './messages.ts';
import { addStateMs, noStateMs, oeeOf, type StateMs } from './oee.ts';
import type { ShiftRow } from './page-contract.ts';
import type { ClosedSpan, OpenSpan, StateReads } from './state-reads.ts';
import { isStop } from './stop-reasons.ts';

export interface ViewParts {
  readonly states: StateReads;
  readonly counts: CountReads;
  readonly calendar: ShiftCalendar;
  readonly clock: Clock;
  /** A stop that lasts longer waits for a reason. */
  readonly reasonAfterMs: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const paceMs = 15 * minuteMs;
const noPieces: Pieces = { production: 0, defects: 0, unheard: 0 };

/** One row of `oee`: a machine in a window, or in one shift or day of it. */
export interface OeeRow {
  readonly machine: string;
  readonly from: string;
  readonly to: string;
  readonly shift: string | null;
  readonly oee: Oee;
}

const iso = (instantMs: number) => new Date(instantMs).toISOString();

export function stateSpan(row: ClosedSpan): StateSpan {
  return {
    id: row.id,
    start: iso(row.start_ms),
    end: row.end_ms === null ? null : iso(row.end_ms),
    state: row.state,
    planned: row.planned === 1,
    reason: row.reason,
    reason_by: row.reason_by,
  };
}

export class ProductionViews {
  readonly #parts: ViewParts;

  constructor(parts: ViewParts) {
    this.#parts = parts;
  }

  /** The page Production: every machine in service, or one, in its running shift. */
  async current(machine?: string): Promise<ProductionView> {
    const { states, counts, clock } = this.#parts;
    const nowMs = clock.now().getTime();
    const known = await this.#machines(machine);
    const ids = known.map(({ id }) => id);
    const open = await states.openSpans(ids, nowMs);
    const shifts = new Map(ids.map((id) => [id, this.#shiftNow(id, nowMs)]));
    const running = [...shifts.values()].filter((shift) => shift !== undefined);
    const fromMs = Math.min(nowMs, ...running.map(({ startMs }) => startMs));
    const starts = running.map(({ startMs }) => startMs);
    const [booked, totals, spans, hours, pace, quarantine] = await Promise.all([
      states.shiftMs(ids, starts),
      counts.shiftsAt(running),
      states.closedSpans(ids, { startMs: fromMs, endMs: nowMs }),
      counts.hours(ids, fromMs, nowMs + 1),
      counts.piecesBetween(ids, nowMs - paceMs, nowMs + 1),
      counts.quarantine(),
    ]);
    const hoursOf = grouped(hours);
    const cards = known.map((item) => {
      const shift = shifts.get(item.id);
      const span = open.get(item.id);
      const key = `${item.id} ${shift?.startMs}`;
      return this.#card(item, nowMs, {
        shift,
        span,
        total: totals.get(key),
        closedMs: booked.get(key) ?? noStateMs,
        closed: spans.get(item.id) ?? [],
        hours: hoursOf.get(item.id) ?? [],
        pace: pace.get(item.id),
        seen: span?.latest,
      });
    });
    return { at: iso(nowMs), cards, quarantine };
  }

  /** Shifts that begin in [fromMs, toMs), newest first, with their OEE. */
  async shifts(filter: Parameters<CountReads['shifts']>[0]): Promise<readonly ShiftRow[]> {
    const { states, counts, calendar, clock } = this.#parts;
    const nowMs = clock.now().getTime();
    const [totals, all] = await Promise.all([counts.shifts(filter), counts.machines()]);
    const machines = [...new Set(totals.map(({ machine }) => machine))];
    const known = new Map(all.map((item) => [item.id, item]));
    const starts = totals.map(({ start }) => Date.parse(start));
    const [booked, open] = await Promise.all([
      states.shiftMs(machines, starts),
      machines.length > 0 ? states.openSpans(machines, nowMs) : new Map<string, OpenSpan>(),
    ]);
    return totals.map((total) => {
      const startMs = Date.parse(total.start);
      const endMs = Math.min(Date.parse(total.end), nowMs);
      const span = open.get(total.machine);
      const closedMs = booked.get(`${total.machine} ${startMs}`) ?? noStateMs;
      const openMs = span ? states.openMs(total.machine, span, startMs, endMs) : noStateMs;
      const machine = known.get(total.machine);
      const fromMs = Math.min(endMs, Math.max(startMs, span?.firstMs ?? startMs));
      const oee = oeeOf({
        ...addStateMs(closedMs, openMs),
        totalMs: endMs - fromMs,
        busyMs: busyMsOf(calendar.plannedBusy(total.machine, fromMs, endMs)),
        production: total.production,
        defects: total.defects,
        unheard: total.unheard,
        idealPerHour: machine?.idealPerHour ?? null,
      });
      return { ...total, target: machine?.shiftTarget ?? null, oee };
    });
  }

  /** OEE of each machine, or one, in [fromMs, toMs); what lies ahead of now, or before a machine's first message, is left out. */
  async oee(machine: string | undefined, fromMs: number, toMs: number): Promise<readonly OeeRow[]> {
    const { states, counts, calendar, clock } = this.#parts;
    const nowMs = clock.now().getTime();
    const endMs = Math.min(toMs, nowMs);
    const known = await this.#machines(machine);
    const ids = known.map(({ id }) => id);
    const open = await states.openSpans(ids, nowMs);
    // Together: of a year of a plant, each alone is most of what an answer may take.
    const [ms, pieces] = await Promise.all([
      endMs > fromMs ? states.stateMs(ids, fromMs, endMs, open) : new Map<string, StateMs>(),
      endMs > fromMs ? counts.piecesBetween(ids, fromMs, endMs) : new Map<string, Pieces>(),
    ]);
    return known.map(({ id, idealPerHour }) => {
      const startMs = Math.min(endMs, Math.max(fromMs, open.get(id)?.firstMs ?? endMs));
      return {
        machine: id,
        from: iso(startMs),
        to: iso(endMs),
        shift: null,
        oee: oeeOf({
          ...(ms.get(id) ?? noStateMs),
          totalMs: endMs - startMs,
          busyMs: busyMsOf(calendar.plannedBusy(id, startMs, endMs)),
          ...(pieces.get(id) ?? noPieces),
          idealPerHour,
        }),
      };
    });
  }

  /** The timeline of one machine in [fromMs, toMs), oldest first, the span that lasts at its end. */
  async timeline(machine: string, fromMs: number, toMs: number): Promise<readonly StateSpan[]> {
    const { states, clock } = this.#parts;
    const closed = (await states.closedSpans([machine], { startMs: fromMs, endMs: toMs })).get(machine) ?? [];
    const open = (await states.openSpans([machine], clock.now().getTime())).get(machine);
    return [...closed, ...(open && open.row.start_ms < toMs ? [open.row] : [])].map(stateSpan);
  }

  /** The newest message of every machine, or one. */
  async seen(machine?: string): Promise<readonly SeenReading[]> {
    const open = await this.#parts.states.openSpans(
      machine === undefined ? undefined : [machine],
      this.#parts.clock.now().getTime(),
    );
    return [...open.values()].flatMap(({ latest }) => (latest ? [latest] : []));
  }

  /** What the health room judges: the last `windowMs` of every machine. */
  async windows(windowMs: number): Promise<readonly ProductionWindow[]> {
    const { states, clock } = this.#parts;
    const nowMs = clock.now().getTime();
    const rows = await this.oee(undefined, nowMs - windowMs, nowMs);
    const open = await states.openSpans(undefined, nowMs);
    const shifts = new Map(rows.map(({ machine }) => [machine, this.#shiftNow(machine, nowMs)]));
    const running = [...shifts.values()].filter((shift) => shift !== undefined);
    const totals = await this.#parts.counts.shiftsAt(running);
    return rows.map(({ machine, oee }) => {
      const shift = shifts.get(machine);
      const span = open.get(machine);
      const total = totals.get(`${machine} ${shift?.startMs}`);
      const stale = span?.stale ?? true;
      const state = span && !stale ? span.row.state : 'offline';
      const isResting = state === 'idle' && !span?.latest?.order;
      return {
        machine,
        at: iso(nowMs),
        windowMs,
        availability: oee.availability,
        effectiveness: oee.effectiveness,
        quality: oee.quality,
        oee: oee.oee,
        state,
        planned: shift === undefined || inBreak(shift, nowMs) || span?.row.planned === 1 || isResting,
        stale,
        shift: shift?.shift ?? null,
        shiftProduction: total?.production ?? null,
        shiftDefects: total?.defects ?? null,
        cause: span && isStop(state) ? (span.row.reason ?? span.row.words) : null,
      };
    });
  }

  #card(
    machine: KnownMachine,
    nowMs: number,
    now: {
      readonly shift: ShiftSpan | undefined;
      readonly span: OpenSpan | undefined;
      readonly total: ShiftTotal | undefined;
      readonly closedMs: StateMs;
      readonly closed: readonly ClosedSpan[];
      readonly hours: readonly SpanPieces[];
      readonly pace: Pieces | undefined;
      readonly seen: SeenReading | null | undefined;
    },
  ): ProductionCard {
    const { states, calendar, reasonAfterMs } = this.#parts;
    const { shift, span, total } = now;
    const stale = span?.stale ?? true;
    const state = span && !stale ? span.row.state : 'offline';
    // Nothing is asked of a machine before it was heard first, nor while it never was.
    const firstMs = span?.firstMs ?? (total ? 0 : nowMs);
    const fromMs = Math.min(nowMs, Math.max(shift?.startMs ?? nowMs, firstMs));
    const busyMs = shift ? busyMsOf(calendar.plannedBusy(machine.id, fromMs, nowMs)) : 0;
    const wholeMs = shift ? busyMsOf(calendar.plannedBusy(machine.id, shift.startMs, shift.endMs)) : 0;
    const stateMs = shift
      ? addStateMs(now.closedMs, span ? states.openMs(machine.id, span, shift.startMs, nowMs) : noStateMs)
      : noStateMs;
    const isOpenStop = span !== undefined && !stale && isStop(state) && span.row.reason === null;
    return {
      machine: machine.id,
      name: machine.name,
      state,
      state_since: span ? iso(stale ? Math.max(span.row.start_ms, span.lastMs) : span.row.start_ms) : null,
      reason: span && isStop(state) ? span.row.reason : null,
      reason_needed: isOpenStop && nowMs - span.row.start_ms >= reasonAfterMs,
      last_message: span ? iso(span.lastMs) : null,
      stale,
      shift: total ?? (shift ? emptyTotal(machine.id, shift) : null),
      target: shift ? machine.shiftTarget : null,
      target_by_now:
        shift && machine.shiftTarget !== null && wholeMs > 0
          ? Math.round((machine.shiftTarget * Math.max(0, busyMs - stateMs.plannedMs)) / wholeMs)
          : null,
      pace_per_hour: paceOf(now.pace, Math.min(paceMs, nowMs - firstMs)),
      order: now.seen?.order ?? null,
      oee: shift
        ? oeeOf({
            ...stateMs,
            totalMs: nowMs - fromMs,
            busyMs,
            production: total?.production ?? 0,
            defects: total?.defects ?? 0,
            unheard: total?.unheard ?? 0,
            idealPerHour: machine.idealPerHour,
          })
        : null,
      hours: now.hours.map(({ startMs, production, defects }) => ({ start: iso(startMs), production, defects })),
      timeline: [...now.closed, ...(span ? [span.row] : [])].map(stateSpan),
    };
  }

  #shiftNow(machine: string, nowMs: number): ShiftSpan | undefined {
    return this.#parts.calendar.shiftAt(machine, nowMs);
  }

  /** Machines in service; 404 for one that nobody knows. */
  async #machines(machine: string | undefined): Promise<readonly KnownMachine[]> {
    const all = await this.#parts.counts.machines();
    const found = all.filter(({ id }) => machine === undefined || id === machine);
    if (machine !== undefined && found.length === 0) {
      throw new ShopfloorError('machine-unknown', 404, `There is no machine ${machine}.`);
    }
    return found;
  }
}

/** Lengths of lists that the calendar gives again and again, a year of shifts for each machine among them. */
const lengths = new WeakMap<readonly Interval[], number>();

/** The length of a list without overlaps. */
function busyMsOf(busy: readonly Interval[]): number {
  const known = lengths.get(busy);
  if (known !== undefined) return known;
  const length = busy.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  lengths.set(busy, length);
  return length;
}

function grouped(rows: readonly SpanPieces[]): ReadonlyMap<string, readonly SpanPieces[]> {
  const groups = new Map<string, SpanPieces[]>();
  for (const row of rows) {
    const known = groups.get(row.machine);
    if (known) known.push(row);
    else groups.set(row.machine, [row]);
  }
  return groups;
}

/** Pieces an hour of what was heard; null without a count, and before a machine was heard for a minute. */
function paceOf(pieces: Pieces | undefined, spanMs: number): number | null {
  if (!pieces || spanMs < minuteMs) return null;
  return Math.round(((pieces.production - pieces.unheard) * hourMs) / spanMs);
}

/** A shift in which nothing was counted yet. */
function emptyTotal(machine: string, shift: ShiftSpan): ShiftTotal {
  return {
    machine,
    shift: shift.shift,
    shift_date: shift.shiftDate,
    start: iso(shift.startMs),
    end: iso(shift.endMs),
    closed: false,
    production: 0,
    defects: 0,
    unheard: 0,
    revision: 0,
    silent: false,
  };
}

function inBreak(shift: ShiftSpan, nowMs: number): boolean {
  return shift.plannedStops.some(({ startMs, endMs }) => startMs <= nowMs && nowMs < endMs);
}
