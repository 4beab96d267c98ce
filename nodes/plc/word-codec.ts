// Turns single field values into PLC words and back: never cuts, never repairs, says what it cannot hold.

import type { AsciiByteOrder, IntegerType, WordOrder } from './memory-map.ts';
import { greatestInteger } from './memory-map-check.ts';

/** Where a value lies in a run of words, and how it is stored. */
export interface IntegerPlace {
  readonly offset: number;
  readonly words: number;
  readonly type: IntegerType;
}

export interface TextPlace {
  readonly offset: number;
  readonly words: number;
}

/** A value that its field cannot hold; the message says value and rule, not which field. */
export class FieldOverflow extends RangeError {
  override readonly name = 'FieldOverflow';
}

/** The integer at `place`; undefined when it is BCD and a nibble is above 9. */
export function readInteger(words: ArrayLike<number>, place: IntegerPlace, order: WordOrder): number | undefined {
  const first = words[place.offset] ?? 0;
  if (place.words === 1) {
    if (place.type === 'uint16') return first;
    return place.type === 'int16' ? (first << 16) >> 16 : readBcd(first);
  }
  const second = words[place.offset + 1] ?? 0;
  const high = order === 'high-first' ? first : second;
  const low = order === 'high-first' ? second : first;
  if (place.type === 'int32') return (high << 16) | low;
  if (place.type === 'uint32') return high * 65_536 + low;
  const highDigits = readBcd(high);
  const lowDigits = readBcd(low);
  return highDigits === undefined || lowDigits === undefined ? undefined : highDigits * 10_000 + lowDigits;
}

/** Puts a whole number at `place`; throws FieldOverflow when the field cannot hold it. */
export function writeInteger(words: Uint16Array, place: IntegerPlace, order: WordOrder, value: number): void {
  const least = leastInteger(place.type);
  const greatest = greatestInteger(place.type, place.words);
  if (!Number.isInteger(value) || value < least || value > greatest) {
    throw new FieldOverflow(`${value} is not a whole number from ${least} to ${greatest}`);
  }
  if (place.words === 1) {
    words[place.offset] = place.type === 'bcd' ? toBcd(value) : value;
    return;
  }
  const isBcd = place.type === 'bcd';
  const high = isBcd ? toBcd(Math.floor(value / 10_000)) : value >>> 16;
  const low = isBcd ? toBcd(value % 10_000) : value & 0xffff;
  words[place.offset] = order === 'high-first' ? high : low;
  words[place.offset + 1] = order === 'high-first' ? low : high;
}

/**
 * The text at `place` without its padding of NUL or spaces; undefined when it is not legible: a character outside
 * printable ASCII, or characters behind a NUL.
 */
export function readAscii(words: ArrayLike<number>, place: TextPlace, order: AsciiByteOrder): string | undefined {
  let text = '';
  let length = 0;
  let ended = false;
  for (let index = 0; index < place.words * 2; index++) {
    const word = words[place.offset + (index >> 1)] ?? 0;
    const isHighByte = (index & 1) === (order === 'first-char-high' ? 0 : 1);
    const code = isHighByte ? word >> 8 : word & 0xff;
    if (code === 0) {
      ended = true;
      continue;
    }
    if (code < 0x20 || code > 0x7e) return undefined;
    // Spaces may pad a text that NULs have ended already; anything else is a second text.
    if (ended && code !== 0x20) return undefined;
    text += String.fromCharCode(code);
    if (code !== 0x20) length = index + 1;
  }
  return text.slice(0, length);
}

/** Puts `text` at `place`, padded with NUL; throws FieldOverflow when it is too long or would not read back the same. */
export function writeAscii(words: Uint16Array, place: TextPlace, order: AsciiByteOrder, text: string): void {
  const capacity = place.words * 2;
  if (!/^[\x20-\x7e]*$/.test(text)) throw new FieldOverflow(`${JSON.stringify(text)} is not printable ASCII`);
  if (text.endsWith(' ')) throw new FieldOverflow(`${JSON.stringify(text)} ends with a space, which reads as padding`);
  if (text.length > capacity) {
    throw new FieldOverflow(`${JSON.stringify(text)} has ${text.length} characters, the field holds ${capacity}`);
  }
  for (let index = 0; index < place.words; index++) {
    const first = text.charCodeAt(index * 2) || 0;
    const second = text.charCodeAt(index * 2 + 1) || 0;
    words[place.offset + index] = order === 'first-char-high' ? (first << 8) | second : (second << 8) | first;
  }
}

function leastInteger(type: IntegerType): number {
  if (type === 'int16') return -32_768;
  return type === 'int32' ? -2_147_483_648 : 0;
}

/** Four decimal digits of one word. */
function readBcd(word: number): number | undefined {
  let value = 0;
  for (let shift = 12; shift >= 0; shift -= 4) {
    const digit = (word >> shift) & 0xf;
    if (digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

function toBcd(value: number): number {
  let word = 0;
  for (let shift = 0, rest = value; shift < 16; shift += 4, rest = Math.floor(rest / 10)) word |= (rest % 10) << shift;
  return word;
}
