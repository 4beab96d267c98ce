// The source's own clock: what the timestamp of a message means, and whether it is believed.
import { type PlantTime, parseInstant } from '../core/plant-time.ts';
import { NaiveClocks } from './naive-clocks.ts';

export interface ClockSettings {
  readonly plant: PlantTime;
  /** A source clock further ahead of the arrival than this is not believed. */
  readonly clockAheadMs: number;
  /** One further behind is not believed either: longer than messages may wait in a broker. */
  readonly clockBehindMs: number;
}

const keptMinutes = 500;
const wholeTimestamp = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:([0-5]\d)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?$/;

/** Of a text such as JSON has from a Date: `2026-03-01T07:15:42.250Z`. */
const jsonLength = 24;
const zero = 48;

/** What such a text says behind its minute, in ms; undefined for a text that is none. */
function secondsMs(text: string): number | undefined {
  let value = 0;
  for (const place of [17, 18, 20, 21, 22]) {
    const digit = text.charCodeAt(place) - zero;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value < 60_000 && text.charAt(19) === '.' && text.charAt(23) === 'Z' ? value : undefined;
}

/** Keeps what it learnt of the last timestamps, so one serves one source of messages. */
export class SourceClock {
  readonly #settings: ClockSettings;
  readonly #naive: NaiveClocks;
  /** Instants of whole minutes, mapped by the text's first 16 characters and what stands behind the seconds. */
  readonly #minutes = new Map<string, readonly [earlierMs: number, laterMs: number] | null>();
  /** The minute of the last timestamp in UTC, up to its colon: nearly always that of the next one, too. */
  #lastMinute: { readonly text: string; readonly startMs: number } | undefined;

  constructor(settings: ClockSettings) {
    this.#settings = settings;
    this.#naive = new NaiveClocks(settings.clockAheadMs);
  }

  /**
   * The instant in ms UTC. Undefined for a clock that can't be believed, which the arrival stands in for: absent, never set, too far
   * ahead or behind. `unreadable` is a timestamp that is no time at all: nobody can tell when its message was sent.
   */
  instantOf(timestamp: unknown, arrivedMs: number, machine: string): number | 'unreadable' | undefined {
    if (timestamp === undefined || timestamp === null || timestamp === '') return undefined;
    const { clockAheadMs, clockBehindMs } = this.#settings;
    const instant =
      typeof timestamp === 'number'
        ? epochMs(timestamp)
        : typeof timestamp === 'string'
          ? this.#instant(timestamp, arrivedMs, machine)
          : undefined;
    if (instant === undefined) return 'unreadable';
    return instant <= arrivedMs + clockAheadMs && instant >= arrivedMs - clockBehindMs ? instant : undefined;
  }

  /** The minute is read once and kept: readings of one minute differ in their seconds only. */
  #instant(text: string, arrivedMs: number, machine: string): number | undefined {
    const last = this.#lastMinute;
    if (last && text.length === jsonLength && text.startsWith(last.text)) {
      const within = secondsMs(text);
      if (within !== undefined) return last.startMs + within;
    }
    const match = wholeTimestamp.exec(text);
    if (!match) return this.#oddInstant(text, arrivedMs, machine);
    const key = text.slice(0, 16) + (match[3] ?? '');
    let minutes = this.#minutes.get(key);
    if (minutes === undefined) {
      minutes = this.#minute(text.slice(0, 16), match[3] ?? '');
      if (this.#minutes.size >= keptMinutes) this.#minutes.clear();
      this.#minutes.set(key, minutes);
    }
    if (minutes === null) return undefined;
    const [earlier, later] = minutes;
    if (match[3] === 'Z') this.#lastMinute = { text: text.slice(0, 17), startMs: earlier };
    const fraction = match[2];
    const milliseconds = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
    const within = Number(match[1]) * 1000 + milliseconds;
    if (match[3] !== undefined) return earlier + within;
    return this.#naive.choose(machine, earlier + within, later + within, arrivedMs);
  }

  /** A time that is written otherwise than nearly all of them, such as without seconds. */
  #oddInstant(text: string, arrivedMs: number, machine: string): number | undefined {
    const { plant } = this.#settings;
    const earlier = parseInstant(text, plant);
    if (earlier === undefined) return undefined;
    const later = parseInstant(text, plant, 'later') ?? earlier;
    return later === earlier ? earlier : this.#naive.choose(machine, earlier, later, arrivedMs);
  }

  #minute(text: string, zone: string): readonly [number, number] | null {
    const { plant } = this.#settings;
    const instant = parseInstant(text + zone, plant);
    if (instant === undefined) return null;
    if (zone !== '') return [instant, instant];
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = text.split(/[-T :]/).map(Number);
    return [instant, plant.instantMs({ year, month, day, hour, minute }, 'later')];
  }
}

/** Seconds or milliseconds since 1970; below the year 2001 in ms a number is seconds. Zero is what a clock shows that nobody set. */
function epochMs(value: number): number | undefined {
  if (!Number.isFinite(value) || value < 0) return undefined;
  return Math.round(value < 1e12 ? value * 1000 : value);
}
