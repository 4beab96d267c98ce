// Builds the link that a plc-connection's settings ask for: the right transport, limits and time constants.
import type { BackoffPolicy } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import { writableRanges } from '../memory-map.ts';
import { AddressMap } from './address-map.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { FinsTransport, loadOmronFins } from './fins-transport.ts';
import type { LinkStatus } from './link-status.ts';
import { ModbusRtuTransport } from './modbus-rtu-transport.ts';
import { ModbusTcpTransport } from './modbus-tcp-transport.ts';
import { ScheduledLink } from './scheduled-link.ts';
import type { Transport } from './transport.ts';

/** First retry within half a second, then at most every 15 s: a PLC that comes back is found before an operator looks. */
const backoff: BackoffPolicy = { firstMs: 500, capMs: 15_000 };
const connectTimeoutMs = 5_000;
/** Ten slots of both areas, several times over. */
const queueLimit = 100;
/** A full queue at 9600 baud takes about this long. */
const queueTimeoutMs = 30_000;

/** A link that is not started yet. In watch-only mode it refuses every write. */
export function openLink(
  settings: ConnectionSettings,
  clock: Clock,
  onStatus?: (status: LinkStatus) => void,
): ScheduledLink {
  return new ScheduledLink({
    connect: () => transportOf(settings, clock),
    addresses: new AddressMap(settings.addresses),
    writable: settings.watchOnly ? [] : writableRanges(settings.memoryMap),
    wordsPerRequest: settings.wordsPerRequest,
    depth: settings.depth,
    requestTimeoutMs: settings.requestTimeoutMs,
    connectTimeoutMs,
    queueLimit,
    queueTimeoutMs,
    backoff,
    clock,
    ...(onStatus && { onStatus }),
  });
}

function transportOf({ endpoint, requestTimeoutMs }: ConnectionSettings, clock: Clock): Transport {
  switch (endpoint.protocol) {
    case 'modbus-tcp':
      return new ModbusTcpTransport(endpoint);
    case 'modbus-rtu':
      return new ModbusRtuTransport(endpoint, { clock, quietMs: requestTimeoutMs });
    case 'fins':
      return new FinsTransport(endpoint, loadOmronFins, { clock, repeatAfterMs: requestTimeoutMs / 2 });
  }
}
