// A TCP peer that answers Modbus requests with whatever bytes the test wants.
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** One request as it arrived, split into its parts. */
export interface SeenRequest {
  readonly id: number;
  readonly unit: number;
  readonly pdu: Buffer;
  readonly socket: Socket;
}

export interface HostileServer {
  readonly port: number;
  readonly seen: readonly SeenRequest[];
  /** Connections that were ever accepted. */
  readonly accepted: () => number;
  /** Connections that are open now, as the operating system sees them. */
  readonly open: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

/** @param react called for each request; the bytes that it returns are sent */
export async function hostileServer(react: (request: SeenRequest) => Buffer | undefined): Promise<HostileServer> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    let pending = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 7 && pending.length >= 6 + pending.readUInt16BE(4)) {
        const end = 6 + pending.readUInt16BE(4);
        const request = { id: pending.readUInt16BE(0), unit: pending[6] ?? 0, pdu: pending.subarray(7, end), socket };
        pending = pending.subarray(end);
        seen.push(request);
        const answer = react(request);
        if (answer) socket.write(answer);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    seen,
    accepted: () => accepted,
    open: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The words that an honest server would answer: each word holds its address. */
export function honestPdu({ pdu }: Pick<SeenRequest, 'pdu'>): Buffer {
  const address = pdu.readUInt16BE(1);
  const count = pdu.readUInt16BE(3);
  if (pdu[0] !== 3) return Buffer.from(pdu.subarray(0, 5));
  const answer = Buffer.alloc(2 + 2 * count);
  answer[0] = 3;
  answer[1] = 2 * count;
  for (let index = 0; index < count; index += 1) answer.writeUInt16BE((address + index) & 0xffff, 2 + 2 * index);
  return answer;
}

/** A Modbus/TCP frame; `header` changes what it claims. */
export function mbap(
  request: Pick<SeenRequest, 'id' | 'unit'>,
  pdu: Buffer,
  header: { id?: number; protocol?: number; length?: number; unit?: number } = {},
): Buffer {
  const frame = Buffer.alloc(7 + pdu.length);
  frame.writeUInt16BE(header.id ?? request.id, 0);
  frame.writeUInt16BE(header.protocol ?? 0, 2);
  frame.writeUInt16BE(header.length ?? pdu.length + 1, 4);
  frame[6] = header.unit ?? request.unit;
  pdu.copy(frame, 7);
  return frame;
}
