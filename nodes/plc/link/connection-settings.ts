// The settings of a plc-connection, checked once: from what the editor or a flow file holds to typed values.
import { type FieldFault, InvalidInput } from '../../core/errors.ts';
import { namedVariable, settingText, watchesOnly } from '../../core/setting-text.ts';
import { type MemoryMap, originalMemoryMap, parseMemoryMap, readableRanges, type WordOrder } from '../memory-map.ts';
import { describeRange, mostWordsPerRead } from '../read-plan.ts';
import { AddressMap, type AddressSettings } from './address-map.ts';
import { addressPresets, isAddressPreset } from './address-presets.ts';
import { type PlcEndpoint, parsePlcUrl } from './plc-url.ts';
import { readWireMs } from './rtu-timing.ts';

/** What the node's properties hold; a flow file edited by hand may hold anything. */
export interface PlcConnectionProperties {
  readonly name?: unknown;
  readonly url?: unknown;
  readonly wordOrder?: unknown;
  readonly addressPreset?: unknown;
  readonly addressOffset?: unknown;
  readonly addressBase?: unknown;
  readonly wordsPerRequest?: unknown;
  readonly depth?: unknown;
  readonly requestTimeout?: unknown;
  readonly memoryMapType?: unknown;
  readonly memoryMap?: unknown;
  readonly watchOnly?: unknown;
}

export interface ConnectionSettings {
  /** How this PLC is called in snapshots and logs. */
  readonly plcName: string;
  readonly endpoint: PlcEndpoint;
  readonly wordOrder: WordOrder;
  readonly addresses: AddressSettings;
  readonly wordsPerRequest: number;
  readonly depth: number | 'auto';
  readonly requestTimeoutMs: number;
  readonly memoryMap: MemoryMap;
  readonly watchOnly: boolean;
}

export interface SettingsSurroundings {
  /** Text of a memory map file. */
  readonly readFile: (path: string) => string;
  /** True when watch-only mode is forced from outside. */
  readonly watchOnly: boolean;
}

export const mostDepth = 8;
const timeoutLimitsMs = { min: 50, max: 60_000 };

/** Checks the properties; throws InvalidInput that names every field at fault, with an example. */
export function parseConnectionSettings(
  properties: PlcConnectionProperties,
  surroundings: SettingsSurroundings,
): ConnectionSettings {
  const faults: FieldFault[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (thrown) {
      if (!(thrown instanceof InvalidInput)) throw thrown;
      faults.push(...thrown.fields);
      return undefined;
    }
  };
  const endpoint = attempt(() => readEndpoint(properties.url));
  const wordOrder = attempt(() => readWordOrder(properties.wordOrder));
  const addresses = attempt(() => readAddressSettings(properties));
  const wordsPerRequest = attempt(() =>
    readInteger('wordsPerRequest', properties.wordsPerRequest, 125, 1, mostWordsPerRead),
  );
  const depth = attempt(() =>
    properties.depth === 'auto' ? 'auto' : readInteger('depth', properties.depth, 1, 1, mostDepth, ', or auto'),
  );
  const requestTimeoutMs = attempt(() =>
    readInteger('requestTimeout', properties.requestTimeout, 2000, timeoutLimitsMs.min, timeoutLimitsMs.max, ' ms'),
  );
  const memoryMap = attempt(() => readMemoryMap(properties, surroundings.readFile));
  if (
    endpoint === undefined ||
    wordOrder === undefined ||
    addresses === undefined ||
    wordsPerRequest === undefined ||
    depth === undefined ||
    requestTimeoutMs === undefined ||
    memoryMap === undefined
  ) {
    throw new InvalidInput(faults, 'The PLC connection');
  }
  const settings: ConnectionSettings = {
    plcName: typeof properties.name === 'string' && properties.name !== '' ? properties.name : describePeer(endpoint),
    endpoint,
    wordOrder,
    addresses,
    wordsPerRequest,
    depth,
    requestTimeoutMs,
    memoryMap,
    watchOnly: surroundings.watchOnly || watchesOnly(properties.watchOnly, {}),
  };
  const conflicts = conflictsOf(settings);
  if (conflicts.length > 0) throw new InvalidInput(conflicts, 'The PLC connection');
  return settings;
}

/** Host and port, or device: how people recognise the peer. */
export function describePeer(endpoint: PlcEndpoint): string {
  return endpoint.protocol === 'modbus-rtu' ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
}

/** Preset, offset and base of the properties; throws InvalidInput. */
export function readAddressSettings(properties: PlcConnectionProperties): AddressSettings {
  const preset = given(properties.addressPreset) ?? 'none';
  if (!isAddressPreset(preset)) {
    const known = Object.keys(addressPresets).join(', ');
    throw new InvalidInput([{ field: 'addressPreset', message: `"${preset}" is not one of ${known}` }]);
  }
  return {
    preset,
    offset: readInteger('addressOffset', properties.addressOffset, 0, -65_535, 65_535),
    base: readInteger('addressBase', properties.addressBase, 0, 0, 1) === 1 ? 1 : 0,
  };
}

/** The map of the original, one in the editor (`json`) or one in a file; throws InvalidInput. */
export function readMemoryMap(properties: PlcConnectionProperties, readFile: (path: string) => string): MemoryMap {
  const type = given(properties.memoryMapType) ?? 'default';
  if (type === 'default') return originalMemoryMap;
  const value = given(properties.memoryMap) ?? '';
  if (type !== 'json' && type !== 'file') {
    throw new InvalidInput([{ field: 'memoryMapType', message: `"${type}" is not default, json or file` }]);
  }
  let json: unknown;
  try {
    json = JSON.parse(type === 'file' ? readFile(value) : value);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new InvalidInput([{ field: 'memoryMap', message: `${reason}; begin with a copy of the default map` }]);
  }
  return parseMemoryMap(json);
}

function readEndpoint(value: unknown): PlcEndpoint {
  const text = given(value);
  if (text === undefined) {
    const variable = namedVariable(value);
    const message = variable
      ? `the environment variable ${variable} is not set; set it, or type the address, as in modbus-tcp://192.168.1.20:502?unit=1`
      : 'is missing, as in modbus-tcp://192.168.1.20:502?unit=1';
    throw new InvalidInput([{ field: 'url', message }]);
  }
  return parsePlcUrl(text, 'url');
}

function readWordOrder(value: unknown): WordOrder {
  const text = given(value) ?? 'high-first';
  if (text === 'high-first' || text === 'low-first') return text;
  throw new InvalidInput([{ field: 'wordOrder', message: `"${text}" is not high-first or low-first` }]);
}

function readInteger(field: string, value: unknown, absent: number, min: number, max: number, more = ''): number {
  const text = typeof value === 'number' ? String(value) : given(value);
  if (text === undefined) return absent;
  const number = Number(text);
  if (/^-?\d+$/.test(text) && number >= min && number <= max) return number;
  throw new InvalidInput([{ field, message: `"${text}" is not a whole number from ${min} to ${max}${more}` }]);
}

/** Text that was really given; undefined where nothing is set. */
function given(value: unknown): string | undefined {
  return settingText(value) || undefined;
}

function conflictsOf({ memoryMap, wordsPerRequest, addresses, endpoint, requestTimeoutMs }: ConnectionSettings) {
  const faults: FieldFault[] = [];
  const { blockWords } = memoryMap;
  if (wordsPerRequest < blockWords) {
    const message = `${wordsPerRequest} is less than the ${blockWords} words of a block, which must come as one answer`;
    faults.push({ field: 'wordsPerRequest', message });
  }
  const map = new AddressMap(addresses);
  for (const range of readableRanges(memoryMap)) {
    const wire = map.resolve(range.address, range.count);
    if (typeof wire === 'number') continue;
    faults.push({ field: 'addressPreset', message: `${describeRange(range)} of the memory map: ${wire}` });
    break;
  }
  if (endpoint.protocol === 'modbus-rtu') {
    const wireMs = Math.ceil(readWireMs(endpoint.baud, blockWords));
    if (requestTimeoutMs < wireMs) {
      const message = `${requestTimeoutMs} ms is too short: a block takes ${wireMs} ms at ${endpoint.baud} baud`;
      faults.push({ field: 'requestTimeout', message });
    }
  }
  return faults;
}
