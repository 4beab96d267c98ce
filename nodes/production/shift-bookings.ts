// Where pieces belong: to the shift, hour and order of their reading, by time to each shift where the settings share them, and elsewhere when a
// late reading says so.
import type { ShiftCalendar, ShiftSpan } from './calendar-contract.ts';
import type { MarkBooking, Rebooked } from './late-readings.ts';
import type { LiveMachine, Slice } from './live-machine.ts';
import type { MovedPieces } from './moved-pieces.ts';

export interface BookingSettings {
  readonly calendar: ShiftCalendar;
  /** Where a delta goes that began in an earlier shift: whole to the shift of its end, or by time to each. */
  readonly spanning: 'later' | 'pro-rata';
}

type ShiftAt = (machine: string, atMs: number) => ShiftSpan;

/** Pieces and defects that were made over a time. */
interface Spread {
  readonly production: number;
  readonly defects: number;
}

export class ShiftBookings {
  readonly #settings: BookingSettings;
  readonly #shiftAt: ShiftAt;

  /** @param shiftAt the shift of an instant, or what stands for one outside all shifts */
  constructor(settings: BookingSettings, shiftAt: ShiftAt) {
    this.#settings = settings;
    this.#shiftAt = shiftAt;
  }

  /** @returns what was made from an earlier shift on, where a part of it was */
  book(live: LiveMachine, booking: MarkBooking): Readonly<Record<string, unknown>> | undefined {
    const { fromMs, shown } = booking;
    const { shift } = this.#add(live, booking, 1);
    if (fromMs === null || fromMs >= shift.startMs) return undefined;
    const { production, defects } = spreadOf(booking);
    if (production <= 0 && defects <= 0) return undefined;
    return {
      from: new Date(fromMs).toISOString(),
      to: new Date(shown.atMs).toISOString(),
      production,
      defects,
      booked: this.#settings.spanning,
      shift: shift.shift,
      shift_date: shift.shiftDate,
    };
  }

  /** What late readings changed: out of where it was, into where it is. @param moved is told of both */
  rebook(live: LiveMachine, rebooked: readonly Rebooked[], moved: MovedPieces): void {
    for (const { before, after } of rebooked) {
      if (before && isSame(before, after, this.#settings.spanning)) continue;
      if (before) this.#add(live, before, -1, moved);
      this.#add(live, after, 1, moved);
    }
  }

  #add(live: LiveMachine, booking: MarkBooking, sign: 1 | -1, moved?: MovedPieces): Slice {
    const { shown, counted, fromMs } = booking;
    const { atMs } = shown;
    const shiftAt = (instantMs: number) => this.#shiftAt(live.machine, instantMs);
    const book = (instantMs: number, production: number, defects: number) => {
      const slice = live.book(instantMs, production, defects, counted.isUnheard, shiftAt, counted.order);
      moved?.add(instantMs, slice, production, defects);
      return slice;
    };
    const slice = book(atMs, sign * counted.production, sign * counted.defects);
    if (this.#settings.spanning === 'later' || fromMs === null || fromMs >= slice.shift.startMs) return slice;
    const { production, defects } = spreadOf(booking);
    for (const share of sharesOf(fromMs, atMs, this.#borders(live.machine, fromMs, atMs))) {
      const made = sign * share.of(production);
      const spoilt = sign * share.of(defects);
      book(atMs, -made, -spoilt);
      book(share.atMs, made, spoilt);
    }
    return slice;
  }

  /** Instants inside (fromMs, toMs] at which another shift, or none, begins. */
  #borders(machine: string, fromMs: number, toMs: number): number[] {
    const borders = new Set<number>();
    for (const { startMs, endMs } of this.#settings.calendar.shiftsBetween(machine, fromMs, toMs + 1)) {
      for (const border of [startMs, endMs]) if (border > fromMs && border <= toMs) borders.add(border);
    }
    return [...borders].sort((one, other) => one - other);
  }
}

/** What its counters say was made over the time before; what comes as such is of the message's own time. */
function spreadOf({ shown, counted }: MarkBooking): Spread {
  return {
    production: shown.production === null ? 0 : counted.production - shown.ownProduction,
    defects: shown.defects === null ? 0 : counted.defects - shown.ownDefects,
  };
}

function isSame(before: MarkBooking, after: MarkBooking, spanning: BookingSettings['spanning']): boolean {
  const [one, other] = [before.counted, after.counted];
  return (
    one.production === other.production &&
    one.defects === other.defects &&
    one.order === other.order &&
    one.isUnheard === other.isUnheard &&
    (spanning === 'later' || before.fromMs === after.fromMs)
  );
}

/** What of a delta belongs before each border, by time, in whole pieces that add up to it. */
function sharesOf(
  fromMs: number,
  toMs: number,
  borders: readonly number[],
): { readonly atMs: number; readonly of: (pieces: number) => number }[] {
  const upTo = (pieces: number, ms: number) => Math.floor((pieces * (ms - fromMs)) / (toMs - fromMs));
  return borders.map((border, index) => {
    const start = borders[index - 1] ?? fromMs;
    return { atMs: border - 1, of: (pieces) => upTo(pieces, border) - upTo(pieces, start) };
  });
}
