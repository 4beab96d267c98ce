// A small MQTT broker inside `npm start`, for trying the package when no broker is configured.

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

/** Starts on a free loopback port and returns its URL; undefined when the development dependency is not installed. */
export async function startEmbeddedBroker(): Promise<string | undefined> {
  let aedes: typeof import('aedes');
  try {
    aedes = await import('aedes');
  } catch {
    return undefined;
  }
  const broker = await aedes.Aedes.createBroker();
  const server = createServer(broker.handle);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
