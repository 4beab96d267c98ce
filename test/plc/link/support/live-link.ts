// A started link to a real peer, with times short enough for tests.
import { systemClock } from '../../../../nodes/core/clock.ts';
import { AddressMap } from '../../../../nodes/plc/link/address-map.ts';
import { FinsTransport, loadOmronFins } from '../../../../nodes/plc/link/fins-transport.ts';
import type { ScheduledLinkOptions } from '../../../../nodes/plc/link/link-options.ts';
import { ModbusRtuTransport } from '../../../../nodes/plc/link/modbus-rtu-transport.ts';
import { ModbusTcpTransport } from '../../../../nodes/plc/link/modbus-tcp-transport.ts';
import type { PlcEndpoint } from '../../../../nodes/plc/link/plc-url.ts';
import { ScheduledLink } from '../../../../nodes/plc/link/scheduled-link.ts';
import type { Transport } from '../../../../nodes/plc/link/transport.ts';

export function liveLink(endpoint: PlcEndpoint, options: Partial<ScheduledLinkOptions> = {}): ScheduledLink {
  const requestTimeoutMs = options.requestTimeoutMs ?? 2_000;
  const link = new ScheduledLink({
    connect: () => transportOf(endpoint, requestTimeoutMs),
    addresses: new AddressMap({ preset: 'none', offset: 0, base: 0 }),
    writable: [{ address: 0, count: 10_000 }],
    wordsPerRequest: 125,
    depth: 1,
    requestTimeoutMs,
    connectTimeoutMs: 5_000,
    queueLimit: 1_000,
    queueTimeoutMs: 30_000,
    backoff: { firstMs: 20, capMs: 100 },
    clock: systemClock,
    ...options,
  });
  link.start();
  return link;
}

export function tcp(port: number, unit = 1): PlcEndpoint {
  return { protocol: 'modbus-tcp', host: '127.0.0.1', port, unit };
}

/** Resolves when the link is connected. */
export async function connected(link: ScheduledLink): Promise<void> {
  while (link.status.phase !== 'connected') await new Promise((resolve) => setTimeout(resolve, 5));
}

function transportOf(endpoint: PlcEndpoint, quietMs: number): Transport {
  switch (endpoint.protocol) {
    case 'modbus-tcp':
      return new ModbusTcpTransport(endpoint);
    case 'modbus-rtu':
      return new ModbusRtuTransport(endpoint, { clock: systemClock, quietMs });
    case 'fins':
      return new FinsTransport(endpoint, loadOmronFins, { clock: systemClock, repeatAfterMs: quietMs / 2 });
  }
}
