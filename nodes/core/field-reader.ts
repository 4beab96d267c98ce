// Narrows one outside object field by field and collects every fault, so that a refusal names all of them at once.
import { type FieldFault, InvalidInput } from './errors.ts';

export class FieldReader {
  readonly #source: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #faults: FieldFault[];
  /** Names of the fields that were looked at. */
  readonly #asked = new Set<string>();

  /** @param path what stands before a field's name in a fault, such as `orders[2].` */
  constructor(source: unknown, path = '', faults: FieldFault[] = []) {
    this.#path = path;
    this.#faults = faults;
    if (typeof source === 'object' && source !== null && !Array.isArray(source)) {
      this.#source = source as Record<string, unknown>;
    } else {
      this.#source = {};
      this.#faults.push({
        field: path.replace(/\.$/, '') || 'payload',
        message: 'must be an object',
        code: 'not-an-object',
      });
    }
  }

  /** Refuses every field that nobody has looked at: a slip in a name must not pass for nothing. */
  refuseOthers(): void {
    for (const field of Object.keys(this.#source)) {
      if (!this.#asked.has(field)) this.fault(field, 'is no field of this', 'unknown-field');
    }
  }

  /** Throws InvalidInput when any field was refused. */
  finish(what: string): void {
    if (this.#faults.length > 0) throw new InvalidInput(this.#faults, what);
  }

  /** @param code which rule the field breaks, with the `values` that its message names */
  fault(field: string, message: string, code?: string, values?: FieldFault['values']): void {
    this.#faults.push({
      field: `${this.#path}${field}`,
      message,
      ...(code !== undefined && { code }),
      ...(values && { values }),
    });
  }

  has(field: string): boolean {
    const value = this.raw(field);
    return value !== undefined && value !== null && value !== '';
  }

  raw(field: string): unknown {
    this.#asked.add(field);
    return this.#source[field];
  }

  text(field: string, longest = 200): string {
    const value = this.raw(field);
    if (typeof value === 'string' && value.length <= longest) return value;
    const code = typeof value === 'string' ? 'too-long' : 'not-a-text';
    this.fault(field, `must be a text of at most ${longest} characters`, code, { most: longest });
    return '';
  }

  /** A text that says something; one that is missing is refused as empty, not as too long. */
  words(field: string, longest = 200): string {
    const given = this.raw(field) ?? '';
    if (typeof given !== 'string' || given.trim() !== '') return this.text(field, longest);
    this.fault(field, 'must not be empty', 'empty');
    return '';
  }

  oneOf<Choice extends string>(field: string, choices: readonly Choice[]): Choice {
    const value = choices.find((choice) => choice === this.raw(field));
    if (value !== undefined) return value;
    this.fault(field, `must be one of ${choices.join(', ')}`, 'choice', { choices: choices.join(', ') });
    return choices[0] as Choice;
  }

  whole(field: string, smallest = 0, largest = Number.MAX_SAFE_INTEGER): number {
    const value = this.raw(field);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= smallest && value <= largest) return value;
    this.fault(field, `must be a whole number from ${smallest} to ${largest}`, 'whole-number', {
      least: smallest,
      most: largest,
    });
    return smallest;
  }

  /** A whole number that may also come as digits, as in the query of a route. */
  count(field: string, smallest: number, largest: number): number {
    const value = this.raw(field);
    if (typeof value === 'string' && /^\d{1,12}$/.test(value)) {
      return new FieldReader({ [field]: Number(value) }, this.#path, this.#faults).whole(field, smallest, largest);
    }
    return this.whole(field, smallest, largest);
  }

  number(field: string): number {
    const value = this.raw(field);
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    this.fault(field, 'must be a number', 'number');
    return 0;
  }

  flag(field: string): boolean {
    const value = this.raw(field);
    if (typeof value === 'boolean') return value;
    this.fault(field, 'must be true or false', 'flag');
    return false;
  }

  /** A switch that may also come as the text of a query. */
  choice(field: string): boolean {
    const value = this.raw(field);
    if (value === 'true' || value === 'false') return value === 'true';
    return this.flag(field);
  }

  part(field: string): FieldReader {
    return new FieldReader(this.raw(field), `${this.#path}${field}.`, this.#faults);
  }

  list<Item>(field: string, longest: number, read: (item: FieldReader) => Item): Item[] {
    return this.items(field, longest).map((item, index) =>
      read(new FieldReader(item, `${this.#path}${field}[${index}].`, this.#faults)),
    );
  }

  items(field: string, longest: number): readonly unknown[] {
    const value = this.raw(field);
    if (Array.isArray(value) && value.length <= longest) return value;
    const code = Array.isArray(value) ? 'too-many' : 'not-a-list';
    this.fault(field, `must be a list of at most ${longest}`, code, { most: longest });
    return [];
  }
}
