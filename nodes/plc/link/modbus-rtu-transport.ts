// Modbus RTU on a serial line: one request at a time, and silence after a question that nobody answered.
import type { Clock } from '../../core/clock.ts';
import { PlcLinkError } from '../plc-link.ts';
import { ModbusClient, otherUnitRemedy } from './modbus-client.ts';
import type { ModbusRtuEndpoint } from './plc-url.ts';
import { RtuPort } from './rtu-port.ts';
import { frameGapMs } from './rtu-timing.ts';
import { type SerialLine, serialLine } from './serial-line.ts';
import type { Transport } from './transport.ts';

/** A line that babbles longer than this many quiet times is given up. */
const drainRounds = 5;

export interface RtuTransportOptions {
  readonly clock: Clock;
  /**
   * Silence after an unanswered request before the next may leave. An answer carries no mark of its request, so a PLC that
   * is late by up to this time does no harm.
   */
  readonly quietMs: number;
  /** Opens another kind of line in tests. */
  readonly openLine?: (endpoint: ModbusRtuEndpoint) => SerialLine;
}

export class ModbusRtuTransport implements Transport {
  readonly maxInFlight = 1;
  readonly #clock: Clock;
  readonly #quietMs: number;
  readonly #line: SerialLine;
  readonly #port: RtuPort;
  readonly #client: ModbusClient;
  #opening: Promise<void> = Promise.resolve();
  #ended = false;
  #onClosed: (reason: PlcLinkError) => void = () => undefined;

  constructor(endpoint: ModbusRtuEndpoint, { clock, quietMs, openLine = serialLine }: RtuTransportOptions) {
    this.#clock = clock;
    this.#quietMs = quietMs;
    this.#line = openLine(endpoint);
    this.#port = new RtuPort(this.#line, clock, frameGapMs(endpoint.baud));
    this.#client = new ModbusClient(this.#port, endpoint.unit);
    this.#line.on('error', (error) => this.#end(error.message));
    this.#line.on('close', (reason) => this.#end(reason?.message ?? 'The serial device closed.'));
  }

  get remedy(): string | undefined {
    const { otherUnit } = this.#port;
    return otherUnit === undefined ? undefined : otherUnitRemedy(otherUnit);
  }

  open(): Promise<void> {
    this.#opening = this.#client.open();
    return this.#opening;
  }

  readWords(wireAddress: number, count: number): Promise<Uint16Array> {
    return this.#client.readWords(wireAddress, count);
  }

  writeWords(wireAddress: number, words: Uint16Array): Promise<void> {
    return this.#client.writeWords(wireAddress, words);
  }

  async drain(): Promise<void> {
    this.#port.forget();
    const startMs = this.#clock.monotonicMs();
    for (let round = 0; round < drainRounds && !this.#ended; round += 1) {
      const quietSinceMs = Math.max(startMs, this.#port.lastByteMs);
      const restMs = quietSinceMs + this.#quietMs - this.#clock.monotonicMs();
      if (restMs <= 0) return;
      await new Promise<void>((resolve) => this.#clock.after(Math.ceil(restMs), resolve));
    }
    if (this.#clock.monotonicMs() - Math.max(startMs, this.#port.lastByteMs) >= this.#quietMs) return;
    throw new PlcLinkError('disconnected', 'Another station keeps talking on the serial line.');
  }

  async destroy(): Promise<void> {
    this.#ended = true;
    this.#port.forget();
    // A device that is still opening cannot be closed yet.
    await this.#opening.catch(() => undefined);
    if (this.#line.isOpen) await new Promise<void>((resolve) => this.#line.close(() => resolve()));
  }

  onClosed(listener: (reason: PlcLinkError) => void): void {
    this.#onClosed = listener;
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onClosed(new PlcLinkError('disconnected', reason));
  }
}
