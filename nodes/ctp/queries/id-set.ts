// Packs the ids of problems that share a word into few bytes, and tells which of some ids are among them without unpacking.

/** Ids whose higher bits agree share a container. */
const idsOfContainer = 256;
/** A container with more ids is shorter as one bit for each. */
const mostListed = 31;
const bitmapBytes = idsOfContainer / 8;

/**
 * Neighbouring ids take few bytes: for each 256 that hold any, how many empty ones lie before them (7 bits a byte, the highest
 * marks that more follow), how many ids less one, and then the low bytes or a bitmap.
 * @param ids ascending, each once
 */
export function packIds(ids: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  let next = 0;
  for (let from = 0; from < ids.length; ) {
    const container = containerOf(ids[from] ?? 0);
    let to = from + 1;
    while (to < ids.length && containerOf(ids[to] ?? 0) === container) to += 1;
    const low = ids.slice(from, to).map((id) => id % idsOfContainer);
    pushNumber(bytes, container - next);
    bytes.push(low.length - 1, ...(low.length > mostListed ? bitmapOf(low) : low));
    next = container + 1;
    from = to;
  }
  return Uint8Array.from(bytes);
}

function containerOf(id: number): number {
  return Math.floor(id / idsOfContainer);
}

function bitmapOf(low: readonly number[]): readonly number[] {
  const bitmap = new Array<number>(bitmapBytes).fill(0);
  for (const id of low) bitmap[id >> 3] = (bitmap[id >> 3] ?? 0) | (1 << (id & 7));
  return bitmap;
}

function pushNumber(bytes: number[], number: number): void {
  let rest = number;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
}

/** Goes through the containers of packed ids, one after the other. */
class Containers {
  readonly #bytes: Uint8Array;
  #next = 0;
  /** Number of the container that is looked at; none when it is Infinity. */
  number = -1;
  #from = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Looks at the next container. */
  advance(): void {
    if (this.#next >= this.#bytes.length) {
      this.number = Infinity;
      return;
    }
    this.number += 1 + this.#readNumber();
    this.#count = this.#byte(this.#next) + 1;
    this.#from = this.#next + 1;
    this.#next = this.#from + (this.#count > mostListed ? bitmapBytes : this.#count);
  }

  has(low: number): boolean {
    if (this.#count > mostListed) return (this.#byte(this.#from + (low >> 3)) & (1 << (low & 7))) !== 0;
    for (let at = this.#from; at < this.#next; at += 1) if (this.#byte(at) === low) return true;
    return false;
  }

  addTo(ids: number[]): void {
    const first = this.number * idsOfContainer;
    if (this.#count <= mostListed) {
      for (let at = this.#from; at < this.#next; at += 1) ids.push(first + this.#byte(at));
      return;
    }
    for (let low = 0; low < idsOfContainer; low += 1) if (this.has(low)) ids.push(first + low);
  }

  #byte(at: number): number {
    return this.#bytes[at] ?? 0;
  }

  #readNumber(): number {
    let number = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#byte(this.#next);
      this.#next += 1;
      number += (byte % 128) * unit;
      if (byte < 128) return number;
    }
  }
}

/** The ids of `packIds`, ascending. */
export function unpackIds(packed: Uint8Array): number[] {
  const ids: number[] = [];
  const containers = new Containers(packed);
  for (containers.advance(); containers.number !== Infinity; containers.advance()) containers.addTo(ids);
  return ids;
}

/** Those of `ids` (ascending) that are among the packed ones, ascending. */
export function idsAmong(ids: readonly number[], packed: Uint8Array): number[] {
  const containers = new Containers(packed);
  return ids.filter((id) => {
    const container = containerOf(id);
    while (containers.number < container) containers.advance();
    return containers.number === container && containers.has(id % idsOfContainer);
  });
}

/** Ids that are in any of `sets` (each ascending), ascending and once. */
export function unionOf(sets: readonly (readonly number[])[]): readonly number[] {
  if (sets.length === 1) return sets[0] ?? [];
  return [...new Set(sets.flat())].sort((left, right) => left - right);
}
