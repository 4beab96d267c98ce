// Reads the settings of a sensor-simulator node; they may come from environment variables.
import { type FieldFault, InvalidInput } from '../../core/errors.ts';
import { plantTimeOf } from '../../core/plant-time.ts';
import { settingText } from '../../core/setting-text.ts';
import { type FaultRates, lineFaults } from './faulty-line.ts';

/** The node's properties as Node-RED hands them over, environment variables already substituted. */
export interface SensorProperties {
  readonly url?: unknown;
  /** What holds when the URL names a variable that is not set. */
  readonly urlUnset?: unknown;
  readonly topic?: unknown;
  readonly machines?: unknown;
  readonly intervalSeconds?: unknown;
  readonly availability?: unknown;
  readonly performance?: unknown;
  readonly quality?: unknown;
  readonly piecesPerInterval?: unknown;
  readonly meanStopSeconds?: unknown;
  readonly modulus?: unknown;
  readonly faults?: unknown;
  readonly seed?: unknown;
  readonly timeZone?: unknown;
}

/** Instead of a broker's URL: the messages leave by the node's second output. */
export const inFlow = 'flow';

export interface SensorSettings {
  /** Of the broker, or `inFlow`. */
  readonly url: string;
  /** `{machine}` stands for the machine's name. */
  readonly topic: string;
  readonly machines: readonly string[];
  /** 0: only the command `tick` makes messages. */
  readonly intervalMs: number;
  readonly availability: number;
  readonly performance: number;
  readonly quality: number;
  readonly piecesPerInterval: number;
  readonly meanStopMs: number;
  readonly modulus: number;
  readonly rates: FaultRates;
  readonly seed: number;
  readonly timeZone: string;
}

/** Interval that the counts of one message stand for when only `tick` makes messages: the original's 5 s. */
export const defaultIntervalMs = 5000;

/**
 * Undefined when the broker's URL is empty, or a variable that is not set and nothing is named for that case: the simulator
 * stays off because real machines send. Throws InvalidInput that names every property at fault.
 */
export function parseSensorSettings(properties: SensorProperties): SensorSettings | undefined {
  const url = settingText(properties.url, properties.urlUnset);
  if (url === '') return undefined;
  const faults: FieldFault[] = [];
  const number = (field: keyof SensorProperties, fallback: number, least: number, most: number): number => {
    const text = settingText(properties[field]);
    const value = text === '' ? fallback : Number(text);
    if (!(value >= least && value <= most))
      faults.push({ field, message: `must be a number from ${least} to ${most}` });
    return value;
  };
  if (url !== inFlow && !/^mqtts?:\/\/./.test(url))
    faults.push({ field: 'url', message: `must begin with mqtt:// or mqtts://, or be ${inFlow}` });
  const topic = settingText(properties.topic) || 'shopfloor/machines/{machine}/status';
  if (!topic.includes('{machine}') || /[+#\s]/.test(topic)) {
    faults.push({ field: 'topic', message: 'must name {machine} and hold neither wildcard nor space' });
  }
  const settings = {
    url,
    topic,
    machines: machinesOf(settingText(properties.machines) || 'C_FL104', faults),
    intervalMs: number('intervalSeconds', 5, 0, 86_400) * 1000,
    availability: number('availability', 85, 0, 100),
    performance: number('performance', 82, 0, 100),
    quality: number('quality', 96, 0, 100),
    piecesPerInterval: Math.trunc(number('piecesPerInterval', 100, 0, 1_000_000)),
    meanStopMs: number('meanStopSeconds', 60, 0, 86_400) * 1000,
    modulus: Math.trunc(number('modulus', 0, 0, 4_294_967_296)),
    rates: ratesOf(properties.faults, faults),
    seed: Math.trunc(number('seed', 1, 0, 4_294_967_295)),
    timeZone: zoneOf(properties.timeZone, faults),
  };
  if (faults.length > 0) throw new InvalidInput(faults, 'The sensor simulator');
  return settings;
}

/** A list separated by commas, or a number of machines, which are then M001, M002 ... */
function machinesOf(text: string, faults: FieldFault[]): readonly string[] {
  if (/^\d{1,4}$/.test(text)) {
    return Array.from({ length: Number(text) }, (_, index) => `M${String(index + 1).padStart(3, '0')}`);
  }
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !/^[^+#/\s]{1,64}$/.test(name));
  if (wrong !== undefined || new Set(names).size < names.length) {
    faults.push({ field: 'machines', message: 'must be different names without space, /, + and #, or a number' });
  }
  return names;
}

/** Percent by fault as `drop=1, late=0.5`. */
function ratesOf(given: unknown, faults: FieldFault[]): FaultRates {
  const parts = settingText(given)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const rates = parts.map((part) => {
    const [name = '', percent = ''] = part.split('=').map((side) => side.trim());
    const fault = lineFaults.find((known) => known === name);
    const rate = percent === '' ? Number.NaN : Number(percent);
    if (!fault || !(rate >= 0 && rate <= 100)) {
      faults.push({ field: 'faults', message: `"${part}" is not like drop=1; faults are ${lineFaults.join(', ')}` });
    }
    return [fault, rate] as const;
  });
  return Object.fromEntries(rates);
}

function zoneOf(given: unknown, faults: FieldFault[]): string {
  const zone = settingText(given) || 'Asia/Jakarta';
  try {
    plantTimeOf(zone);
  } catch {
    faults.push({ field: 'timeZone', message: 'must be an IANA time zone such as Asia/Jakarta' });
  }
  return zone;
}
