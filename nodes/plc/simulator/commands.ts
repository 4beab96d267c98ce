// Narrows what reaches the plc-simulator node to faults and questions, naming every field at fault.
import { type FieldFault, InvalidInput } from '../../core/errors.ts';
import type { LinkFault } from './link-faults.ts';

export type SimulatorCommand =
  | { readonly command: 'status' | 'deliveries' | 'resume' | 'clear-faults' }
  | { readonly command: 'fail'; readonly slot?: number }
  | { readonly command: 'flicker-failed'; readonly seconds: number }
  | { readonly command: 'stall'; readonly seconds?: number }
  | { readonly command: 'garble'; readonly slot: number; readonly reads?: number }
  | { readonly command: 'link'; readonly fault: LinkFault }
  /** A machine fails now, by the PLC's clock. */
  | { readonly command: 'report-failure'; readonly equipment: string; readonly info: string }
  /** Somebody weighs by hand for an order. */
  | {
      readonly command: 'report-weighing';
      readonly order: string;
      readonly product: number;
      readonly kg: number;
      readonly slot: number;
    };

const commands = [
  'status',
  'deliveries',
  'resume',
  'clear-faults',
  'fail',
  'flicker-failed',
  'stall',
  'garble',
  'link',
  'report-failure',
  'report-weighing',
];
const countedFaults = ['never-answer', 'wrong-transaction-id', 'bad-length', 'short-answer', 'split-answer'] as const;
const plainFaults = ['drop-now', 'unplug', 'plug-in'] as const;

/** A payload without a command asks for the status. Throws InvalidInput. */
export function parseSimulatorCommand(payload: unknown, slotCount: number): SimulatorCommand {
  const reader = new ArgumentReader(payload);
  const command = reader.command();
  const parsed = parseArguments(command, reader, slotCount);
  if (parsed && reader.faults.length === 0) return parsed;
  if (!parsed) reader.refuse('command', `${JSON.stringify(command)} is not one of ${commands.join(', ')}`);
  throw new InvalidInput(reader.faults, 'The simulator command');
}

function parseArguments(command: unknown, reader: ArgumentReader, slotCount: number): SimulatorCommand | undefined {
  switch (command) {
    case undefined:
      return { command: 'status' };
    case 'status':
    case 'deliveries':
    case 'resume':
    case 'clear-faults':
      return { command };
    case 'fail':
      return { command, ...reader.optional('slot', (name) => reader.integer(name, 1, slotCount)) };
    case 'flicker-failed':
      return { command, seconds: reader.number('seconds') };
    case 'stall':
      return { command, ...reader.optional('seconds', (name) => reader.number(name)) };
    case 'garble':
      return {
        command,
        slot: reader.integer('slot', 1, slotCount),
        ...reader.optional('reads', (name) => reader.integer(name, 1, 1_000_000)),
      };
    case 'link':
      return { command, fault: parseFault(reader) };
    case 'report-failure':
      return { command, equipment: reader.text16('equipment'), info: reader.text16('info') };
    case 'report-weighing':
      return {
        command,
        order: reader.text16('order'),
        product: reader.integer('product', 1, 65_535),
        kg: reader.number('kg'),
        slot: reader.value('slot') === undefined ? 0 : reader.integer('slot', 0, slotCount),
      };
    default:
      return undefined;
  }
}

function parseFault(reader: ArgumentReader): LinkFault {
  const kind = reader.value('fault');
  const plain = plainFaults.find((candidate) => candidate === kind);
  if (plain) return { kind: plain };
  const counted = countedFaults.find((candidate) => candidate === kind);
  if (counted) return { kind: counted, requests: reader.integer('requests', 1, 1_000_000) };
  if (kind === 'drop-after') return { kind, requests: reader.integer('requests', 0, 1_000_000) };
  if (kind === 'drop-in-queue-write') return { kind, writes: reader.integer('writes', 1, 1_000_000) };
  const requests = reader.integer('requests', 1, 1_000_000);
  if (kind === 'answer-late') return { kind, requests, delayMs: reader.integer('delayMs', 1, 3_600_000) };
  if (kind === 'exception') return { kind, requests, code: reader.integer('code', 1, 255) };
  reader.refuse('fault', `${JSON.stringify(kind)} is not a known fault of the link`);
  return { kind: 'drop-now' };
}

class ArgumentReader {
  readonly faults: FieldFault[] = [];
  readonly #object: Readonly<Record<string, unknown>>;

  constructor(payload: unknown) {
    const isObject = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
    this.#object = isObject ? (payload as Record<string, unknown>) : {};
  }

  command(): unknown {
    return this.#object.command;
  }

  value(name: string): unknown {
    return this.#object[name];
  }

  refuse(field: string, message: string): void {
    this.faults.push({ field: `payload.${field}`, message });
  }

  integer(name: string, min: number, max: number): number {
    const value = this.#object[name];
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    this.refuse(name, `must be a whole number from ${min} to ${max}`);
    return min;
  }

  /** What a text field of 16 characters holds. */
  text16(name: string): string {
    const value = this.#object[name];
    if (typeof value === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]{0,14}[\x21-\x7e])?$/.test(value)) return value;
    this.refuse(name, 'must be 1 to 16 printable ASCII characters');
    return '?';
  }

  /** Seconds, up to a day; or kilograms. */
  number(name: string): number {
    const value = this.#object[name];
    if (typeof value === 'number' && value > 0 && value <= 86_400) return value;
    this.refuse(name, 'must be a number above 0, at most 86400');
    return 1;
  }

  optional<N extends string>(name: N, read: (name: N) => number): { [K in N]?: number } {
    if (this.#object[name] === undefined) return {};
    return { [name]: read(name) } as { [K in N]?: number };
  }
}
