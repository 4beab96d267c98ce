// A port for modbus-serial over a serial line: only a whole frame with the right unit, function and checksum counts.
//
// modbus-serial's own RTU port keeps what arrived after a timeout and hands it to the next request as its answer.
import { EventEmitter } from 'node:events';
import type { Clock } from '../../core/clock.ts';
import { crc16 } from './crc16.ts';
import type { SerialLine } from './serial-line.ts';

const exceptionFrameBytes = 5;
const writeAnswerBytes = 8;
const readAnswerOverheadBytes = 5;
const exceptionBit = 0x80;
/** A frame has at most 256 bytes; more without a frame in it is noise. */
const keepBytes = 512;

interface Expected {
  readonly unit: number;
  readonly functionCode: number;
  readonly answerBytes: number;
}

export class RtuPort extends EventEmitter {
  _transactionIdWrite = 0;
  _transactionIdRead = 0;
  readonly #line: SerialLine;
  readonly #clock: Clock;
  readonly #gapMs: number;
  #received: Buffer = Buffer.alloc(0);
  /** The frame that the running request waits for; at most one, whatever modbus-serial thinks. */
  #expected: Expected | undefined;
  #otherUnit: number | undefined;
  #lastByteMs = Number.NEGATIVE_INFINITY;
  #stopGap: () => void = () => undefined;

  constructor(line: SerialLine, clock: Clock, gapMs: number) {
    super();
    this.#line = line;
    this.#clock = clock;
    this.#gapMs = gapMs;
    line.on('data', (bytes) => this.#receive(bytes));
  }

  get isOpen(): boolean {
    return this.#line.isOpen;
  }

  /** When the last byte came in, on the monotonic clock. */
  get lastByteMs(): number {
    return this.#lastByteMs;
  }

  /** The station that answered the last question although another was asked. */
  get otherUnit(): number | undefined {
    return this.#otherUnit;
  }

  /** Called by modbus-serial. What the device buffered before is of no interest. */
  open(callback: (error?: Error | null) => void): void {
    this.#line.open((error) => {
      if (error) callback(error);
      else this.#line.flush(() => callback());
    });
  }

  /** Stops waiting for an answer: what still comes belongs to nobody. */
  forget(): void {
    this.#expected = undefined;
    this.#received = Buffer.alloc(0);
    this.#stopGap();
  }

  /** Called by modbus-serial with a whole frame. Leaves after the silence that separates frames. */
  write(frame: Buffer): void {
    this.forget();
    const quietMs = this.#clock.monotonicMs() - this.#lastByteMs;
    this.#otherUnit = undefined;
    const send = () => {
      this.#expected = expectedAnswer(frame);
      this.#line.write(frame);
    };
    if (quietMs >= this.#gapMs) send();
    else this.#stopGap = this.#clock.after(Math.ceil(this.#gapMs - quietMs), send);
  }

  #receive(bytes: Buffer): void {
    this.#lastByteMs = this.#clock.monotonicMs();
    const expected = this.#expected;
    if (!expected) return;
    this.#received = Buffer.concat([this.#received, bytes]).subarray(-keepBytes);
    for (let start = 0; start + exceptionFrameBytes <= this.#received.length; start += 1) {
      const frame = frameAt(this.#received, start, expected);
      if (!frame) continue;
      this.forget();
      this._transactionIdRead = this._transactionIdWrite;
      this.emit('data', frame);
      return;
    }
    const first = this.#received[0];
    if (first === undefined || frameAt(this.#received, 0, { ...expected, unit: first }) === undefined) return;
    this.#otherUnit = first;
  }
}

function expectedAnswer(frame: Buffer): Expected {
  const functionCode = frame[1] ?? 0;
  const isRead = functionCode === 3;
  return {
    unit: frame[0] ?? 0,
    functionCode,
    answerBytes: isRead ? readAnswerOverheadBytes + 2 * frame.readUInt16BE(4) : writeAnswerBytes,
  };
}

function frameAt(bytes: Buffer, start: number, { unit, functionCode, answerBytes }: Expected): Buffer | undefined {
  if (bytes[start] !== unit) return undefined;
  const code = bytes[start + 1];
  if (code !== functionCode && code !== (functionCode | exceptionBit)) return undefined;
  const length = code === functionCode ? answerBytes : exceptionFrameBytes;
  const end = start + length;
  if (bytes.length < end) return undefined;
  return crc16(bytes, start, end - 2) === bytes.readUInt16LE(end - 2) ? bytes.subarray(start, end) : undefined;
}
