// Resolves a D-word to the address that goes on the wire, by the maker's preset, an offset and the base.
import { describeRange } from '../read-plan.ts';
import { type AddressPresetName, type AddressSegment, addressPresets } from './address-presets.ts';

export interface AddressSettings {
  readonly preset: AddressPresetName;
  /** Added to the preset's wire address. */
  readonly offset: number;
  /** 1 where the offset comes from a register table that counts from 1 (40001): then one less goes on the wire. */
  readonly base: 0 | 1;
}

/** Addresses on the wire have 16 bits in Modbus and FINS. */
const lastWireAddress = 65_535;

export class AddressMap {
  readonly #settings: AddressSettings;
  readonly #segments: readonly AddressSegment[];
  readonly #shift: number;

  constructor(settings: AddressSettings) {
    this.#settings = settings;
    this.#segments = addressPresets[settings.preset].segments;
    this.#shift = settings.offset - settings.base;
  }

  /** Wire address of `count` words from D-word `address` on, or a sentence that says why there is none. */
  resolve(address: number, count: number): number | string {
    for (const { first, last, wire } of this.#segments) {
      if (address < first || address > last) continue;
      if (address + count - 1 > last) return this.#leavesSegment(address, count, last);
      const wireAddress = wire + (address - first) + this.#shift;
      if (wireAddress >= 0 && wireAddress + count - 1 <= lastWireAddress) return wireAddress;
      return `${describeRange({ address, count })} would be wire address ${wireAddress}: the offset ${this.#settings.offset} is wrong.`;
    }
    return this.#unreachable(address);
  }

  #leavesSegment(address: number, count: number, last: number): string {
    const range = describeRange({ address, count });
    return this.#segments.some(({ first }) => first === last + 1)
      ? `${range} crosses the border of two segments after D${last}: ${this.#settings.preset} needs two requests.`
      : `${range} is out of reach: D${last} is the last word that ${this.#settings.preset} has on the wire.`;
  }

  #unreachable(address: number): string {
    const reach = this.#segments.map(({ first, last }) => `D${first}-D${last}`).join(' and ');
    return `D${address} is out of reach: ${this.#settings.preset} has only ${reach} on the wire.`;
  }
}
