// A whole simulated PLC: the feed mill in its memory, scanned on a clock, behind a real Modbus TCP server.
import { type Clock, systemClock } from '../../core/clock.ts';
import { type PlantTime, plantTimeOf } from '../../core/plant-time.ts';
import { type MemoryMap, originalMemoryMap, readableRanges, type WordOrder } from '../memory-map.ts';
import type { WallReading } from '../messages.ts';
import { FeedMill } from './feed-mill.ts';
import type { FeedMillEvent, FeedMillSettings } from './mill-messages.ts';
import { packState, type StateFile, unpackState } from './mill-state.ts';
import { ModbusServer, type ModbusServerSettings } from './modbus-server.ts';
import { PlcMemory } from './plc-memory.ts';
import { RecordMailbox } from './record-mailbox.ts';

export interface PlcSimulatorOptions {
  readonly map?: MemoryMap;
  readonly wordOrder?: WordOrder;
  readonly seed?: number;
  /** Time between two scans of the PLC program. */
  readonly scanIntervalMs?: number;
  readonly mill?: Partial<FeedMillSettings>;
  readonly server?: Partial<ModbusServerSettings>;
  readonly clock?: Clock;
  /** Zone that the PLC's clock shows. */
  readonly timeZone?: string;
  readonly onEvent?: (event: FeedMillEvent) => void;
  /** Where memory and process are kept, as a battery keeps them in a real PLC. */
  readonly stateFile?: StateFile;
  readonly onStateError?: (error: unknown) => void;
}

/** The smallest memory of a PLC of this class: D0 to D9999. */
const smallestMemoryWords = 10_000;
/** A full disk is tried again after this long, whether the memory changes or not. */
const keepAgainAfterMs = 1_000;

/** A PLC that a test or a trial starts and stops; its memory survives a stop as a real one's does. */
export class PlcSimulator {
  readonly memory: PlcMemory;
  readonly mill: FeedMill;
  readonly server: ModbusServer;
  /** Failures and weighings that the PLC reports. */
  readonly reports: RecordMailbox;
  readonly map: MemoryMap;
  readonly #options: PlcSimulatorOptions;
  readonly #clock: Clock;
  readonly #plant: PlantTime;
  #cancelScan: (() => void) | undefined;
  /** The count of changes that the file holds. */
  #kept = 0;
  /** False since the disk refused. */
  #isKept = true;
  /** By the monotonic clock: before it, a disk that refused is not asked again. */
  #keepAgainMs = Number.NEGATIVE_INFINITY;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: PlcSimulatorOptions = {}) {
    const map = options.map ?? originalMemoryMap;
    const lastWord = Math.max(...readableRanges(map).map((range) => range.address + range.count));
    this.map = map;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#plant = plantTimeOf(options.timeZone ?? 'Asia/Jakarta');
    this.memory = new PlcMemory(new Uint16Array(Math.max(smallestMemoryWords, lastWord)));
    // The program of a PLC raises the guard word when it starts: it waits for a queue.
    this.memory.words[map.guardAddress] = 1;
    this.mill = new FeedMill({
      memory: this.memory,
      map,
      wordOrder: options.wordOrder ?? 'high-first',
      seed: options.seed ?? 1,
      ...(options.mill && { settings: options.mill }),
    });
    this.reports = new RecordMailbox(this.memory, map, options.wordOrder ?? 'high-first');
    this.server = new ModbusServer(this.mill, options.server);
    this.#load();
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

  /** Stops listening and scanning; resolves when the last state is kept. */
  async stop(): Promise<void> {
    this.#cancelScan?.();
    this.#cancelScan = undefined;
    await this.server.stop();
    await this.#saving;
    this.#keepAgainMs = Number.NEGATIVE_INFINITY;
    await this.#keep();
  }

  /** The PLC's own clock, which shows the plant's time. */
  wallClock(): WallReading {
    const { year, month, day, hour, minute, second } = this.#plant.wallTime(this.#clock.now().getTime());
    return { year, month, day, hour, minute, second };
  }

  #scan(): void {
    for (const event of this.mill.scan(this.#clock.monotonicMs())) this.#options.onEvent?.(event);
    this.reports.scan();
    this.#saving = this.#saving.then(() => this.#keep());
    this.#cancelScan = this.#clock.after(this.#options.scanIntervalMs ?? 50, () => this.#scan());
  }

  #load(): void {
    const text = this.#options.stateFile?.load();
    if (text === undefined) return;
    const kept = unpackState(text, this.map, this.memory.words.length);
    if (!kept) return;
    this.memory.words.set(kept.words);
    this.mill.restore(kept.mill);
    this.reports.restore(kept.reports);
  }

  /** Saves what changed since the last time; a disk that refuses stops neither process nor server. */
  async #keep(): Promise<void> {
    const file = this.#options.stateFile;
    const changes = this.mill.changes + this.reports.changes;
    if (!file || this.#kept === changes || this.#clock.monotonicMs() < this.#keepAgainMs) return;
    try {
      await file.save(packState(this.map, this.memory.words, this.mill.state(), this.reports.state()));
      this.#kept = changes;
      this.#isKept = true;
    } catch (error) {
      this.#keepAgainMs = this.#clock.monotonicMs() + keepAgainAfterMs;
      // Once for each time that the disk began to refuse.
      if (this.#isKept) this.#options.onStateError?.(error);
      this.#isKept = false;
    }
  }
}
