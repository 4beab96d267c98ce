// Process: a broker that only floods. Whoever subscribes gets every message at QoS 1, `--window` at a time (`max_inflight_messages`
// of Mosquitto); the clock runs from the first PUBLISH to the last PUBACK. Prints its port, then the result, as JSON lines.
import { createServer, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { type MessageSeries, statusMessage } from './status-messages.ts';

const { values } = parseArgs({
  options: { count: { type: 'string' }, machines: { type: 'string' }, window: { type: 'string' } },
});
/** Messages without a PUBACK at a time. */
const window = Number(values.window);
const series: MessageSeries = { count: Number(values.count), machines: Number(values.machines) };
const say = (word: object) => process.stdout.write(`${JSON.stringify(word)}\n`);

function lengthBytes(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  do {
    bytes.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.from(bytes);
}

function publishPackets(): readonly Buffer[] {
  const endMs = Date.now();
  return Array.from({ length: series.count }, (_, index) => {
    const { topic, payload } = statusMessage(series, index, endMs);
    const head = Buffer.alloc(2);
    head.writeUInt16BE(Buffer.byteLength(topic));
    const id = Buffer.alloc(2);
    id.writeUInt16BE((index % 65_535) + 1);
    const body = [head, Buffer.from(topic), id, payload];
    const size = body.reduce((sum, part) => sum + part.length, 0);
    return Buffer.concat([Buffer.from([0x32]), lengthBytes(size), ...body]);
  });
}

function serve(socket: Socket, packets: readonly Buffer[]): void {
  let buffered = Buffer.alloc(0);
  let sent = 0;
  let acknowledged = 0;
  let startedAt = 0;
  const sendMore = () => {
    const until = Math.min(packets.length, acknowledged + window);
    if (until === sent) return;
    socket.write(Buffer.concat(packets.slice(sent, until)));
    sent = until;
  };
  const take = (type: number, packet: Buffer) => {
    if (type === 1) socket.write(Buffer.from([0x20, 2, 0, 0]));
    else if (type === 12) socket.write(Buffer.from([0xd0, 0]));
    else if (type === 8) {
      socket.write(Buffer.from([0x90, 3, packet[2] ?? 0, packet[3] ?? 0, 1]));
      if (sent === 0) startedAt = performance.now();
      sendMore();
    } else if (type === 4) acknowledged += 1;
  };
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('data', (data) => {
    buffered = buffered.length === 0 ? data : Buffer.concat([buffered, data]);
    let at = 0;
    // Whatever a client sends here is shorter than 128 bytes but for its CONNECT.
    for (;;) {
      let length = 0;
      let used = 0;
      let more = true;
      while (more && at + 1 + used < buffered.length) {
        const byte = buffered[at + 1 + used] ?? 0;
        length |= (byte & 127) << (7 * used);
        used += 1;
        more = (byte & 128) !== 0;
      }
      const end = at + 1 + used + length;
      if (more || end > buffered.length) break;
      take((buffered[at] ?? 0) >> 4, buffered.subarray(at, end));
      at = end;
    }
    buffered = buffered.subarray(at);
    if (startedAt > 0 && acknowledged === packets.length) {
      say({ messages: packets.length, ms: performance.now() - startedAt });
      startedAt = 0;
    } else if (startedAt > 0) sendMore();
  });
}

const packets = publishPackets();
const server = createServer((socket) => serve(socket, packets));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  say({ port: typeof address === 'object' ? address?.port : undefined });
});
