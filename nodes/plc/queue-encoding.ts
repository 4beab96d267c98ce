// A whole queue as the words of every write block: checked as one, cleared where it names nothing.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { encodeBatch } from './block-codec.ts';
import { type MemoryMap, slotsOf, type WordOrder } from './memory-map.ts';
import type { QueueBatch } from './messages.ts';

export interface EncodedQueue {
  readonly slots: readonly { readonly slot: number; readonly moName: string }[];
  /** Every slot of the map in order; slots that the queue does not name hold zeros. */
  readonly blocks: readonly { readonly slot: number; readonly words: Uint16Array }[];
  /** Offsets of the words that say what to make; the others are the PLC's status words and the guard word. */
  readonly orderWords: readonly number[];
}

/** Throws InvalidInput with a path for every fault of every batch. */
export function encodeQueue(map: MemoryMap, order: WordOrder, batches: readonly QueueBatch[]): EncodedQueue {
  const faults: FieldFault[] = [];
  if (batches.length === 0) faults.push({ field: 'batches', message: 'a queue holds at least one batch' });
  const slots = new Set<number>();
  const names = new Set<string>();
  const blocks = new Map<number, Uint16Array>(slotsOf(map).map((slot) => [slot, new Uint16Array(map.blockWords)]));
  batches.forEach((batch, index) => {
    const path = `batches[${index}]`;
    if (slots.has(batch.slot)) faults.push({ field: `${path}.slot`, message: `slot ${batch.slot} is named twice` });
    if (names.has(batch.moName)) faults.push({ field: `${path}.moName`, message: `${batch.moName} is named twice` });
    slots.add(batch.slot);
    names.add(batch.moName);
    try {
      blocks.set(batch.slot, encodeBatch(map, order, batch, path));
    } catch (thrown) {
      if (!(thrown instanceof InvalidInput)) throw thrown;
      faults.push(...thrown.fields);
    }
  });
  if (faults.length > 0) throw new InvalidInput(faults, 'The queue');
  return {
    slots: batches.map(({ slot, moName }) => ({ slot, moName })).sort((a, b) => a.slot - b.slot),
    blocks: [...blocks].map(([slot, words]) => ({ slot, words })),
    orderWords: orderWords(map),
  };
}

function orderWords(map: MemoryMap): number[] {
  const status = [map.finishedFlag, map.failedFlag, map.finishedWeight, map.readFlag];
  const isStatus = (offset: number) =>
    status.some((field) => offset >= field.offset && offset < field.offset + field.words);
  return Array.from({ length: map.blockWords }, (_, offset) => offset).filter((offset) => !isStatus(offset));
}
