// Decodes the records that the PLC reports outside the batches; what can't be true is said, never repaired.
import { type CentiKg, centiKg } from '../core/mass.ts';
import type { AsciiByteOrder, WordOrder } from './memory-map.ts';
import type { FailureReading, WallReading, WeighingReading } from './messages.ts';
import { failurePlaces, type WeighingRecordMap, weighingPlaces } from './record-map.ts';
import { readAscii, readInteger, writeAscii, writeInteger } from './word-codec.ts';

/** More than any scale of a mill shows; the original system's own limit for a silo or tank. */
export const heaviestWeighingCentiKg = 500_000;

/** Words of the info field that mean "nothing has failed" (the original system's list). */
const noFailure = new Set(['', '0', 'NONE', 'NO_FAILURE', 'NO FAILURE', 'NO_ERROR', 'NO ERROR']);

/** Reads the 23 words of a failure record; never throws. */
export function decodeFailure(words: ArrayLike<number>, order: AsciiByteOrder): FailureReading {
  const base = { words: Array.from(words) };
  const flag = words[failurePlaces.readFlag] ?? 0;
  if (base.words.every((word) => word === 0)) return { ...base, state: 'empty' };
  if (flag === 1) return { ...base, state: 'read' };
  const code = readAscii(words, failurePlaces.code, order);
  const info = readAscii(words, failurePlaces.info, order);
  if (info !== undefined && noFailure.has(info.trim().toUpperCase())) return { ...base, state: 'empty' };
  const reasons: string[] = [];
  if (flag !== 0) reasons.push(`the read flag is ${flag}, not 0 or 1`);
  if (code === undefined) reasons.push('the equipment code is not legible');
  else if (code === '') reasons.push('the equipment code is empty');
  if (info === undefined) reasons.push('the info is not legible');
  const happenedAt = wallReading(words);
  if (!happenedAt) reasons.push('the time is no date and time in BCD');
  return { ...base, state: 'new', code: code ?? '', info: info ?? '', happenedAt, reasons };
}

/** Reads the 13 or 14 words of a weighing record; never throws. */
export function decodeWeighing(
  words: ArrayLike<number>,
  map: WeighingRecordMap,
  wordOrder: WordOrder,
  order: AsciiByteOrder,
): WeighingReading {
  const base = { words: Array.from(words) };
  const places = weighingIntegers(map);
  const flag = words[places.readFlag] ?? 0;
  if (base.words.every((word) => word === 0)) return { ...base, state: 'empty' };
  if (flag === 1) return { ...base, state: 'read' };
  const moName = readAscii(words, weighingPlaces.moName, order);
  const productId = readInteger(words, places.product, wordOrder) ?? 0;
  const stored = readInteger(words, places.mass, wordOrder) ?? 0;
  // The original system's rule: a record without order, product or mass is none.
  if (moName === '' || productId <= 0 || stored <= 0) return { ...base, state: 'empty' };
  const reasons: string[] = [];
  if (flag !== 0) reasons.push(`the read flag is ${flag}, not 0 or 1`);
  if (moName === undefined) reasons.push('the order name is not legible');
  const massCentiKg: CentiKg = centiKg(Math.floor((stored * 100) / map.scale + 0.5));
  if (massCentiKg > heaviestWeighingCentiKg) {
    reasons.push(`${massCentiKg / 100} kg is more than ${heaviestWeighingCentiKg / 100} kg`);
  }
  const slot = words[weighingPlaces.slot] ?? 0;
  return { ...base, state: 'new', slot, moName: moName ?? '', productId, massCentiKg, reasons };
}

export interface FailureWords {
  readonly code: string;
  readonly info: string;
  readonly happenedAt: WallReading;
}

/** The words of a failure that is not read yet, as the PLC writes them; for its simulator. */
export function encodeFailure({ code, info, happenedAt }: FailureWords, order: AsciiByteOrder): Uint16Array {
  const words = new Uint16Array(failurePlaces.readFlag + 1);
  writeAscii(words, failurePlaces.code, order, code);
  writeAscii(words, failurePlaces.info, order, info);
  const { year, month, day, hour, minute, second } = happenedAt;
  for (const [index, value] of [year, month, day, hour, minute, second].entries()) {
    writeInteger(words, { offset: failurePlaces.time + index, words: 1, type: 'bcd' }, 'high-first', value);
  }
  return words;
}

export interface WeighingWords {
  readonly slot: number;
  readonly moName: string;
  readonly productId: number;
  readonly massCentiKg: CentiKg;
}

/** The words of a weighing that is not read yet, as the PLC writes them; for its simulator. */
export function encodeWeighing(
  weighing: WeighingWords,
  map: WeighingRecordMap,
  wordOrder: WordOrder,
  order: AsciiByteOrder,
): Uint16Array {
  const places = weighingIntegers(map);
  const words = new Uint16Array(places.readFlag + 1);
  words[weighingPlaces.slot] = weighing.slot;
  writeAscii(words, weighingPlaces.moName, order, weighing.moName);
  writeInteger(words, places.product, wordOrder, weighing.productId);
  writeInteger(words, places.mass, wordOrder, Math.floor((weighing.massCentiKg * map.scale) / 100 + 0.5));
  return words;
}

function weighingIntegers({ productWords }: WeighingRecordMap) {
  const mass = weighingPlaces.product + productWords;
  return {
    product: { offset: weighingPlaces.product, words: productWords, type: productWords === 1 ? 'uint16' : 'uint32' },
    mass: { offset: mass, words: 2, type: 'uint32' },
    readFlag: mass + 2,
  } as const;
}

function wallReading(words: ArrayLike<number>): WallReading | null {
  const digits = Array.from({ length: 6 }, (_, index) =>
    readInteger(words, { offset: failurePlaces.time + index, words: 1, type: 'bcd' }, 'high-first'),
  );
  const [year, month, day, hour, minute, second] = digits;
  if (year === undefined || month === undefined || day === undefined) return null;
  if (hour === undefined || minute === undefined || second === undefined) return null;
  const shown = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const isRead =
    year >= 2000 &&
    shown.getUTCMonth() === month - 1 &&
    shown.getUTCDate() === day &&
    shown.getUTCHours() === hour &&
    shown.getUTCMinutes() === minute &&
    shown.getUTCSeconds() === second;
  return isRead ? { year, month, day, hour, minute, second } : null;
}
