// Stands between a subscriber and its broker and looks at the clock: from the first message to the last PUBACK.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface AckMeter {
  readonly port: number;
  /** Milliseconds from the first message to the last PUBACK. */
  readonly finished: Promise<number>;
  stop(): Promise<void>;
}

/** Shorter packets of a broker are CONNACK, SUBACK, PINGRESP. */
const shortest = 100;
/** PUBACK is the only packet of a subscriber with this first byte. */
const puback = 0x40;

export async function startAckMeter(brokerPort: number, count: number): Promise<AckMeter> {
  let startedAt: number | undefined;
  let acknowledged = 0;
  const sockets = new Set<Socket>();
  let finish: (ms: number) => void = () => {};
  const finished = new Promise<number>((resolve) => {
    finish = resolve;
  });
  const server = createServer((subscriber) => {
    const broker = connect(brokerPort, '127.0.0.1');
    for (const socket of [subscriber, broker]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        subscriber.destroy();
        broker.destroy();
        sockets.delete(socket);
      });
    }
    broker.on('data', (data) => {
      if (startedAt === undefined && data.length > shortest) startedAt = performance.now();
      subscriber.write(data);
    });
    let rest = Buffer.alloc(0);
    subscriber.on('data', (data) => {
      broker.write(data);
      const bytes = rest.length === 0 ? data : Buffer.concat([rest, data]);
      let at = 0;
      // A subscriber's packets are shorter than 128 bytes, so one byte tells their length.
      for (; at + 1 < bytes.length; at += 2 + (bytes[at + 1] ?? 0)) {
        if (at + 2 + (bytes[at + 1] ?? 0) > bytes.length) break;
        if (bytes[at] === puback) acknowledged += 1;
      }
      rest = bytes.subarray(at);
      if (acknowledged >= count && startedAt !== undefined) finish(performance.now() - startedAt);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    finished,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
