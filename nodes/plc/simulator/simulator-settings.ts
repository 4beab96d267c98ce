// Reads the settings of a plc-simulator node: numbers that may come from environment variables, and a memory map.
import { asError, type FieldFault, InvalidInput } from '../../core/errors.ts';
import { isUnset, settingText } from '../../core/setting-text.ts';
import { type MemoryMap, originalMemoryMap, parseMemoryMap, type WordOrder } from '../memory-map.ts';
import type { FeedMillSettings } from './mill-messages.ts';
import type { ModbusServerSettings } from './modbus-server.ts';

/** The node's properties as Node-RED hands them over, environment variables already substituted. */
export interface SimulatorProperties {
  readonly host?: unknown;
  readonly port?: unknown;
  /** What holds when the port names a variable that is not set. */
  readonly portUnset?: unknown;
  readonly unitId?: unknown;
  readonly wireOffset?: unknown;
  readonly latencyMs?: unknown;
  readonly wordOrder?: unknown;
  /** A memory map as JSON text; empty for the original plant's. */
  readonly memoryMap?: unknown;
  readonly seed?: unknown;
  readonly secondsPerBatch?: unknown;
  readonly scatterPercent?: unknown;
  readonly failureProbability?: unknown;
  readonly stallProbability?: unknown;
  readonly stallSeconds?: unknown;
  readonly garbleProbability?: unknown;
  readonly keepMemory?: unknown;
}

export interface SimulatorSettings {
  readonly server: ModbusServerSettings;
  readonly mill: FeedMillSettings;
  readonly map: MemoryMap;
  readonly wordOrder: WordOrder;
  readonly seed: number;
  readonly keepMemory: boolean;
}

/**
 * Undefined when the port is empty, or a variable that is not set and no port is named for that case: the simulator stays
 * off because a real PLC is configured. Throws InvalidInput that names every property at fault.
 */
export function parseSimulatorSettings(properties: SimulatorProperties): SimulatorSettings | undefined {
  const port = settingText(properties.port, properties.portUnset);
  if (port === '') return undefined;
  const faults: FieldFault[] = [];
  const number = (
    field: keyof SimulatorProperties,
    fallback: number,
    min: number,
    max: number,
    whole = false,
  ): number => {
    const value = field === 'port' ? port : settingText(properties[field]);
    const parsed = value === '' ? fallback : Number(value);
    if (parsed >= min && parsed <= max && (!whole || Number.isInteger(parsed))) return parsed;
    faults.push({ field, message: `"${value}" is not a ${whole ? 'whole ' : ''}number from ${min} to ${max}` });
    return fallback;
  };
  const settings: SimulatorSettings = {
    server: {
      host: settingText(properties.host) || '127.0.0.1',
      port: number('port', 0, 0, 65_535, true),
      unitId: number('unitId', 1, 0, 255, true),
      wireOffset: number('wireOffset', 0, -65_535, 65_535, true),
      latencyMs: number('latencyMs', 0, 0, 60_000),
    },
    mill: {
      secondsPerBatch: number('secondsPerBatch', 6, 0.01, 86_400),
      scatterPercent: number('scatterPercent', 1, 0, 100),
      failureProbability: number('failureProbability', 0, 0, 1),
      stallProbability: number('stallProbability', 0, 0, 1),
      stallSeconds: number('stallSeconds', 10, 0.01, 86_400),
      garbleProbability: number('garbleProbability', 0, 0, 1),
    },
    map: mapOf(properties.memoryMap, faults),
    wordOrder: wordOrderOf(properties.wordOrder, faults),
    seed: number('seed', 1, 0, 4_294_967_295, true),
    keepMemory: properties.keepMemory !== false,
  };
  if (faults.length > 0) throw new InvalidInput(faults, 'The PLC simulator');
  return settings;
}

function mapOf(value: unknown, faults: FieldFault[]): MemoryMap {
  if (isUnset(value)) return originalMemoryMap;
  try {
    return parseMemoryMap(JSON.parse(String(value)));
  } catch (thrown) {
    if (thrown instanceof InvalidInput) faults.push(...thrown.fields);
    else faults.push({ field: 'memoryMap', message: asError(thrown).message });
    return originalMemoryMap;
  }
}

function wordOrderOf(value: unknown, faults: FieldFault[]): WordOrder {
  if (isUnset(value)) return 'high-first';
  if (value === 'high-first' || value === 'low-first') return value;
  faults.push({ field: 'wordOrder', message: `"${String(value)}" is not high-first or low-first` });
  return 'high-first';
}
