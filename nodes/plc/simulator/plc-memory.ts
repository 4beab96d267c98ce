// The data memory of the simulated PLC: D0 up to a last word, nothing beyond.
import type { WordStore } from './modbus-answer.ts';

export class PlcMemory implements WordStore {
  readonly words: Uint16Array;

  /** @param words D0 and all that follow; used as they are, not copied */
  constructor(words: Uint16Array) {
    this.words = words;
  }

  read(address: number, count: number): Uint16Array | undefined {
    return this.#holds(address, count) ? this.words.slice(address, address + count) : undefined;
  }

  write(address: number, words: Uint16Array): boolean {
    if (!this.#holds(address, words.length)) return false;
    this.words.set(words, address);
    return true;
  }

  /** The memory itself, not a copy: for the process that runs inside the PLC. */
  view(address: number, count: number): Uint16Array {
    return this.words.subarray(address, address + count);
  }

  #holds(address: number, count: number): boolean {
    return address >= 0 && address + count <= this.words.length;
  }
}
