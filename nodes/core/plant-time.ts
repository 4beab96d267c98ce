// Wall clock of the plant and instants: an IANA zone's offset, through its DST changes, without a date library.

/** A wall clock reading without a zone. */
export interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

/** Offsets only change at whole quarters of an hour since 1970, in every zone of the IANA database that is in force. */
const offsetGrainMs = 15 * 60 * 1000;
/** A day's quarters of a year's zones fit; beyond it the oldest is asked again. */
const cachedOffsets = 20_000;

/** One zone; make it once with `plantTimeOf` and pass it around. */
export class PlantTime {
  readonly zone: string;
  readonly #format: Intl.DateTimeFormat;
  /** Offset in ms, mapped by grain number. */
  readonly #offsets = new Map<number, number>();

  /** Throws RangeError for a zone that the runtime doesn't know. */
  constructor(zone: string) {
    this.zone = zone;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      era: 'short',
    });
  }

  /** Milliseconds to add to UTC to read the wall clock. */
  offsetMs(instantMs: number): number {
    const grain = Math.floor(instantMs / offsetGrainMs);
    const known = this.#offsets.get(grain);
    if (known !== undefined) return known;
    const offset = this.#askOffsetMs(grain * offsetGrainMs);
    if (this.#offsets.size >= cachedOffsets) this.#offsets.delete(this.#offsets.keys().next().value ?? 0);
    this.#offsets.set(grain, offset);
    return offset;
  }

  /** The wall clock at an instant. */
  wallTime(instantMs: number): WallTime {
    const shifted = new Date(instantMs + this.offsetMs(instantMs));
    return {
      year: shifted.getUTCFullYear(),
      month: shifted.getUTCMonth() + 1,
      day: shifted.getUTCDate(),
      hour: shifted.getUTCHours(),
      minute: shifted.getUTCMinutes(),
      second: shifted.getUTCSeconds(),
      millisecond: shifted.getUTCMilliseconds(),
    };
  }

  /**
   * The instant of a wall clock reading. Read twice (the clock went back): the first of the two, or the second with
   * `later`. Never read (the clock went forward): as far after the change as the reading is into the gap, the way a
   * clock that nobody moved would show it. Days and months may overflow, as in `Date.UTC`.
   */
  instantMs(wall: Partial<WallTime> & Pick<WallTime, 'year' | 'month' | 'day'>, pick: 'earlier' | 'later' = 'earlier') {
    const { year, month, day, hour = 0, minute = 0, second = 0, millisecond = 0 } = wall;
    const asUtc = Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
    const dayMs = 24 * 60 * 60 * 1000;
    const before = this.offsetMs(asUtc - dayMs);
    const after = this.offsetMs(asUtc + dayMs);
    const fits = [asUtc - before, asUtc - after].filter((instant) => instant + this.offsetMs(instant) === asUtc);
    if (fits.length === 0) return asUtc - before;
    return pick === 'earlier' ? Math.min(...fits) : Math.max(...fits);
  }

  /**
   * The first instant at which the wall clock shows at least this reading: what a shift plan means by "at 06:00". Later readings
   * never come earlier, so plans that tile the wall clock tile time: a reading inside a skipped hour is the moment of the
   * change, and a reading that is shown twice is its first showing. Days and minutes may overflow, as in `Date.UTC`.
   */
  boundaryMs(wall: Partial<WallTime> & Pick<WallTime, 'year' | 'month' | 'day'>): number {
    const instant = this.instantMs(wall);
    const { year, month, day, hour = 0, minute = 0, second = 0, millisecond = 0 } = wall;
    const asUtc = Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
    if (instant + this.offsetMs(instant) === asUtc) return instant;
    let grain = Math.floor(instant / offsetGrainMs) * offsetGrainMs;
    while (grain - 1 + this.offsetMs(grain - 1) >= asUtc) grain -= offsetGrainMs;
    return grain;
  }

  /** `YYYY-MM-DD` of the wall clock at an instant. */
  dateText(instantMs: number): string {
    return new Date(instantMs + this.offsetMs(instantMs)).toISOString().slice(0, 10);
  }

  #askOffsetMs(instantMs: number): number {
    const parts = new Map(this.#format.formatToParts(instantMs).map(({ type, value }) => [type, value]));
    const field = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
    const year = parts.get('era') === 'BC' ? 1 - field('year') : field('year');
    const shown = Date.UTC(year, field('month') - 1, field('day'), field('hour'), field('minute'), field('second'));
    return shown - Math.floor(instantMs / 1000) * 1000;
  }
}

/** Mapped by zone. */
const zones = new Map<string, PlantTime>();

/** The one PlantTime of `zone` in this process. Throws RangeError for an unknown zone. */
export function plantTimeOf(zone: string): PlantTime {
  const known = zones.get(zone) ?? new PlantTime(zone);
  zones.set(zone, known);
  return known;
}

/** No clock on earth is further from UTC. */
const largestOffsetMinutes = 14 * 60;

const isoInstant =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * The instant of an ISO 8601 text, in ms UTC; without an offset it is the plant's wall clock, and where that shows it twice, the
 * one that `pick` says. Undefined for anything that is not a real date and time. A date alone is its midnight.
 */
export function parseInstant(
  text: string,
  plant: PlantTime,
  pick: 'earlier' | 'later' = 'earlier',
): number | undefined {
  const match = isoInstant.exec(text.trim());
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const millisecond = Math.floor(Number(`0.${match[7] ?? '0'}`) * 1000);
  const utc = Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
  const real = new Date(utc);
  const isReal =
    real.getUTCMonth() === month - 1 && real.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!isReal || year < 1970) return undefined;
  const offset = match[8];
  if (offset === undefined) return plant.instantMs({ year, month, day, hour, minute, second, millisecond }, pick);
  if (offset.toUpperCase() === 'Z') return utc;
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(offset) ?? [];
  if (Number(minutes) > 59 || Number(hours) * 60 + Number(minutes) > largestOffsetMinutes) return undefined;
  return utc - (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
