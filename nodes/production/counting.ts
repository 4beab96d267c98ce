// Counting in memory: readings are judged one by one, and what they change is gathered until it is folded into the tables.
import type { PlantTime } from '../core/plant-time.ts';
import type { ShiftCalendar, ShiftSpan } from './calendar-contract.ts';
import { ClockWatch, type Dated } from './clock-watch.ts';
import type { MarkShown } from './counted-marks.ts';
import { refusedForFalls, steadyAgain } from './counter-falls.ts';
import { type Judgement, judgeCounter } from './counter-rules.ts';
import {
  beyondWindow,
  hasDefectsBeside,
  hasIncrement,
  incrementIdOf,
  judgeDefectsBeside,
  judgeIncrement,
  judgeMixed,
} from './increment-rules.ts';
import type { NewProductionEvent } from './intake-contract.ts';
import { unreadable } from './journal-entries.ts';
import { placeLate, takenBack, uncounted } from './late-readings.ts';
import type { LiveMachine } from './live-machine.ts';
import type { MachineReading } from './messages.ts';
import { MovedPieces } from './moved-pieces.ts';
import { manyRefused } from './refusal-window.ts';
import { harmless, type Refused, refusalOf, setAsideCode } from './refused-message.ts';
import { ShiftBookings } from './shift-bookings.ts';
import { isUndated, saysState } from './state-recorder.ts';

export interface CountingSettings {
  readonly calendar: ShiftCalendar;
  readonly plant: PlantTime;
  /** Where a delta goes that began in an earlier shift: whole to the shift of its end, or by time to each. */
  readonly spanning: 'later' | 'pro-rata';
  /** Messages without a counter are recognised for this long; older ones are refused. */
  readonly dedupeMs: number;
  /** Longer without a message, and nobody knows what the machine did. */
  readonly silenceMs: number;
  /** False: the text of a message is given up once it is judged. */
  readonly keepsRaw: boolean;
}

/** What must be folded into the tables. */
export interface Gathered {
  /** In the order of arrival; for those who record something of their own. */
  readonly readings: MachineReading[];
  readonly refused: Refused[];
  readonly events: NewProductionEvent[];
  readonly seen: { readonly machine: string; readonly id: string; readonly seenMs: number }[];
  /** Rows of the quarantine that were replayed and counted. */
  readonly replayed: number[];
  readonly dirty: Set<LiveMachine>;
  /** What late readings moved. */
  readonly moved: Map<LiveMachine, MovedPieces>;
}

export function nothingGathered(): Gathered {
  return { readings: [], refused: [], events: [], seen: [], replayed: [], dirty: new Set(), moved: new Map() };
}

/** Name of the shift that holds what was made outside every shift; its span is the plant's day. */
export const outsideShift = '';

const dayMs = 24 * 60 * 60 * 1000;

/** A day more than the window: what was acknowledged before a fault and is judged after it must not be forgotten meanwhile. */
export function seenFromMs(nowMs: number, dedupeMs: number): number {
  return nowMs - dedupeMs - dayMs;
}

export class Counting {
  readonly #settings: CountingSettings;
  readonly #bookings: ShiftBookings;
  /** Mapped by machine. */
  readonly machines = new Map<string, LiveMachine>();
  gathered: Gathered = nothingGathered();
  readonly #clocks = new ClockWatch();
  /** Last day asked for outside shifts. */
  #outside: ShiftSpan | undefined;

  constructor(settings: CountingSettings) {
    this.#settings = settings;
    this.#bookings = new ShiftBookings(settings, (machine, atMs) => this.shiftAt(machine, atMs));
  }

  /**
   * @param replayOf row of the quarantine, when a person replays it; its id is then remembered from now on
   */
  take(came: MachineReading, nowMs: number, replayOf: number | null = null): Judgement['kind'] {
    const live = this.machines.get(came.machine);
    const { gathered } = this;
    if (!live) {
      this.refuse({ ...refusalOf(came, 'unknown-machine', `${came.machine} is not registered`), replayOf });
      return 'refused';
    }
    const { reading, isDoubtful = false } = this.#dated(came, live, nowMs, replayOf);
    const seenMs = replayOf === null ? reading.sourceMs : nowMs;
    const judged = this.#withFalls(reading, live, this.#judge(reading, live));
    // A counter that shows more than the next message of its time did is of no such time: its clock was set back.
    const isPlaced = !isDoubtful || !live.line.contradicts(reading.sourceMs, reading.cumulativeProduction);
    const judgement = isPlaced ? this.#placed(reading, live, judged, seenMs) : judged;
    if (judgement.kind === 'refused') {
      this.refuse({ ...refusalOf(reading, judgement.code, judgement.message), replayOf });
      if (replayOf === null) this.#noteRefusal(reading, live, judgement);
      return 'refused';
    }
    gathered.readings.push(reading);
    if (!this.#settings.keepsRaw) reading.raw = '';
    if (replayOf !== null) gathered.replayed.push(replayOf);
    live.messages += 1;
    gathered.dirty.add(live);
    if (saysState(reading)) live.hear(reading.sourceMs, reading.state === 'offline', this.#settings.silenceMs);
    const isNews = !isUndated(reading);
    if (isNews && (live.arrivedMs === null || reading.arrivedMs > live.arrivedMs)) live.arrivedMs = reading.arrivedMs;
    if (judgement.kind === 'counted') this.#count(reading, live, judgement, seenMs);
    else if (judgement.kind === 'duplicate') live.duplicates += 1;
    else if (judgement.kind === 'late') live.late += 1;
    else if (judgement.kind === 'no-count' && saysState(reading) && !reading.retained)
      live.line.hear(shownOf(reading, false, 0, 0, null), live.standing, this.#settings.silenceMs);
    if (judgement === placedLate) return 'late';
    if (judgement.kind === 'late' || judgement.kind === 'no-count') this.#attend(reading, live);
    return judgement.kind;
  }

  /** The reading as the clocks allow; where one jumped, the newest instant of before is given up, and that is an event. */
  #dated(came: MachineReading, live: LiveMachine, nowMs: number, replayOf: number | null): Dated {
    const dated = this.#clocks.date(came, live, nowMs, replayOf !== null);
    const { reading, isNewest, news } = dated;
    if (news) this.#event(live.machine, came.arrivedMs, news.type, { clock: news.clock, by_ms: news.byMs });
    if (!isNewest) return dated;
    live.forgetAfter(reading.sourceMs, reading.arrivedMs);
    return { ...dated, reading: { ...reading, isNewest } };
  }

  /** A message without counts of its own still says that the machine was there: its shift is no silent one. */
  #attend(reading: MachineReading, live: LiveMachine): void {
    if (reading.retained || reading.state === 'offline') return;
    live.book(reading.sourceMs, 0, 0, false, (atMs) => this.shiftAt(live.machine, atMs));
  }

  /** A message that may be sound, of a machine whose content the tables refuse. */
  setAside(reading: MachineReading, cause: string, nowMs: number, replayOf: number | null): void {
    this.refuse(harmless({ ...refusalOf(reading, setAsideCode, cause), replayOf }, nowMs));
  }

  /** A row of the journal was none: which machines it was about, nobody knows. */
  noteUnreadable(cause: string, nowMs: number): void {
    this.#event('', nowMs, unreadable, { cause });
  }

  refuse(refused: Refused): void {
    this.gathered.refused.push(refused);
  }

  /** Hands over what was gathered; its machines begin a new account. */
  handOver(): Gathered {
    const { gathered } = this;
    this.gathered = nothingGathered();
    for (const [{ machine }, moved] of gathered.moved) {
      const detail = moved.detail();
      if (detail) gathered.events.push(eventOf(machine, moved.lastMs, 'late-readings', detail));
    }
    return gathered;
  }

  /** The shift of an instant, or the plant's day outside every shift. */
  shiftAt(machine: string, atMs: number): ShiftSpan {
    const shift = this.#settings.calendar.shiftAt(machine, atMs);
    if (shift) return shift;
    const known = this.#outside;
    if (known && atMs >= known.startMs && atMs < known.endMs) return known;
    const { plant } = this.#settings;
    const { year, month, day } = plant.wallTime(atMs);
    this.#outside = {
      shift: outsideShift,
      shiftDate: plant.dateText(atMs),
      startMs: plant.boundaryMs({ year, month, day }),
      endMs: plant.boundaryMs({ year, month, day: day + 1 }),
      plannedStops: [],
    };
    return this.#outside;
  }

  #judge(reading: MachineReading, live: LiveMachine): Judgement {
    const hasCounter = reading.cumulativeProduction !== null || reading.cumulativeDefects !== null;
    if (!hasIncrement(reading)) {
      return hasCounter ? judgeCounter(reading, live.state, live.limits) : { kind: 'no-count' };
    }
    const isOld = reading.sourceMs < reading.arrivedMs - this.#settings.dedupeMs;
    const isKnown = this.#isKnown(reading, live);
    if (hasDefectsBeside(reading)) return judgeDefectsBeside(reading, live.state, live.limits, isKnown, isOld);
    if (isOld) return beyondWindow;
    return (hasCounter ? judgeMixed : judgeIncrement)(reading, live.state, live.limits, isKnown);
  }

  #isKnown(reading: MachineReading, live: LiveMachine): boolean {
    const id = incrementIdOf(reading);
    if (id === null || !live.seen.has(id)) return false;
    // A source without clock begins its sequence anew when it restarts: then only the broker's word makes it a second delivery.
    if (id.startsWith('s')) return reading.redelivered === true || reading.sequence === live.state.lastSequence;
    return true;
  }

  /** Three falls in ten messages are two sources or a broken counter: nothing of it is counted until it has gone up for ten messages. */
  #withFalls(reading: MachineReading, live: LiveMachine, judgement: Judgement): Judgement {
    const { cumulativeProduction: production, cumulativeDefects: defects, retained } = reading;
    if (retained || (production === null && defects === null)) return judgement;
    const { falls } = live;
    if (falls.isDoubted) {
      if (judgement.kind !== 'counted' && judgement.kind !== 'refused') return judgement;
      this.gathered.dirty.add(live);
      if (!falls.recovers(production, defects)) return refusedForFalls;
      const steady = steadyAgain(reading, judgement);
      // A new baseline says nothing about what was before it.
      if (steady !== judgement) live.line.begin();
      return steady;
    }
    if (judgement.kind !== 'counted') return judgement;
    const sinceMs = falls.note(reading.sourceMs, judgement.isFall, production, defects);
    if (sinceMs === undefined) return judgement;
    const { state } = live;
    const moved = new MovedPieces(this.#settings.plant);
    this.#bookings.rebook(live, uncounted(live.line, sinceMs), moved);
    live.state = live.line.last?.counted.state ?? state;
    this.gathered.dirty.add(live);
    this.#event(live.machine, reading.sourceMs, 'counter-falls', {
      ...refusedForFalls,
      shown: { production: [state.production.last, production], defects: [state.defects.last, defects] },
      since: isoOf(sinceMs),
      last_counted: isoOf(live.state.lastSourceMs),
      taken_back: moved.sums(),
    });
    return refusedForFalls;
  }

  /** A reading that newer ones overtook goes where its source made it; any other as it was judged. */
  #placed(reading: MachineReading, live: LiveMachine, judgement: Judgement, seenMs: number): Judgement {
    const { last } = live.line;
    if (!last || reading.sourceMs > last.shown.atMs || !reading.clockTrusted || reading.retained) return judgement;
    const { kind } = judgement;
    const isLateIncrement = kind === 'counted' && judgement.state === live.state;
    const isLateState = kind === 'no-count' && saysState(reading) && reading.sourceMs < last.shown.atMs;
    if (kind !== 'late' && !isLateIncrement && !isLateState) return judgement;
    const { production, defects } = kind === 'counted' ? judgement : nothingOwn;
    const shown = shownOf(reading, !isLateState, production, defects, isLateState ? null : reading.order);
    const placement = placeLate(live.line, shown, live.limits, this.#settings.silenceMs);
    if (placement.kind === 'refused') return placement;
    if (placement.kind !== 'placed') return judgement;
    const moved = this.gathered.moved.get(live) ?? new MovedPieces(this.#settings.plant);
    this.gathered.moved.set(live, moved);
    moved.note(reading.sourceMs);
    this.#bookings.rebook(live, placement.rebooked, moved);
    if (placement.standing) live.standAt(placement.standing);
    live.hadLate = true;
    for (const { type, detail } of placement.notes) this.#event(live.machine, reading.sourceMs, type, detail);
    this.#remember(reading, live, seenMs);
    return placedLate;
  }

  #count(reading: MachineReading, live: LiveMachine, judgement: Judgement & { kind: 'counted' }, seenMs: number): void {
    const { lastSourceMs } = live.state;
    // What comes late is of a time that the newer messages bound: its own silence is on the timeline alone.
    const isLate = lastSourceMs !== null && reading.sourceMs < lastSourceMs;
    const isUnheard = !isLate && live.wasSilentSince(lastSourceMs);
    const isNewest = judgement.state !== live.state;
    live.state = judgement.state;
    live.refusals.counted();
    if (isNewest && reading.order !== null) live.order = reading.order;
    const { production, defects, fromMs, notes, takesBack } = judgement;
    if (takesBack) this.#takeBack(reading, live, takesBack);
    const { cumulativeProduction, cumulativeDefects } = reading;
    const ownProduction = cumulativeProduction === null ? production : 0;
    const ownDefects = cumulativeDefects === null ? defects : 0;
    const { line } = live;
    const inForce = line.last?.counted.order ?? '';
    const shown = shownOf(
      reading,
      true,
      ownProduction,
      ownDefects,
      live.order === inForce ? reading.order : live.order,
    );
    const order = isNewest ? live.order : (reading.order ?? live.order);
    const counted = { ...live.standing, order, production, defects, isUnheard, isReturn: takesBack !== null };
    const span = this.#bookings.book(live, { shown, counted, fromMs });
    if (span) this.#event(live.machine, reading.sourceMs, 'spans-shifts', span);
    if (isNewest) line.append(shown, counted, notes.length === 0, this.#settings.silenceMs);
    for (const { type, detail } of notes) this.#event(live.machine, reading.sourceMs, type, detail);
    this.#remember(reading, live, seenMs);
  }

  /** The old value of a counter is back: what was counted since it fell was none. */
  #takeBack(
    reading: MachineReading,
    live: LiveMachine,
    back: NonNullable<(Judgement & { kind: 'counted' })['takesBack']>,
  ): void {
    const moved = new MovedPieces(this.#settings.plant);
    this.#bookings.rebook(live, takenBack(live.line, back), moved);
    const { production, defects } = back;
    const detail = {
      ...moved.sums(),
      from: isoOf((production ?? defects)?.sinceMs ?? null),
      to: isoOf(reading.sourceMs),
      old_value: { production: production?.value ?? null, defects: defects?.value ?? null },
    };
    live.hadLate = true;
    this.#event(live.machine, reading.sourceMs, 'reset-taken-back', detail);
  }

  /** So that a second delivery of pieces that come as such is told. */
  #remember(reading: MachineReading, live: LiveMachine, seenMs: number): void {
    if (!hasIncrement(reading)) return;
    const id = incrementIdOf(reading);
    if (id === null) return;
    live.seen.set(id, seenMs);
    this.gathered.seen.push({ machine: live.machine, id, seenMs });
  }

  /** One that is refused for good would otherwise only fill the quarantine. */
  #noteRefusal(reading: MachineReading, live: LiveMachine, judgement: Judgement & { kind: 'refused' }): void {
    // People are told of falls as such.
    if (judgement === refusedForFalls || !live.refusals.refused()) return;
    const { code, message } = judgement;
    const last = isoOf(live.state.lastSourceMs);
    const detail = { code, message, refused: manyRefused, in_row: live.refusals.isInRow, last_counted: last };
    this.#event(live.machine, reading.sourceMs, 'counter-shut-out', detail);
  }

  #event(machine: string, atMs: number, type: string, detail: Readonly<Record<string, unknown>>): void {
    this.gathered.events.push(eventOf(machine, atMs, type, detail));
  }

  /** Forgets ids that are too old to come again. */
  forgetSeen(nowMs: number): void {
    const beforeMs = seenFromMs(nowMs, this.#settings.dedupeMs);
    for (const { seen } of this.machines.values()) {
      for (const [id, seenMs] of seen) if (seenMs < beforeMs) seen.delete(id);
    }
  }
}

/** A late reading that stands where its source made it. */
const placedLate: Judgement = { kind: 'late' };
const nothingOwn = { production: 0, defects: 0 };

function shownOf(
  reading: MachineReading,
  counts: boolean,
  ownProduction: number,
  ownDefects: number,
  order: string | null,
): MarkShown {
  return {
    atMs: reading.sourceMs,
    production: counts ? reading.cumulativeProduction : null,
    defects: counts ? reading.cumulativeDefects : null,
    sequence: reading.sequence,
    isTrusted: reading.clockTrusted,
    saysState: saysState(reading),
    isGone: reading.state === 'offline',
    counts,
    ownProduction,
    ownDefects,
    order,
  };
}

function eventOf(
  machine: string,
  atMs: number,
  type: string,
  detail: Readonly<Record<string, unknown>>,
): NewProductionEvent {
  return { machine, at: new Date(atMs).toISOString(), type, actor: 'tracker', reason: null, detail };
}

function isoOf(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
