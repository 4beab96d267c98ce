// Counting in memory: readings are judged one by one, and what they change is gathered until it is folded into the tables.
import type { PlantTime } from '../core/plant-time.ts';
import type { ShiftCalendar, ShiftSpan } from './calendar-contract.ts';
import {
  beyondWindow,
  hasDefectsBeside,
  hasIncrement,
  incrementIdOf,
  type Judgement,
  judgeCounter,
  judgeDefectsBeside,
  judgeIncrement,
  judgeMixed,
} from './counter-rules.ts';
import type { NewProductionEvent } from './intake-contract.ts';
import { unreadable } from './journal-entries.ts';
import type { LiveMachine } from './live-machine.ts';
import type { MachineReading } from './messages.ts';
import { harmless, type Refused, refusalOf, setAsideCode } from './refused-message.ts';
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
}

export function nothingGathered(): Gathered {
  return { readings: [], refused: [], events: [], seen: [], replayed: [], dirty: new Set() };
}

/** So many refused messages in a row are no glitch: the machine stays shut out until a person sets its limits or its baseline. */
export const refusedInRow = 10;

/** Name of the shift that holds what was made outside every shift; its span is the plant's day. */
export const outsideShift = '';

const dayMs = 24 * 60 * 60 * 1000;

/** A day more than the window: what was acknowledged before a fault and is judged after it must not be forgotten meanwhile. */
export function seenFromMs(nowMs: number, dedupeMs: number): number {
  return nowMs - dedupeMs - dayMs;
}

export class Counting {
  readonly #settings: CountingSettings;
  /** Mapped by machine. */
  readonly machines = new Map<string, LiveMachine>();
  gathered: Gathered = nothingGathered();
  /** Last day asked for outside shifts. */
  #outside: ShiftSpan | undefined;

  constructor(settings: CountingSettings) {
    this.#settings = settings;
  }

  /**
   * @param replayOf row of the quarantine, when a person replays it
   * @param seenMs from when on its id is remembered: for a replay of something old, from now
   */
  take(reading: MachineReading, replayOf: number | null = null, seenMs = reading.sourceMs): Judgement['kind'] {
    const live = this.machines.get(reading.machine);
    const { gathered } = this;
    if (!live) {
      this.refuse({ ...refusalOf(reading, 'unknown-machine', `${reading.machine} is not registered`), replayOf });
      return 'refused';
    }
    const judgement = this.#judge(reading, live);
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
    if (judgement.kind === 'late' || judgement.kind === 'no-count') this.#attend(reading, live);
    return judgement.kind;
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

  #count(reading: MachineReading, live: LiveMachine, judgement: Judgement & { kind: 'counted' }, seenMs: number): void {
    const { lastSourceMs } = live.state;
    // What comes late is of a time that the newer messages bound: its own silence is on the timeline alone.
    const isLate = lastSourceMs !== null && reading.sourceMs < lastSourceMs;
    const isUnheard = !isLate && live.wasSilentSince(lastSourceMs);
    live.state = judgement.state;
    live.refusedInRow = 0;
    if (reading.order !== null && reading.order !== live.order) live.order = reading.order;
    const { production, defects, fromMs, notes } = judgement;
    const shiftAt = (atMs: number) => this.shiftAt(live.machine, atMs);
    const slice = live.book(reading.sourceMs, production, defects, isUnheard, shiftAt);
    // Defects that come as such are of the message's own time.
    const spoilt = reading.cumulativeDefects === null ? 0 : defects;
    if (fromMs !== null && fromMs < slice.shift.startMs && (production > 0 || spoilt > 0)) {
      this.#noteSpan(live, slice.shift, fromMs, reading, production, spoilt, isUnheard);
    }
    for (const { type, detail } of notes) this.#event(live.machine, reading.sourceMs, type, detail);
    if (!hasIncrement(reading)) return;
    const id = incrementIdOf(reading);
    if (id === null) return;
    live.seen.set(id, seenMs);
    this.gathered.seen.push({ machine: live.machine, id, seenMs });
  }

  /** One that is refused for good would otherwise only fill the quarantine. */
  #noteRefusal(reading: MachineReading, live: LiveMachine, judgement: Judgement & { kind: 'refused' }): void {
    live.refusedInRow += 1;
    if (live.refusedInRow !== refusedInRow) return;
    const { code, message } = judgement;
    const { lastSourceMs } = live.state;
    const lastCounted = lastSourceMs === null ? null : new Date(lastSourceMs).toISOString();
    const detail = { code, message, refused: refusedInRow, last_counted: lastCounted };
    this.#event(live.machine, reading.sourceMs, 'counter-shut-out', detail);
  }

  /** Moves the share of each earlier shift there, when the settings say so, and records the span. */
  #noteSpan(
    live: LiveMachine,
    shift: ShiftSpan,
    fromMs: number,
    reading: MachineReading,
    production: number,
    defects: number,
    isUnheard: boolean,
  ): void {
    const detail = {
      from: new Date(fromMs).toISOString(),
      to: new Date(reading.sourceMs).toISOString(),
      production,
      defects,
      booked: this.#settings.spanning,
      shift: shift.shift,
      shift_date: shift.shiftDate,
    };
    this.#event(live.machine, reading.sourceMs, 'spans-shifts', detail);
    if (this.#settings.spanning === 'later') return;
    const shares = sharesOf(fromMs, reading.sourceMs, this.#borders(live.machine, fromMs, reading.sourceMs));
    const shiftAt = (atMs: number) => this.shiftAt(live.machine, atMs);
    for (const { atMs, share } of shares) {
      const made = share(production);
      const spoilt = share(defects);
      live.book(reading.sourceMs, -made, -spoilt, isUnheard, shiftAt);
      live.book(atMs, made, spoilt, isUnheard, shiftAt);
    }
  }

  /** Instants inside (fromMs, toMs] at which another shift, or none, begins. */
  #borders(machine: string, fromMs: number, toMs: number): number[] {
    const borders = new Set<number>();
    for (const { startMs, endMs } of this.#settings.calendar.shiftsBetween(machine, fromMs, toMs + 1)) {
      for (const border of [startMs, endMs]) if (border > fromMs && border <= toMs) borders.add(border);
    }
    return [...borders].sort((one, other) => one - other);
  }

  #event(machine: string, atMs: number, type: string, detail: Readonly<Record<string, unknown>>): void {
    this.gathered.events.push({
      machine,
      at: new Date(atMs).toISOString(),
      type,
      actor: 'tracker',
      reason: null,
      detail,
    });
  }

  /** Forgets ids that are too old to come again. */
  forgetSeen(nowMs: number): void {
    const beforeMs = seenFromMs(nowMs, this.#settings.dedupeMs);
    for (const { seen } of this.machines.values()) {
      for (const [id, seenMs] of seen) if (seenMs < beforeMs) seen.delete(id);
    }
  }
}

/** What of a delta belongs before each border, by time, in whole pieces that add up to it. */
function sharesOf(
  fromMs: number,
  toMs: number,
  borders: readonly number[],
): { readonly atMs: number; readonly share: (pieces: number) => number }[] {
  const upTo = (pieces: number, ms: number) => Math.floor((pieces * (ms - fromMs)) / (toMs - fromMs));
  return borders.map((border, index) => {
    const start = borders[index - 1] ?? fromMs;
    return { atMs: border - 1, share: (pieces) => upTo(pieces, border) - upTo(pieces, start) };
  });
}
