// What the editor shows while a connection is being edited: the peer in words and where the map's words lie on the wire.
import { InvalidInput } from '../../core/errors.ts';
import { settingText } from '../../core/setting-text.ts';
import { type MemoryMap, originalMemoryMap, slotsOf } from '../memory-map.ts';
import { AddressMap } from './address-map.ts';
import { addressPresets } from './address-presets.ts';
import {
  describePeer,
  type PlcConnectionProperties,
  readAddressSettings,
  readMemoryMap,
} from './connection-settings.ts';
import { parsePlcUrl } from './plc-url.ts';
import { cycleWireMs } from './rtu-timing.ts';

export interface ResolvedAddress {
  /** Such as `D7000`. */
  readonly word: string;
  /** Address on the wire; absent with `problem`. */
  readonly wire?: number;
  readonly hex?: string;
  readonly problem?: string;
}

export interface ResolvePreview {
  /** What the addresses mean for this PLC. */
  readonly note: string;
  /** Start of the read area, start of the write area, guard word. */
  readonly addresses: readonly ResolvedAddress[];
  /** Protocol and peer; absent while the URL is an environment variable. */
  readonly peer?: string;
  /** Least time of one read cycle, in ms: a serial line only. */
  readonly cycleMs?: number;
}

/** Throws InvalidInput for a body that is not the properties of a plc-connection. */
export function resolvePreview(body: unknown): ResolvePreview {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new InvalidInput([{ field: 'body', message: 'is not an object such as {"addressPreset": "none"}' }]);
  }
  const properties: PlcConnectionProperties = body;
  const settings = readAddressSettings(properties);
  const map = previewMap(properties);
  const addresses = new AddressMap(settings);
  const endpoint = endpointOf(properties.url);
  return {
    note: addressPresets[settings.preset].note,
    addresses: [
      resolved(addresses, map.readBase, map.blockWords),
      resolved(addresses, map.writeBase, map.blockWords),
      resolved(addresses, map.guardAddress, 1),
    ],
    ...(endpoint && { peer: `${endpoint.protocol} ${describePeer(endpoint)}` }),
    ...(endpoint?.protocol === 'modbus-rtu' && {
      cycleMs: Math.ceil(
        cycleWireMs(
          endpoint.baud,
          slotsOf(map).map(() => map.blockWords),
        ),
      ),
    }),
  };
}

function resolved(addresses: AddressMap, address: number, count: number): ResolvedAddress {
  const wire = addresses.resolve(address, count);
  const word = `D${address}`;
  return typeof wire === 'string'
    ? { word, problem: wire }
    : { word, wire, hex: `0x${wire.toString(16).padStart(4, '0')}` };
}

/** The map in the editor; while it is not valid, or lies in a file, the addresses of the original are shown. */
function previewMap(properties: PlcConnectionProperties): MemoryMap {
  if (properties.memoryMapType !== 'json') return originalMemoryMap;
  try {
    return readMemoryMap(properties, () => '');
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return originalMemoryMap;
    throw thrown;
  }
}

function endpointOf(url: unknown) {
  const text = settingText(url);
  return text === '' ? undefined : parsePlcUrl(text, 'url');
}
