// Narrows what a browser sent to a request of the batch board, or refuses it with a field list.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import type { BoardCommand, BoardQuery, BoardRequest, BoardTask } from './messages.ts';

/** Longest text a person may send: a reason, an order's name, a search. */
const longestText = 500;
const largestPage = 100;
const tasks: readonly number[] = [1, 2, 3, 4];

/** Only known fields are taken over; an unknown one never reaches the flow. Throws InvalidInput. */
export function parseBoardRequest(message: { readonly payload?: unknown; readonly requestId?: unknown }): BoardRequest {
  const read = reader(fieldsOf(message.payload, 'payload'));
  const envelope = reader({ requestId: message.requestId });
  const requestId = envelope.text('requestId') ?? '';
  const payload = requestOf(read);
  const faults = [...envelope.faults, ...read.faults];
  if (faults.length > 0) throw new InvalidInput(faults);
  return { requestId, payload };
}

function requestOf(read: Reader): BoardCommand | BoardQuery {
  const order = () => read.text('order') ?? '';
  const commandId = () => read.text('commandId') ?? '';
  const reason = () => optional('reason', read.optionalText('reason'));
  const command = read.value('command');
  switch (command) {
    case 'history':
      return {
        command,
        limit: read.integer('limit', 1, largestPage),
        offset: read.integer('offset', 0, Number.MAX_SAFE_INTEGER),
        ...optional('search', read.optionalText('search')),
      };
    case 'get':
      return { command, order: order() };
    case 'retry':
      return {
        command,
        order: order(),
        ...optional('accept', read.optionalFlag('accept')),
        ...optional('remainder', read.optionalChoice('remainder', ['close', 'backorder'] as const)),
        ...reason(),
        commandId: commandId(),
      };
    case 'reset':
    case 'cancel':
      return { command, order: order(), ...reason(), commandId: commandId() };
    case 'correct':
      return {
        command,
        order: order(),
        consumptionKg: read.masses('consumptionKg'),
        finishedGoodsKg: read.mass('finishedGoodsKg'),
        reason: read.text('reason') ?? '',
        commandId: commandId(),
      };
    case 'clear':
      return { command, ...optional('release', read.optionalFlag('release')), ...reason(), commandId: commandId() };
    case 'run':
      return { command, task: read.integer('task', 1, tasks.length) as BoardTask, commandId: commandId() };
    default:
      throw new InvalidInput([{ field: 'command', message: 'is not a command of the batch board' }]);
  }
}

type Reader = ReturnType<typeof reader>;
type Fields = Readonly<Record<string, unknown>>;

function reader(fields: Fields) {
  const faults: FieldFault[] = [];
  const refuse = (field: string, message: string) => faults.push({ field, message });
  const isText = (value: unknown): value is string =>
    typeof value === 'string' && value.trim() !== '' && value.length <= longestText;
  const isMass = (value: unknown): value is number =>
    typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= 10_000_000;
  return {
    faults,
    value: (field: string): unknown => fields[field],
    text(field: string): string | undefined {
      const value = fields[field];
      if (isText(value)) return value.trim();
      refuse(field, `must be a text of at most ${longestText} characters`);
      return undefined;
    },
    optionalText(field: string): string | undefined {
      const value = fields[field];
      return value === undefined || value === '' ? undefined : this.text(field);
    },
    optionalFlag(field: string): boolean | undefined {
      const value = fields[field];
      if (value === undefined || typeof value === 'boolean') return value;
      refuse(field, 'must be true or false');
      return undefined;
    },
    optionalChoice<Choice extends string>(field: string, choices: readonly Choice[]): Choice | undefined {
      const value = fields[field];
      if (value === undefined) return undefined;
      const found = choices.find((choice) => choice === value);
      if (found === undefined) refuse(field, `must be ${choices.join(' or ')}`);
      return found;
    },
    integer(field: string, min: number, max: number): number {
      const value = fields[field];
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
      refuse(field, `must be a whole number from ${min} to ${max}`);
      return min;
    },
    mass(field: string): number {
      const value = fields[field];
      if (isMass(value)) return value;
      refuse(field, 'must be a mass in kg from 0 to 10000000');
      return 0;
    },
    masses(field: string): Readonly<Record<string, number>> {
      const value = fields[field];
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        refuse(field, 'must map equipment to kg');
        return {};
      }
      const entries = Object.entries(value);
      for (const [equipment, mass] of entries) {
        if (!/^\w{1,20}$/.test(equipment) || !isMass(mass)) {
          refuse(`${field}.${equipment}`, 'must be a mass in kg from 0 to 10000000');
        }
      }
      return Object.fromEntries(entries) as Record<string, number>;
    },
  };
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: Value });
}

function fieldsOf(value: unknown, field: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new InvalidInput([{ field, message: 'must be an object' }]);
}
