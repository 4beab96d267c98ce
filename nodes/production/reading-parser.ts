// The border of the intake: what a machine sent, text or object, becomes a reading, or a refusal that says why.
import { clockToleranceMs } from '../core/instants.ts';
import { type MachineReading, type MachineState, machineStates, type RefusedReading } from './messages.ts';
import { withoutFrame } from './payload-text.ts';
import { type ClockSettings, SourceClock } from './source-clock.ts';
import { storable } from './storable-text.ts';
import { machineInTopic } from './topic-filter.ts';

export interface ParserSettings extends ClockSettings {
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

export const defaultParserSettings = { clockAheadMs: clockToleranceMs, clockBehindMs: 7 * 24 * 60 * 60_000 } as const;

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
  readonly #clock: SourceClock;

  constructor(settings: ParserSettings) {
    this.#settings = settings;
    this.#clock = new SourceClock(settings);
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
    const sourceMs = this.#clock.instantOf(fields.timestamp, arrivedMs, machine);
    if (sourceMs === 'unreadable')
      throw new Refusal(
        'unreadable-timestamp',
        `timestamp ${JSON.stringify(fields.timestamp).slice(0, 60)} is no time`,
      );
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

const keptTopics = 10_000;
/** A longer topic is read each time: MQTT allows 64 KiB, and thousands of them would fill the memory. */
const longestKeptTopic = 512;

function fieldsOf(payload: string | object, raw: string): Fields {
  if (raw.length > longestPayload) throw new Refusal('too-long', `a message of ${raw.length} characters is no reading`);
  let value: unknown = payload;
  if (typeof payload === 'string') {
    value = parsed(payload) ?? parsed(withoutFrame(payload));
    if (value === undefined) throw new Refusal('not-json', 'the text is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal('not-an-object', 'the message must be an object');
  return value as Fields;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
