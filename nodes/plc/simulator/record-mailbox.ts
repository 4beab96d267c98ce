// The simulated PLC's reports: failures and weighings wait for their turn and are shown one at a time, each until it is read.
import type { MemoryMap, WordOrder } from '../memory-map.ts';
import { encodeFailure, encodeWeighing, type FailureWords, type WeighingWords } from '../record-codec.ts';
import { type RecordKind, recordKinds, recordRange } from '../record-map.ts';
import type { PlcMemory } from './plc-memory.ts';

/** Reports of each kind that wait; the oldest leaves when a client never reads. */
const mostWaiting = 1000;

/** What must survive a restart beside the memory. */
export interface MailboxState {
  readonly failure: readonly (readonly number[])[];
  readonly weighing: readonly (readonly number[])[];
}

export class RecordMailbox {
  readonly #memory: PlcMemory;
  readonly #map: MemoryMap;
  readonly #order: WordOrder;
  #changes = 0;
  readonly #waiting: Record<RecordKind, Uint16Array[]> = { failure: [], weighing: [] };

  constructor(memory: PlcMemory, map: MemoryMap, order: WordOrder) {
    this.#memory = memory;
    this.#map = map;
    this.#order = order;
  }

  /** False where the memory map has no such record. */
  reportFailure(failure: FailureWords): boolean {
    return this.#put('failure', encodeFailure(failure, this.#map.asciiByteOrder));
  }

  reportWeighing(weighing: WeighingWords): boolean {
    const { weighing: map } = this.#map.records;
    return map !== null && this.#put('weighing', encodeWeighing(weighing, map, this.#order, this.#map.asciiByteOrder));
  }

  /** Grows whenever a report came or was shown. */
  get changes(): number {
    return this.#changes;
  }

  /** How many of both kinds are not shown yet. */
  get waiting(): number {
    return recordKinds.reduce((sum, kind) => sum + this.#waiting[kind].length, 0);
  }

  /** One scan: a record that was read, or none yet, makes room for the next. */
  scan(): void {
    for (const kind of recordKinds) {
      const range = recordRange(this.#map.records, kind);
      const next = this.#waiting[kind][0];
      if (!range || !next) continue;
      const shown = this.#memory.view(range.address, range.count);
      if (shown[range.count - 1] !== 1 && shown.some((word) => word !== 0)) continue;
      shown.set(next);
      this.#waiting[kind].shift();
      this.#changes += 1;
    }
  }

  state(): MailboxState {
    const listed = (kind: RecordKind) => this.#waiting[kind].map((words) => [...words]);
    return { failure: listed('failure'), weighing: listed('weighing') };
  }

  restore(state: MailboxState | undefined): void {
    for (const kind of recordKinds) {
      this.#waiting[kind] = (state?.[kind] ?? []).map((words) => Uint16Array.from(words));
    }
  }

  #put(kind: RecordKind, words: Uint16Array): boolean {
    if (!recordRange(this.#map.records, kind)) return false;
    if (this.#waiting[kind].length >= mostWaiting) this.#waiting[kind].shift();
    this.#waiting[kind].push(words);
    this.#changes += 1;
    return true;
  }
}
