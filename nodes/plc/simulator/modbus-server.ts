// A Modbus TCP server over a word store: several clients, any framing, latency, and faults on demand.
import { createServer, type Server, type Socket } from 'node:net';
import { type AnswerFault, FaultScript, type LinkFault } from './link-faults.ts';
import { answerRequest, exception, type WordStore } from './modbus-answer.ts';

export interface ModbusServerSettings {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Requests to other units are not answered, as behind a gateway without them. */
  readonly unitId: number;
  /** What the wire address is above the D-address, such as 28672 for a vendor whose D4096 is 0x8000. */
  readonly wireOffset: number;
  /** Delay of every answer; requests in flight wait side by side, as on a slow network. */
  readonly latencyMs: number;
}

export const defaultServerSettings: ModbusServerSettings = {
  host: '127.0.0.1',
  port: 0,
  unitId: 1,
  wireOffset: 0,
  latencyMs: 0,
};

/** MBAP header: transaction, protocol, length, unit (Modbus messaging on TCP/IP 1.0b, 3.1.3). */
const headerBytes = 7;
/** Unit, and the longest PDU whose byte count fits its byte: above the standard's 253, so that too many words get exception 3. */
const greatestLength = 1 + 6 + 255;

export class ModbusServer {
  readonly #store: WordStore;
  readonly #settings: ModbusServerSettings;
  readonly #faults = new FaultScript();
  readonly #sockets = new Set<Socket>();
  readonly #delayed = new Set<NodeJS.Timeout>();
  #server: Server | undefined;
  #port = 0;
  #requests = 0;
  #accepted = 0;

  constructor(store: WordStore, settings: Partial<ModbusServerSettings> = {}) {
    this.#store = store;
    this.#settings = { ...defaultServerSettings, ...settings };
  }

  /** The port it listens on; 0 before the first start. */
  get port(): number {
    return this.#port;
  }

  /** Requests that arrived whole, faulty ones included. */
  get requestCount(): number {
    return this.#requests;
  }

  /** Clients connected now. */
  get connectionCount(): number {
    return this.#sockets.size;
  }

  /** Clients that ever connected. */
  get acceptedCount(): number {
    return this.#accepted;
  }

  /** Listens; resolves with the port, rejects when it is taken. A port once found is kept over stop and start. */
  async start(): Promise<number> {
    if (this.#server) return this.#port;
    const server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
    this.#server = server;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(this.#port || this.#settings.port, this.#settings.host, () => {
          server.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      this.#server = undefined;
      throw error;
    }
    const address = server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
    return this.#port;
  }

  /** Cuts every connection and stops listening. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const timer of this.#delayed) clearTimeout(timer);
    this.#delayed.clear();
    this.#dropAll();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** Lets the link fail in this way; faults that count requests wait for them. */
  async inject(fault: LinkFault): Promise<void> {
    if (fault.kind === 'drop-now') this.#dropAll();
    else if (fault.kind === 'unplug') await this.stop();
    else if (fault.kind === 'plug-in') await this.start();
    else this.#faults.arm(fault);
  }

  /** Forgets the faults that still wait for a request. */
  clearFaults(): void {
    this.#faults.clear();
  }

  #dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#accepted += 1;
    this.#sockets.add(socket);
    let pending: Buffer = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      // Answers to requests that came in one packet leave in one packet.
      socket.cork();
      pending = this.#takeFrames(socket, pending);
      socket.uncork();
    });
  }

  /** Answers every whole frame at the front of `bytes` and returns the rest. */
  #takeFrames(socket: Socket, bytes: Buffer): Buffer {
    let rest = bytes;
    while (rest.length >= headerBytes && !socket.destroyed) {
      const length = rest.readUInt16BE(4);
      if (rest.readUInt16BE(2) !== 0 || length < 2 || length > greatestLength) {
        socket.destroy();
        return Buffer.alloc(0);
      }
      if (rest.length < 6 + length) break;
      this.#answer(socket, rest.subarray(0, 6 + length));
      rest = rest.subarray(6 + length);
    }
    return rest;
  }

  #answer(socket: Socket, frame: Buffer): void {
    this.#requests += 1;
    if (frame[6] !== this.#settings.unitId) return;
    if (this.#faults.dropsRequest()) {
      socket.destroy();
      return;
    }
    const fault = this.#faults.nextAnswerFault();
    const request = frame.subarray(headerBytes);
    const answer =
      fault?.kind === 'exception'
        ? { pdu: exception(request[0] ?? 0, fault.code), isWrite: false }
        : answerRequest(request, this.#store, this.#settings.wireOffset);
    if (answer.isWrite && this.#faults.dropsAfterWrite()) {
      this.#dropAll();
      return;
    }
    if (fault?.kind === 'never-answer') return;
    const delayMs = this.#settings.latencyMs + (fault?.kind === 'answer-late' ? fault.delayMs : 0);
    this.#send(socket, spoil(toFrame(frame, answer.pdu), fault), delayMs);
    if (fault?.kind === 'split-answer') this.#send(socket, toFrame(frame, answer.pdu).subarray(5), delayMs + 5);
  }

  #send(socket: Socket, bytes: Buffer, delayMs: number): void {
    if (delayMs <= 0) {
      socket.write(bytes);
      return;
    }
    const timer = setTimeout(() => {
      this.#delayed.delete(timer);
      if (!socket.destroyed) socket.write(bytes);
    }, delayMs);
    this.#delayed.add(timer);
  }
}

/** The answer's frame: the request's transaction and unit, the length of its own PDU. */
function toFrame(request: Buffer, pdu: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + pdu.length);
  request.copy(frame, 0, 0, headerBytes);
  frame.writeUInt16BE(pdu.length + 1, 4);
  pdu.copy(frame, headerBytes);
  return frame;
}

function spoil(frame: Buffer, fault: AnswerFault | undefined): Buffer {
  if (fault?.kind === 'wrong-transaction-id') frame.writeUInt16BE((frame.readUInt16BE(0) + 1) & 0xffff, 0);
  if (fault?.kind === 'bad-length') frame.writeUInt16BE(65_535, 4);
  if (fault?.kind === 'split-answer') return frame.subarray(0, 5);
  if (fault?.kind === 'short-answer' && frame.length > headerBytes + 3) {
    // One word less, and a header that agrees: only a client that counts the words it asked for notices.
    const short = Buffer.from(frame.subarray(0, frame.length - 2));
    short.writeUInt16BE(short.length - 6, 4);
    const isRead = short[headerBytes] === 3 || short[headerBytes] === 4;
    if (isRead) short[headerBytes + 1] = short.length - headerBytes - 2;
    return short;
  }
  return frame;
}
