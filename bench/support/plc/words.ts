// The PLC memory that every client of the benchmark reads: ten running batches in the original memory map.

import { centiKg } from '../../../nodes/core/mass.ts';
import { encodeBatch } from '../../../nodes/plc/block-codec.ts';
import { originalMemoryMap, readBlockAddress, slotsOf } from '../../../nodes/plc/memory-map.ts';

export interface Block {
  readonly address: number;
  readonly words: Uint16Array;
}

export const blocks: readonly Block[] = slotsOf(originalMemoryMap).map((slot) => ({
  address: readBlockAddress(originalMemoryMap, slot),
  words: encodeBatch(originalMemoryMap, 'high-first', {
    slot,
    moName: `WH/MO/${String(slot).padStart(5, '0')}`,
    bomCode: `BOM-${slot}`,
    finishedGoods: `FEED ${slot}`,
    quantityCentiKg: centiKg(100_000 + slot),
    consumption: originalMemoryMap.equipment.map(({ code }) => ({
      equipment: code,
      massCentiKg: centiKg(code * 100 + slot),
    })),
  }),
}));
