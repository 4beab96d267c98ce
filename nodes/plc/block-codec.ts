// One batch as the words of its block, and a block's words as a batch that can be trusted or reasons why not.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { type CentiKg, centiKg, formatKg } from '../core/mass.ts';
import {
  type FlagField,
  type IntegerField,
  type MapField,
  type MassField,
  type MemoryMap,
  readBlockAddress,
  type TextField,
  type WordOrder,
} from './memory-map.ts';
import type { BlockReading, EquipmentMass, PlcBatch, QueueBatch } from './messages.ts';
import { readAscii, readInteger, writeAscii, writeInteger } from './word-codec.ts';

/**
 * The words of a write block: the batch's fields, equipment that is not used with its code and mass 0, status words 0.
 * Throws InvalidInput with a path under `path` for everything that does not fit; nothing is cut.
 */
export function encodeBatch(map: MemoryMap, order: WordOrder, batch: QueueBatch, path = 'batch'): Uint16Array {
  const words = new Uint16Array(map.blockWords);
  const faults: FieldFault[] = [];
  const attempt = (property: string, write: () => void): void => {
    try {
      write();
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      faults.push({ field: `${path}.${property}`, message: thrown.message });
    }
  };
  const mass = (property: string, field: MassField, value: CentiKg): void =>
    attempt(property, () => writeInteger(words, field, order, toPlcUnits(field, value)));
  const text = (property: 'moName' | 'bomCode' | 'finishedGoods'): void =>
    attempt(property, () => writeAscii(words, map[property], map.asciiByteOrder, batch[property]));

  if (!Number.isInteger(batch.slot) || batch.slot < 1 || batch.slot > map.slotCount) {
    faults.push({ field: `${path}.slot`, message: `${batch.slot} is not a slot from 1 to ${map.slotCount}` });
  } else {
    attempt('slot', () => writeInteger(words, map.slotNumber, order, batch.slot));
  }
  if (batch.moName === '')
    faults.push({ field: `${path}.moName`, message: 'a batch without a name means an empty slot' });
  text('moName');
  text('bomCode');
  text('finishedGoods');
  mass('quantityCentiKg', map.quantity, batch.quantityCentiKg);
  for (const { id, code } of map.equipment) attempt(`equipment ${code}`, () => writeInteger(words, id, order, code));
  const used = new Set<number>();
  batch.consumption.forEach(({ equipment, massCentiKg }, index) => {
    const fields = map.equipment.find((candidate) => candidate.code === equipment);
    const property = `consumption[${index}]`;
    if (!fields) faults.push({ field: `${path}.${property}`, message: `the map has no equipment ${equipment}` });
    else if (used.has(equipment))
      faults.push({ field: `${path}.${property}`, message: `equipment ${equipment} is named twice` });
    else mass(property, fields.consumption, massCentiKg);
    used.add(equipment);
  });
  if (faults.length > 0) throw new InvalidInput(faults, 'The batch');
  return words;
}

/** Reads a slot's block of the read area; never throws, whatever the words. */
export function decodeBlock(map: MemoryMap, order: WordOrder, slot: number, words: ArrayLike<number>): BlockReading {
  const address = readBlockAddress(map, slot);
  const block = { slot, address, words: copyOf(words) };
  if (words.length !== map.blockWords) {
    return { ...block, state: 'implausible', reasons: [`the block has ${words.length} words, not ${map.blockWords}`] };
  }
  const moName = readAscii(words, map.moName, map.asciiByteOrder);
  if (
    moName === '' &&
    isZero(words, map.finishedFlag) &&
    isZero(words, map.failedFlag) &&
    isZero(words, map.readFlag)
  ) {
    return { ...block, state: 'empty' };
  }
  const reader = new BlockReader(map, order, address, words);
  const batch = readBatch(reader, map, slot);
  if (reader.reasons.length === 0) return { ...block, state: 'plausible', batch };
  return { ...block, state: 'implausible', reasons: reader.reasons, ...(moName && { legibleMoName: moName }) };
}

/** A plain array of the words; a loop, because `Array.from` takes longer over a typed array than decoding its block does. */
function copyOf(words: ArrayLike<number>): number[] {
  const copy: number[] = [];
  for (let index = 0; index < words.length; index++) copy.push(words[index] ?? 0);
  return copy;
}

/** The stored integer of a mass, rounded half away from zero where the PLC's unit is coarser; RangeError outside the limits. */
export function toPlcUnits(field: MassField, value: CentiKg): number {
  if (!Number.isSafeInteger(value) || value < field.minCentiKg || value > field.maxCentiKg) {
    throw new RangeError(`${value} (kg x 100) is not a whole number within ${limits(field)}`);
  }
  // Limits are 0 or more, so adding half a unit rounds away from zero; integers throughout.
  return Math.floor((value * field.scale + 50) / 100);
}

/** The mass that a stored integer means, rounded half away from zero where the PLC's unit is finer. */
export function fromPlcUnits(field: MassField, stored: number): CentiKg {
  if (field.scale === 100) return stored as CentiKg;
  const scaled = (Math.abs(stored) * 100) / field.scale;
  return centiKg(Math.sign(stored) * Math.floor(scaled + 0.5));
}

function readBatch(reader: BlockReader, map: MemoryMap, slot: number): PlcBatch {
  reader.expect(map.slotNumber, slot, 'the slot number of this place');
  const moName = reader.text(map.moName);
  if (moName === '') reader.doubt(map.moName, 'is empty although a status word is set');
  const consumption: EquipmentMass[] = [];
  const bomCode = reader.text(map.bomCode);
  const finishedGoods = reader.text(map.finishedGoods);
  const quantityCentiKg = reader.mass(map.quantity);
  for (const { code, id, consumption: field } of map.equipment) {
    reader.expect(id, code, 'its equipment code');
    consumption.push({ equipment: code, massCentiKg: reader.mass(field) });
  }
  return {
    slot,
    moName,
    bomCode,
    finishedGoods,
    quantityCentiKg,
    consumption,
    finished: reader.flag(map.finishedFlag),
    failed: reader.flag(map.failedFlag),
    finishedWeightCentiKg: reader.mass(map.finishedWeight),
    read: reader.flag(map.readFlag),
  };
}

/** Reads fields of one block and collects why they cannot be trusted; what it returns counts only without reasons. */
class BlockReader {
  readonly reasons: string[] = [];
  readonly #map: MemoryMap;
  readonly #order: WordOrder;
  readonly #address: number;
  readonly #words: ArrayLike<number>;

  constructor(map: MemoryMap, order: WordOrder, address: number, words: ArrayLike<number>) {
    this.#map = map;
    this.#order = order;
    this.#address = address;
    this.#words = words;
  }

  /** Field, D-address and fault as one sentence. */
  doubt(field: MapField, fault: string): void {
    this.reasons.push(`${field.name} at ${addressOf(field, this.#address)} ${fault}`);
  }

  expect(field: IntegerField, expected: number, rule: string): void {
    const value = this.#integer(field);
    if (value !== undefined && value !== expected) this.doubt(field, `is ${value}, must be ${expected}, ${rule}`);
  }

  mass(field: MassField): CentiKg {
    const stored = this.#integer(field);
    if (stored === undefined) return 0 as CentiKg;
    const mass = fromPlcUnits(field, stored);
    if (mass < field.minCentiKg || mass > field.maxCentiKg) {
      this.doubt(field, `is ${formatKg(mass)} kg, must be ${limits(field)}`);
    }
    return mass;
  }

  flag(field: FlagField): boolean {
    const value = this.#integer(field);
    if (value !== 0 && value !== 1) this.doubt(field, `is ${value}, must be 0 or 1`);
    return value === 1;
  }

  text(field: TextField): string {
    const text = readAscii(this.#words, field, this.#map.asciiByteOrder);
    if (text === undefined)
      this.doubt(field, `is ${this.#hex(field)}, must be printable ASCII padded with NUL or spaces`);
    return text ?? '';
  }

  #integer(field: IntegerField): number | undefined {
    const value = readInteger(this.#words, field, this.#order);
    if (value === undefined) this.doubt(field, `is ${this.#hex(field)}, must be BCD digits from 0 to 9`);
    return value;
  }

  #hex(field: MapField): string {
    const words = Array.from({ length: field.words }, (_, index) => this.#words[field.offset + index] ?? 0);
    return `hex ${words.map((word) => word.toString(16).padStart(4, '0')).join(' ')}`;
  }
}

function addressOf(field: MapField, blockAddress: number): string {
  const first = blockAddress + field.offset;
  return field.words === 1 ? `D${first}` : `D${first}-D${first + field.words - 1}`;
}

function limits(field: MassField): string {
  return `${formatKg(field.minCentiKg)} to ${formatKg(field.maxCentiKg)} kg`;
}

function isZero(words: ArrayLike<number>, field: FlagField): boolean {
  return words[field.offset] === 0;
}
