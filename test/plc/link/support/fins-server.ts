// A small Omron PLC: FINS over UDP with data memory, and what a test adds to or takes from its answers.
import { createSocket } from 'node:dgram';

/** One frame that arrived: the header's node numbers and service id, the command, and its parameters. */
export interface FinsRequest {
  readonly sourceNode: number;
  readonly destinationNode: number;
  readonly serviceId: number;
  readonly command: number;
  readonly area: number;
  readonly address: number;
  readonly count: number;
}

export interface FinsServer {
  readonly port: number;
  readonly seen: readonly FinsRequest[];
  readonly memory: Uint16Array;
  /** End code of the answers to come; 0 is normal. */
  endCode: number;
  /** Changes the frame that is about to leave; undefined sends nothing. */
  alter: (frame: Buffer) => Buffer | undefined;
  readonly stop: () => Promise<void>;
}

const headerBytes = 10;
const memoryRead = 0x0101;
const memoryWrite = 0x0102;

export async function finsServer(): Promise<FinsServer> {
  const socket = createSocket('udp4');
  const seen: FinsRequest[] = [];
  const memory = Uint16Array.from({ length: 32_768 }, (_, index) => index);
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const server: FinsServer = {
    port: socket.address().port,
    seen,
    memory,
    endCode: 0,
    alter: (frame) => frame,
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  socket.on('message', (frame, peer) => {
    const request: FinsRequest = {
      sourceNode: frame[7] ?? 0,
      destinationNode: frame[4] ?? 0,
      serviceId: frame[9] ?? 0,
      command: frame.readUInt16BE(headerBytes),
      area: frame[12] ?? 0,
      address: frame.readUInt16BE(13),
      count: frame.readUInt16BE(16),
    };
    seen.push(request);
    // Response: the bit of ICF set, source and destination exchanged (Omron W342, 3-2).
    const header = Buffer.from([
      0xc0,
      0,
      2,
      0,
      request.sourceNode,
      0,
      0,
      request.destinationNode,
      0,
      request.serviceId,
    ]);
    const head = Buffer.alloc(4);
    head.writeUInt16BE(request.command, 0);
    head.writeUInt16BE(server.endCode, 2);
    let data: Buffer = Buffer.alloc(0);
    if (request.command === memoryRead) {
      data = Buffer.alloc(2 * request.count);
      for (let index = 0; index < request.count; index += 1) {
        data.writeUInt16BE(memory[request.address + index] ?? 0, 2 * index);
      }
    } else if (request.command === memoryWrite) {
      for (let index = 0; index < request.count; index += 1) {
        memory[request.address + index] = frame.readUInt16BE(18 + 2 * index);
      }
    }
    const answer = server.alter(Buffer.concat([header, head, data]));
    if (answer) socket.send(answer, peer.port, peer.address);
  });
  return server;
}
