// Reads one object of a memory map's JSON and collects what is wrong with its properties.
import type { FieldFault } from '../core/errors.ts';
import { roundToCentiKg } from '../core/mass.ts';

/** Narrows the properties of one JSON object and collects what is wrong with them. */
export class JsonReader {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #faults: FieldFault[];
  readonly #known = new Set<string>();

  constructor(json: unknown, path: string, faults: FieldFault[]) {
    this.#path = path;
    this.#faults = faults;
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
    this.#object = isObject ? (json as Record<string, unknown>) : {};
    if (!isObject) faults.push({ field: path.replace(/\.$/, '') || 'map', message: 'must be an object' });
  }

  get faultCount(): number {
    return this.#faults.length;
  }

  fault(property: string, message: string): void {
    this.#faults.push({ field: `${this.#path}${property}`, message });
  }

  text(property: string): string {
    const value = this.#take(property);
    if (typeof value === 'string' && value !== '') return value;
    this.fault(property, 'must be a text of at least one character');
    return '';
  }

  integer(property: string, min: number, max: number): number {
    const value = this.#take(property);
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    this.fault(property, `must be a whole number from ${min} to ${max}`);
    return min;
  }

  /** Kilograms with at most two decimals, 0 or more. */
  kilograms(property: string): number {
    const value = this.#take(property);
    if (typeof value === 'number' && value >= 0 && value <= 1e9 && roundToCentiKg(value) / 100 === value) return value;
    this.fault(property, 'must be kilograms from 0 to 1000000000 with at most two decimals');
    return 0;
  }

  oneOf<T extends string | number>(property: string, choices: readonly T[], fallback?: T): T {
    const value = this.#take(property);
    const choice = choices.find((candidate) => candidate === value);
    if (choice !== undefined) return choice;
    if (value === undefined && fallback !== undefined) return fallback;
    this.fault(property, `must be one of ${choices.join(', ')}`);
    return choices[0] as T;
  }

  list(property: string): readonly unknown[] {
    const value = this.#take(property);
    if (Array.isArray(value) && value.length > 0) return value;
    this.fault(property, 'must be a list of at least one');
    return [];
  }

  /** An object inside this one; undefined where it is left out. */
  part(property: string): JsonReader | undefined {
    const value = this.#take(property);
    return value === undefined ? undefined : new JsonReader(value, `${this.#path}${property}.`, this.#faults);
  }

  /** A property that nobody reads is a spelling mistake, not a comment. */
  refuseOthers(allowed: readonly string[]): void {
    for (const property of Object.keys(this.#object)) {
      if (!this.#known.has(property) && !allowed.includes(property)) this.fault(property, 'is not a known property');
    }
  }

  #take(property: string): unknown {
    this.#known.add(property);
    return Object.hasOwn(this.#object, property) ? this.#object[property] : undefined;
  }
}
