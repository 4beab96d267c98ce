// The border of the intake: what a machine sent, text or object, becomes a reading, or a refusal that says why.
import { type PlantTime, parseInstant } from '../core/plant-time.ts';
import { type MachineReading, type MachineState, machineStates, type RefusedReading } from './messages.ts';
import { storable } from './storable-text.ts';
import { machineInTopic } from './topic-filter.ts';

export interface ParserSettings {
  readonly plant: PlantTime;
  /** A source clock further ahead of the arrival than this is not believed. */
  readonly clockAheadMs: number;
  /** One further behind is not believed either: longer than messages may wait in a broker. */
  readonly clockBehindMs: number;
  /** Topic filter such as `plant/+/status`: the first `+` stands for the machine. */
  readonly topicFilters: readonly string[];
}

export interface Envelope {
  /** Where it came from: an MQTT topic, or a word for the input. */
  readonly source: string;
  readonly arrivedMs: number;
  readonly retained: boolean;
  readonly redelivered: boolean;
}

export const defaultParserSettings = { clockAheadMs: 2 * 60_000, clockBehindMs: 7 * 24 * 60 * 60_000 } as const;

/** A machine's name is a key of every table and a level of topics. */
const machineName = /^[^+#/\p{Cc}\p{Surrogate}]{1,64}$/u;
/** Longer texts are no reading; the original's payload has 400 characters. */
export const longestPayload = 65_536;

export const wrongTopic = 'the level of the topic that names the machine has no name of at most 64 characters';

export function isMachineName(text: string): boolean {
  return machineName.test(text);
}

/** No machine makes more; sums of such counts stay exact numbers. */
const mostPieces = 1e12;

type Fields = Readonly<Record<string, unknown>>;

class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function isRefused(parsed: MachineReading | RefusedReading): parsed is RefusedReading {
  return 'code' in parsed;
}

/** Keeps what it learnt of the last timestamps and topics, so one parser serves one source of messages. */
export class ReadingParser {
  readonly #settings: ParserSettings;
  /** Machine of a topic, mapped by topic; topics are few and come again. */
  readonly #machines = new Map<string, string | null>();
  /** Names that were found to be ones. */
  readonly #names = new Set<string>();
  /** Instants of whole minutes, mapped by the text's first 16 characters and what stands behind the seconds. */
  readonly #minutes = new Map<string, readonly [earlierMs: number, laterMs: number] | null>();
  /** The minute of the last timestamp in UTC, up to its colon: nearly always that of the next one, too. */
  #lastMinute: { readonly text: string; readonly startMs: number } | undefined;

  constructor(settings: ParserSettings) {
    this.#settings = settings;
  }

  /** @param payload the text of a message, or an object that is one already */
  parse(payload: string | object, envelope: Envelope): MachineReading | RefusedReading {
    const raw = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const topicMachine = this.#machineOf(envelope.source);
    let named: string | null = null;
    try {
      if (topicMachine !== null && !this.#isName(topicMachine)) throw new Refusal('wrong-topic', wrongTopic);
      named = topicMachine;
      const fields = fieldsOf(payload, raw);
      const machine = fields.machine_id ?? topicMachine;
      if (machine === null || machine === undefined || machine === '')
        throw new Refusal('missing-field', 'machine_id is missing, and the topic names no machine');
      const text = typeof machine === 'number' ? String(machine) : machine;
      if (typeof text !== 'string' || !this.#isName(text))
        throw new Refusal('wrong-field', 'machine_id must be a name of at most 64 characters without /, + and #');
      named = text;
      if (topicMachine !== null && topicMachine !== text)
        throw new Refusal('machine-mismatch', `the topic is ${topicMachine}'s, the message says ${text}`);
      return this.#reading(fields, text, raw, envelope);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { source, arrivedMs } = envelope;
      return { source, code: error.code, message: error.message, raw, arrivedMs, machine: named };
    }
  }

  #reading(fields: Fields, machine: string, raw: string, envelope: Envelope): MachineReading {
    const cumulativeProduction = count(fields.cumulative_production, 'cumulative_production');
    const cumulativeDefects = count(fields.cumulative_defects, 'cumulative_defects');
    const intervalProduction = count(fields.interval_production, 'interval_production');
    const intervalDefects = count(fields.interval_defects, 'interval_defects');
    const pulses = count(fields.pulses, 'pulses');
    const state = stateOf(fields);
    if (intervalProduction !== null && intervalDefects !== null && intervalDefects > intervalProduction) {
      throw new Refusal(
        'defects-exceed-production',
        `interval_defects ${intervalDefects} is more than interval_production ${intervalProduction}`,
      );
    }
    if (state === null && cumulativeProduction === null && intervalProduction === null && pulses === null) {
      if (cumulativeDefects === null && intervalDefects === null)
        throw new Refusal('missing-field', 'neither machine_status nor any count is there');
    }
    const { arrivedMs, retained, redelivered } = envelope;
    const sourceMs = this.#sourceMs(fields.timestamp, arrivedMs);
    return {
      machine,
      state,
      performanceRate: rate(fields.performance_rate, 'performance_rate'),
      qualityRate: rate(fields.quality_rate, 'quality_rate'),
      availabilityRate: rate(fields.availability_rate, 'availability_rate'),
      cumulativeProduction,
      cumulativeDefects,
      intervalProduction,
      intervalDefects,
      pulses,
      sourceMs: sourceMs ?? arrivedMs,
      clockTrusted: sourceMs !== undefined,
      arrivedMs,
      sequence: count(fields.sequence, 'sequence'),
      messageId: words(fields.message_id, 'message_id', 128),
      order: words(fields.order, 'order', 128),
      errorMessage: words(fields.error_message, 'error_message', 1_000),
      failureReason: words(fields.failure_reason, 'failure_reason', 200),
      isCritical: flag(fields.is_critical, 'is_critical'),
      retained,
      redelivered,
      raw,
    };
  }

  /** Undefined for a clock that can't be believed: absent, unreadable, too far ahead or behind. */
  #sourceMs(timestamp: unknown, arrivedMs: number): number | undefined {
    const { clockAheadMs, clockBehindMs } = this.#settings;
    const instant =
      typeof timestamp === 'number'
        ? epochMs(timestamp)
        : typeof timestamp === 'string'
          ? this.#instant(timestamp, arrivedMs)
          : undefined;
    if (instant === undefined) return undefined;
    return instant <= arrivedMs + clockAheadMs && instant >= arrivedMs - clockBehindMs ? instant : undefined;
  }

  /**
   * A naive time in the hour that a clock change repeats is the one of its two instants that is nearer to the arrival. The minute
   * is read once and kept: readings of one minute differ in their seconds only.
   */
  #instant(text: string, arrivedMs: number): number | undefined {
    const last = this.#lastMinute;
    if (last && text.length === jsonLength && text.startsWith(last.text)) {
      const within = secondsMs(text);
      if (within !== undefined) return last.startMs + within;
    }
    const match = wholeTimestamp.exec(text);
    if (!match) return parseInstant(text, this.#settings.plant);
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
    const first = earlier + within;
    if (earlier === later) return first;
    return Math.abs(first - arrivedMs) <= Math.abs(later + within - arrivedMs) ? first : later + within;
  }

  #minute(text: string, zone: string): readonly [number, number] | null {
    const { plant } = this.#settings;
    const instant = parseInstant(text + zone, plant);
    if (instant === undefined) return null;
    if (zone !== '') return [instant, instant];
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = text.split(/[-T :]/).map(Number);
    return [instant, plant.instantMs({ year, month, day, hour, minute }, 'later')];
  }

  #isName(text: string): boolean {
    if (this.#names.has(text)) return true;
    if (!isMachineName(text)) return false;
    if (this.#names.size >= keptTopics) this.#names.clear();
    this.#names.add(text);
    return true;
  }

  #machineOf(topic: string): string | null {
    const known = this.#machines.get(topic);
    if (known !== undefined) return known;
    let machine: string | null = null;
    for (const filter of this.#settings.topicFilters) machine ??= machineInTopic(filter, topic);
    if (topic.length > longestKeptTopic) return machine;
    if (this.#machines.size >= keptTopics) this.#machines.clear();
    this.#machines.set(topic, machine);
    return machine;
  }
}

const keptMinutes = 500;
const keptTopics = 10_000;
/** A longer topic is read each time: MQTT allows 64 KiB, and thousands of them would fill the memory. */
const longestKeptTopic = 512;
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

function fieldsOf(payload: string | object, raw: string): Fields {
  if (raw.length > longestPayload) throw new Refusal('too-long', `a message of ${raw.length} characters is no reading`);
  let value: unknown = payload;
  if (typeof payload === 'string') {
    try {
      value = JSON.parse(payload);
    } catch {
      throw new Refusal('not-json', 'the text is no JSON');
    }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal('not-an-object', 'the message must be an object');
  return value as Fields;
}

/** A whole number of pieces; a text of digits is one too, because some gateways send nothing else. */
function count(given: unknown, name: string): number | null {
  if (given === undefined || given === null) return null;
  const value = typeof given === 'string' && /^\d{1,16}$/.test(given) ? Number(given) : given;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= mostPieces) return value;
  throw new Refusal('wrong-field', `${name} must be a whole number from 0 to ${mostPieces}`);
}

function rate(given: unknown, name: string): number | null {
  if (given === undefined || given === null) return null;
  if (typeof given !== 'number' || !Number.isFinite(given))
    throw new Refusal('wrong-field', `${name} must be a number`);
  if (given < 0 || given > 100) throw new Refusal('rate-out-of-range', `${name} ${given} is not from 0 to 100`);
  return given;
}

function words(given: unknown, name: string, longest: number): string | null {
  if (given === undefined || given === null || given === '') return null;
  if (typeof given === 'string') return storable(given.length <= longest ? given : given.slice(0, longest));
  if (typeof given === 'number') return String(given);
  throw new Refusal('wrong-field', `${name} must be a text`);
}

function flag(given: unknown, name: string): boolean | null {
  if (given === undefined || given === null) return null;
  if (typeof given === 'boolean') return given;
  if (given === 0 || given === 1) return given === 1;
  throw new Refusal('wrong-field', `${name} must be true or false`);
}

/** Mapped by the word as machines write it. */
const states = new Map<string, MachineState>(
  machineStates.flatMap((state) => [
    [state, state],
    [state.charAt(0).toUpperCase() + state.slice(1), state],
  ]),
);

function stateOf(fields: Fields): MachineState | null {
  const given = fields.machine_status;
  if (given === undefined || given === null) return null;
  const state = typeof given === 'string' ? (states.get(given) ?? states.get(given.trim().toLowerCase())) : undefined;
  if (state !== undefined) return state;
  throw new Refusal('unknown-state', `machine_status must be one of ${machineStates.join(', ')}`);
}

/** Seconds or milliseconds since 1970; below the year 2001 in ms a number is seconds. */
function epochMs(value: number): number | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined;
  return Math.round(value < 1e12 ? value * 1000 : value);
}
