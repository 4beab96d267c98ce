// A port for modbus-serial that frames Modbus/TCP itself: 16-bit transaction ids, every header checked, no waiting on close.
//
// modbus-serial's own TcpPort reuses ids after 256 requests, accepts any protocol id, and goes deaf after one absurd length.
import { EventEmitter } from 'node:events';
import { connect, type Socket } from 'node:net';
import { PlcLinkError } from '../plc-link.ts';
import { crc16 } from './crc16.ts';

/** Transaction, protocol and length fields; the unit byte that MBAP counts as header belongs to the frame here. */
const headerBytes = 6;
const crcBytes = 2;
/** Unit, function and at least one byte; unit and the longest PDU (Modbus messaging on TCP/IP 1.0b, 3.1.3). */
const shortestBody = 3;
const longestBody = 254;
/**
 * Ids in flight lie far apart (65536 over the golden ratio; odd, so that all ids get their turn): a peer that numbers an
 * answer one too high, or cuts the id to a byte, does not hit the id of another request.
 */
const idStep = 0x9e37;
/** Idle time before the first keep-alive probe: finds a pulled cable although nobody polls. */
const keepAliveMs = 10_000;
/** All slots answered at once with the longest frame fit in. */
const readBufferBytes = 8 * 1024;
/** Requests that can be open at once; the link keeps fewer. */
export const transactionSlots = 16;

export interface MbapPortOptions {
  readonly host: string;
  readonly port: number;
  /** Called once when the connection ends or its framing cannot be trusted any more. */
  readonly onClosed: (reason: PlcLinkError) => void;
}

type OpenCallback = (error?: Error) => void;

/**
 * Implements modbus-serial's port plug-in: it reads `_transactionIdWrite` before a request and `_transactionIdRead` at an
 * answer as keys of its transaction table, and never forgets a key. Small slot numbers that are reused are therefore
 * given to it, while ids on the wire count through all 65536.
 */
export class MbapPort extends EventEmitter {
  _transactionIdWrite = 0;
  _transactionIdRead = 0;
  readonly #options: MbapPortOptions;
  /** Mapped by the id on the wire: the slot of the request that waits for it. */
  readonly #slotOfId = new Map<number, number>();
  readonly #freeSlots = Array.from({ length: transactionSlots }, (_, slot) => slot);
  #socket: Socket | undefined;
  #opened: OpenCallback | undefined;
  #open = false;
  #ended = false;
  #nextId = 1;
  #rest: Buffer | undefined;

  constructor(options: MbapPortOptions) {
    super();
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Called by modbus-serial. */
  open(callback: OpenCallback): void {
    this.#opened = callback;
    const { host, port } = this.#options;
    const socket = connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveMs,
      onread: {
        // One buffer for all reads: Node.js would allocate 64 KiB for each answer.
        buffer: Buffer.allocUnsafe(readBufferBytes),
        callback: (length, buffer) => {
          this.#receive(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          return true;
        },
      },
    });
    this.#socket = socket;
    socket.on('connect', () => {
      this.#open = true;
      this.#settleOpen();
    });
    // These stay for good: an error after the end must not end the process.
    socket.on('error', (error) => this.#end(new PlcLinkError('disconnected', error.message, { cause: error })));
    socket.on('end', () => this.#end(new PlcLinkError('disconnected', 'The PLC closed the connection.')));
    socket.on('close', () => this.#end(new PlcLinkError('disconnected', 'The connection closed.')));
  }

  /** Called by modbus-serial. */
  close(callback?: () => void): void {
    this.destroy();
    callback?.();
  }

  destroy(): void {
    this.#ended = true;
    this.#open = false;
    this.#socket?.destroy();
  }

  /** Called by modbus-serial with a serial frame: unit, function, data, checksum. */
  write(frame: Buffer): void {
    const slot = this.#freeSlots.pop();
    if (slot === undefined || !this.#socket) throw new PlcLinkError('protocol', 'Too many requests in flight.');
    const id = this.#nextId;
    this.#nextId = (id + idStep) & 0xffff;
    this.#slotOfId.set(id, slot);
    const bodyBytes = frame.length - crcBytes;
    const message = Buffer.allocUnsafe(headerBytes + bodyBytes);
    message.writeUInt16BE(id, 0);
    message.writeUInt16BE(0, 2);
    message.writeUInt16BE(bodyBytes, 4);
    frame.copy(message, headerBytes, 0, bodyBytes);
    // A single request leaves at once; those that follow it in the same turn leave together.
    if (this.#slotOfId.size > 1) this.#gather(this.#socket);
    this.#socket.write(message);
  }

  /** Tells modbus-serial under which key it must keep the next request. */
  takeSlot(): void {
    this._transactionIdWrite = this.#freeSlots.at(-1) ?? 0;
  }

  #gather(socket: Socket): void {
    if (socket.writableCorked > 0) return;
    socket.cork();
    process.nextTick(() => socket.uncork());
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#rest = undefined;
    let start = 0;
    while (bytes.length - start >= headerBytes && !this.#ended) {
      const protocol = bytes.readUInt16BE(start + 2);
      const bodyBytes = bytes.readUInt16BE(start + 4);
      if (protocol !== 0) {
        this.#distrust(`protocol id ${protocol}`);
        return;
      }
      if (bodyBytes < shortestBody || bodyBytes > longestBody) {
        this.#distrust(`a length of ${bodyBytes}`);
        return;
      }
      const end = start + headerBytes + bodyBytes;
      if (bytes.length < end) break;
      this.#deliver(bytes.readUInt16BE(start), bytes, start + headerBytes, end);
      start = end;
    }
    // A copy: the read buffer is used again.
    if (start < bytes.length && !this.#ended) this.#rest = Buffer.from(bytes.subarray(start));
  }

  #deliver(id: number, bytes: Buffer, start: number, end: number): void {
    const slot = this.#slotOfId.get(id);
    // Nobody waits for this id: a duplicate, or an invention of the peer. Ids are not reused for 65536 requests.
    if (slot === undefined) return;
    this.#slotOfId.delete(id);
    this.#freeSlots.push(slot);
    const frame = Buffer.allocUnsafe(end - start + crcBytes);
    bytes.copy(frame, 0, start, end);
    frame.writeUInt16LE(crc16(frame, 0, end - start), end - start);
    this._transactionIdRead = slot;
    this.emit('data', frame);
  }

  #distrust(what: string): void {
    this.#end(
      new PlcLinkError('protocol', `The peer sent ${what} in a Modbus/TCP header.`, {
        hint: 'Check that host and port belong to a Modbus/TCP server.',
      }),
    );
  }

  #end(reason: PlcLinkError): void {
    if (this.#ended) return;
    this.destroy();
    if (this.#opened) this.#settleOpen(reason);
    else this.#options.onClosed(reason);
  }

  #settleOpen(error?: Error): void {
    const opened = this.#opened;
    this.#opened = undefined;
    opened?.(error);
  }
}
