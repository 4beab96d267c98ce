// The Modbus server of the benchmark, in a process of its own and the same for every client: as fast as Node.js allows.
//
// It listens twice. On the second port every answer leaves 5 ms later, requests in flight waiting side by side, as on a network
// with a round trip of 5 ms.
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { networkDelayMs } from './limits.ts';
import { blocks } from './words.ts';

/** Mapped by wire address and count: the body of the answer, from the function code on. */
const answers = new Map<number, Buffer>();
for (const { address, words } of blocks) {
  const body = Buffer.alloc(2 + 2 * words.length);
  body[0] = 3;
  body[1] = 2 * words.length;
  for (const [index, word] of words.entries()) body.writeUInt16BE(word, 2 + 2 * index);
  answers.set((address << 8) | words.length, body);
}

function serve(socket: Socket, delayMs: number): void {
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  let pending: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const replies: Buffer[] = [];
    let start = 0;
    while (bytes.length - start >= 12) {
      const body = answers.get((bytes.readUInt16BE(start + 8) << 8) | bytes.readUInt16BE(start + 10));
      if (bytes[start + 7] !== 3 || !body) throw new Error('The benchmark reads whole blocks only.');
      const reply = Buffer.allocUnsafe(7 + body.length);
      bytes.copy(reply, 0, start, start + 7);
      reply.writeUInt16BE(body.length + 1, 4);
      body.copy(reply, 7);
      replies.push(reply);
      start += 12;
    }
    pending = bytes.subarray(start);
    const reply = replies.length === 1 ? replies[0] : Buffer.concat(replies);
    if (!reply || reply.length === 0) return;
    if (delayMs === 0) socket.write(reply);
    else setTimeout(() => socket.write(reply), delayMs);
  });
}

async function listen(delayMs: number): Promise<number> {
  const server = createServer((socket) => serve(socket, delayMs));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const ports = { near: await listen(0), far: await listen(networkDelayMs) };
process.send?.(ports);
process.on('disconnect', () => process.exit(0));
