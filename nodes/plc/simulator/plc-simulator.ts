// A whole simulated PLC: the feed mill in its memory, scanned on a clock, behind a real Modbus TCP server.
import { type Clock, systemClock } from '../../core/clock.ts';
import { type MemoryMap, originalMemoryMap, readableRanges, type WordOrder } from '../memory-map.ts';
import { FeedMill } from './feed-mill.ts';
import type { FeedMillEvent, FeedMillSettings } from './mill-messages.ts';
import { ModbusServer, type ModbusServerSettings } from './modbus-server.ts';
import { PlcMemory } from './plc-memory.ts';

export interface PlcSimulatorOptions {
  readonly map?: MemoryMap;
  readonly wordOrder?: WordOrder;
  readonly seed?: number;
  /** Time between two scans of the PLC program. */
  readonly scanIntervalMs?: number;
  readonly mill?: Partial<FeedMillSettings>;
  readonly server?: Partial<ModbusServerSettings>;
  readonly clock?: Clock;
  readonly onEvent?: (event: FeedMillEvent) => void;
}

/** The smallest memory of a PLC of this class: D0 to D9999. */
const smallestMemoryWords = 10_000;

/** A PLC that a test or a trial starts and stops; its memory survives a stop as a real one's does. */
export class PlcSimulator {
  readonly memory: PlcMemory;
  readonly mill: FeedMill;
  readonly server: ModbusServer;
  readonly #clock: Clock;
  readonly #scanIntervalMs: number;
  readonly #onEvent: (event: FeedMillEvent) => void;
  #cancelScan: (() => void) | undefined;

  constructor(options: PlcSimulatorOptions = {}) {
    const map = options.map ?? originalMemoryMap;
    const lastWord = Math.max(...readableRanges(map).map((range) => range.address + range.count));
    this.memory = new PlcMemory(new Uint16Array(Math.max(smallestMemoryWords, lastWord)));
    this.mill = new FeedMill({
      memory: this.memory,
      map,
      wordOrder: options.wordOrder ?? 'high-first',
      seed: options.seed ?? 1,
      ...(options.mill && { settings: options.mill }),
    });
    this.server = new ModbusServer(this.mill, options.server);
    this.#clock = options.clock ?? systemClock;
    this.#scanIntervalMs = options.scanIntervalMs ?? 50;
    this.#onEvent = options.onEvent ?? (() => {});
  }

  /** The server's port; 0 before the first start. */
  get port(): number {
    return this.server.port;
  }

  /** Listens and scans; resolves with the port. */
  async start(): Promise<number> {
    const port = await this.server.start();
    if (!this.#cancelScan) this.#scan();
    return port;
  }

  async stop(): Promise<void> {
    this.#cancelScan?.();
    this.#cancelScan = undefined;
    await this.server.stop();
  }

  #scan(): void {
    for (const event of this.mill.scan(this.#clock.monotonicMs())) this.#onEvent(event);
    this.#cancelScan = this.#clock.after(this.#scanIntervalMs, () => this.#scan());
  }
}
