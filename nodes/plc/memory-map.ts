// The memory map of one PLC program: where each field of a batch lies, what it means, and which words we may touch.
import type { CentiKg } from '../core/mass.ts';
import original from './maps/original.json' with { type: 'json' };
import { parseMemoryMap } from './memory-map-check.ts';
import { type RecordMap, recordFlags } from './record-map.ts';

/** Which of the two words of a 32-bit value lies at the lower address. A setting of the connection, not of the map. */
export type WordOrder = 'high-first' | 'low-first';

/** Which byte of a word holds the first of its two characters. */
export type AsciiByteOrder = 'first-char-high' | 'first-char-low';

export type IntegerType = 'int16' | 'uint16' | 'int32' | 'uint32' | 'bcd';
export type FieldType = IntegerType | 'ascii';

/** What a field is to a batch. Each role but the two of equipment occurs once in a map. */
export type FieldRole = TextRole | FlagRole | 'slot-number' | 'quantity' | 'finished-weight' | EquipmentRole;
export type TextRole = 'mo-name' | 'bom-code' | 'finished-goods';
export type FlagRole = 'finished-flag' | 'failed-flag' | 'read-flag';
export type EquipmentRole = 'equipment-id' | 'consumption';

interface FieldPlace {
  /** The plant's own word for the field, unique in the map. */
  readonly name: string;
  /** First word, counted from the start of the block. */
  readonly offset: number;
  readonly words: number;
}

export interface TextField extends FieldPlace {
  readonly role: TextRole;
  readonly type: 'ascii';
}

export interface FlagField extends FieldPlace {
  readonly role: FlagRole;
  readonly type: 'int16' | 'uint16';
}

export interface SlotNumberField extends FieldPlace {
  readonly role: 'slot-number';
  readonly type: IntegerType;
}

export interface EquipmentIdField extends FieldPlace {
  readonly role: 'equipment-id';
  readonly type: IntegerType;
  /** Equipment code, such as 101. */
  readonly equipment: number;
}

interface MassPlace extends FieldPlace {
  readonly type: IntegerType;
  /** Units of the stored integer in one kilogram. */
  readonly scale: MassScale;
  /** Plausibility limits, both included. */
  readonly minCentiKg: CentiKg;
  readonly maxCentiKg: CentiKg;
}

export interface BatchMassField extends MassPlace {
  readonly role: 'quantity' | 'finished-weight';
}

export interface ConsumptionField extends MassPlace {
  readonly role: 'consumption';
  readonly equipment: number;
}

export type MassScale = 1 | 10 | 100 | 1000;
export type MassField = BatchMassField | ConsumptionField;
export type IntegerField = FlagField | SlotNumberField | EquipmentIdField | MassField;
export type MapField = TextField | IntegerField;

/** One silo or tank: the word that must hold its code, and the mass it gives. */
export interface EquipmentFields {
  readonly code: number;
  readonly id: EquipmentIdField;
  readonly consumption: ConsumptionField;
}

/** A checked memory map. Addresses are the PLC's own D-words. */
export interface MemoryMap {
  readonly name: string;
  readonly slotCount: number;
  /** Words from the start of one block to the start of the next. */
  readonly stride: number;
  readonly blockWords: number;
  /** First word of the area where we write a queue. */
  readonly writeBase: number;
  /** First word of the area where the PLC shows what became of it. */
  readonly readBase: number;
  /** The word that guards the whole write area: 1 = the PLC has taken the queue, 0 = not yet. */
  readonly guardAddress: number;
  readonly asciiByteOrder: AsciiByteOrder;
  /** What the PLC reports outside the batches. */
  readonly records: RecordMap;
  /** Every field by rising offset. */
  readonly fields: readonly MapField[];
  readonly slotNumber: SlotNumberField;
  readonly moName: TextField;
  readonly bomCode: TextField;
  readonly finishedGoods: TextField;
  readonly quantity: BatchMassField;
  /** In the order of their offsets. */
  readonly equipment: readonly EquipmentFields[];
  readonly finishedFlag: FlagField;
  readonly failedFlag: FlagField;
  readonly finishedWeight: BatchMassField;
  readonly readFlag: FlagField;
}

/** `count` words from D-word `address` on. */
export interface WordRange {
  readonly address: number;
  readonly count: number;
}

export { parseMemoryMap };

/** The map of the original plant: thirteen silos, two liquid tanks, ten slots. */
export const originalMemoryMap: MemoryMap = parseMemoryMap(original);

/** First D-word of a slot's write block; slots count from 1. */
export function writeBlockAddress(map: MemoryMap, slot: number): number {
  return map.writeBase + map.stride * (slot - 1);
}

/** First D-word of a slot's read block; slots count from 1. */
export function readBlockAddress(map: MemoryMap, slot: number): number {
  return map.readBase + map.stride * (slot - 1);
}

/** D-address of a slot's read flag: the only word of a read block that is ours to write. */
export function readFlagAddress(map: MemoryMap, slot: number): number {
  return readBlockAddress(map, slot) + map.readFlag.offset;
}

/** 1..slotCount. */
export function slotsOf(map: MemoryMap): number[] {
  return Array.from({ length: map.slotCount }, (_, index) => index + 1);
}

/** The word ranges that may ever be written: write blocks, the guard word, and of each read block and record the read flag alone. */
export function writableRanges(map: MemoryMap): WordRange[] {
  const slots = slotsOf(map);
  return [
    ...slots.map((slot) => ({ address: writeBlockAddress(map, slot), count: map.blockWords })),
    ...slots.map((slot) => ({ address: readFlagAddress(map, slot), count: 1 })),
    ...(slotOfGuard(map) === undefined ? [{ address: map.guardAddress, count: 1 }] : []),
    ...recordFlags(map.records),
  ];
}

/** The word ranges that may be read: all blocks of both areas and the guard word. */
export function readableRanges(map: MemoryMap): WordRange[] {
  const slots = slotsOf(map);
  return [
    ...slots.map((slot) => ({ address: writeBlockAddress(map, slot), count: map.blockWords })),
    ...slots.map((slot) => ({ address: readBlockAddress(map, slot), count: map.blockWords })),
    ...(slotOfGuard(map) === undefined ? [{ address: map.guardAddress, count: 1 }] : []),
  ];
}

/** The slot whose write block holds the guard word, or undefined when the guard lies outside every block. */
export function slotOfGuard(map: MemoryMap): number | undefined {
  const distance = map.guardAddress - map.writeBase;
  const index = Math.floor(distance / map.stride);
  if (index < 0 || index >= map.slotCount) return undefined;
  return distance - index * map.stride < map.blockWords ? index + 1 : undefined;
}
