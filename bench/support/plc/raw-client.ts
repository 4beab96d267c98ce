// The physical limit: a bare socket that reads the ten blocks and checks every word, one after the other or all at once.
import { connect, type Socket } from 'node:net';
import { blocks } from './words.ts';

const headerBytes = 7;

export interface CycleClient {
  readonly name: string;
  /** One whole read of the ten blocks. */
  cycle(): Promise<void>;
  close(): void;
}

export async function rawClient(name: string, port: number, pipelined: boolean): Promise<CycleClient> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const requests = blocks.map(({ address, words }, index) => request(index, address, words.length));
  const exchange = exchangeOn(socket);
  const all = Buffer.concat(requests);
  return {
    name,
    cycle: async () => {
      if (pipelined) return exchange(all, 0, blocks.length);
      for (const [index, bytes] of requests.entries()) await exchange(bytes, index, index + 1);
    },
    close: () => socket.destroy(),
  };
}

/** Sends `bytes` and resolves when the answers to blocks `from` to `to` (exclusive) are in and every word is right. */
function exchangeOn(socket: Socket): (bytes: Buffer, from: number, to: number) => Promise<void> {
  let received: Buffer = Buffer.alloc(0);
  let wanted = 0;
  let range: readonly [number, number] = [0, 0];
  let done: () => void = () => undefined;
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    if (received.length < wanted) return;
    check(received, ...range);
    received = Buffer.alloc(0);
    done();
  });
  return (bytes, from, to) => {
    range = [from, to];
    wanted = blocks.slice(from, to).reduce((sum, { words }) => sum + headerBytes + 2 + 2 * words.length, 0);
    return new Promise((resolve) => {
      done = resolve;
      socket.write(bytes);
    });
  };
}

function check(bytes: Buffer, from: number, to: number): void {
  let offset = 0;
  for (const { address, words } of blocks.slice(from, to)) {
    offset += headerBytes + 2;
    for (const word of words) {
      if (bytes.readUInt16BE(offset) !== word) throw new Error(`wrong word in the block at D${address}`);
      offset += 2;
    }
  }
}

function request(id: number, address: number, count: number): Buffer {
  const bytes = Buffer.alloc(headerBytes + 5);
  bytes.writeUInt16BE(id, 0);
  bytes.writeUInt16BE(6, 4);
  bytes[6] = 1;
  bytes[7] = 3;
  bytes.writeUInt16BE(address, 8);
  bytes.writeUInt16BE(count, 10);
  return bytes;
}
