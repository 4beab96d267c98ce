// Nonsense in place of a block, as a client sees it on a bad line or through a wrong program in the PLC.
import { type MemoryMap, readBlockAddress, slotsOf } from '../memory-map.ts';

export class Garbling {
  readonly #map: MemoryMap;
  readonly #random: () => number;
  readonly #probability: number;
  /** Nonsense by slot, with the number of reads that still see it. */
  readonly #blocks = new Map<number, { readonly nonsense: Uint16Array; readsLeft: number }>();

  /** @param probability chance of each read of a block to show nonsense once */
  constructor(map: MemoryMap, random: () => number, probability: number) {
    this.#map = map;
    this.#random = random;
    this.#probability = probability;
  }

  garble(slot: number, reads: number): void {
    // The top bit of every byte set: no name in it is legible, whatever else is drawn.
    const nonsense = Uint16Array.from({ length: this.#map.blockWords }, () => (this.#random() * 65_536) | 0x8080);
    this.#blocks.set(slot, { nonsense, readsLeft: reads });
  }

  clear(): void {
    this.#blocks.clear();
  }

  /** Replaces what of `words` belongs to a garbled read block. */
  apply(address: number, words: Uint16Array): Uint16Array {
    if (this.#blocks.size === 0 && this.#probability === 0) return words;
    for (const slot of slotsOf(this.#map)) {
      const distance = readBlockAddress(this.#map, slot) - address;
      if (distance >= words.length || distance + this.#map.blockWords <= 0) continue;
      if (!this.#blocks.has(slot) && this.#random() < this.#probability) this.garble(slot, 1);
      const garbled = this.#blocks.get(slot);
      if (!garbled) continue;
      for (let index = 0; index < garbled.nonsense.length; index++) {
        const place = distance + index;
        if (place >= 0 && place < words.length) words[place] = garbled.nonsense[index] ?? 0;
      }
      garbled.readsLeft -= 1;
      if (garbled.readsLeft <= 0) this.#blocks.delete(slot);
    }
    return words;
  }
}
