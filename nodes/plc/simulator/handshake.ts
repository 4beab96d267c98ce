// Both handshakes of the PLC program: when it may take a queue from the write area, and what it shows then.
import { type MemoryMap, readBlockAddress, slotsOf, type WordOrder, writeBlockAddress } from '../memory-map.ts';
import { readAscii, writeInteger } from '../word-codec.ts';
import type { PlcMemory } from './plc-memory.ts';

/** A slot's block of the read area, in place. */
export function shownBlock(memory: PlcMemory, map: MemoryMap, slot: number): Uint16Array {
  return memory.view(readBlockAddress(map, slot), map.blockWords);
}

/** A slot's block of the write area, in place. */
export function orderedBlock(memory: PlcMemory, map: MemoryMap, slot: number): Uint16Array {
  return memory.view(writeBlockAddress(map, slot), map.blockWords);
}

/** The named slots of a queue that may be taken now: guard word 0, and every finished block has been read. */
export function queueToTake(memory: PlcMemory, map: MemoryMap): number[] {
  if (memory.words[map.guardAddress] !== 0) return [];
  const isUnread = (slot: number): boolean => {
    const block = shownBlock(memory, map, slot);
    return block[map.finishedFlag.offset] === 1 && block[map.readFlag.offset] === 0;
  };
  if (slotsOf(map).some(isUnread)) return [];
  return slotsOf(map).filter((slot) => isNamed(orderedBlock(memory, map, slot), map));
}

/** Shows the queue with nothing made yet, clears all other read blocks, and raises the guard word. */
export function takeQueue(memory: PlcMemory, map: MemoryMap, order: WordOrder, named: readonly number[]): void {
  for (const slot of slotsOf(map)) {
    const block = shownBlock(memory, map, slot);
    if (!named.includes(slot)) {
      block.fill(0);
      continue;
    }
    block.set(orderedBlock(memory, map, slot));
    for (const { consumption } of map.equipment) writeInteger(block, consumption, order, 0);
    writeInteger(block, map.finishedWeight, order, 0);
    for (const flag of [map.finishedFlag, map.failedFlag, map.readFlag]) block[flag.offset] = 0;
  }
  memory.words[map.guardAddress] = 1;
}

/** The name that a read block shows. */
export function shownName(memory: PlcMemory, map: MemoryMap, slot: number): string {
  return readAscii(shownBlock(memory, map, slot), map.moName, map.asciiByteOrder) ?? 'illegible';
}

/** The program looks for anything but NULs and spaces; whether it is legible is no matter of a PLC. */
function isNamed(block: Uint16Array, map: MemoryMap): boolean {
  const { offset, words } = map.moName;
  return block.subarray(offset, offset + words).some((word) => word !== 0 && word !== 0x2020);
}
