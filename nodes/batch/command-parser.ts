// The border of mo-batch: an outside payload becomes a command, or a refusal that names every wrong field.
import { FieldReader } from '../core/field-reader.ts';
import type { BatchCommand } from './messages.ts';
import { readCompleted, readLooked, readSnapshot, readStaged, readWritten } from './result-parser.ts';
import { readWeighing, weighingCommands } from './weighing-parser.ts';

const commands = [
  'begin-sync',
  'stage',
  'written',
  'observe',
  'due',
  'complete',
  'look',
  'looked',
  'peer-failed',
  'health',
  'list',
  'monitor',
  'history',
  'get',
  'failed',
  'watched',
  'retry',
  'reset',
  'cancel',
  'correct',
  'clear',
  ...weighingCommands,
] as const;

/** Largest page of a list; the original's limit. */
const largestPage = 1_000;
const orderLength = 200;
const reasonLength = 1_000;
/** A fault of a peer may carry a long text; so much of it is shown. */
const longestFault = 100_000;
const shownFault = 500;

/** Throws InvalidInput, with all faults, for anything that is not a command of mo-batch. */
export function parseBatchCommand(payload: unknown): BatchCommand {
  const fields = new FieldReader(payload);
  const name = fields.oneOf('command', commands);
  fields.finish('The command');
  const command = readCommand(name, fields);
  fields.finish(`"${name}"`);
  return command;
}

function readCommand(name: (typeof commands)[number], fields: FieldReader): BatchCommand {
  switch (name) {
    case 'begin-sync':
    case 'due':
    case 'look':
    case 'health':
    case 'list':
    case 'monitor':
    case 'failed':
      return { command: name };
    case 'stage':
      return { command: name, ...readStaged(fields) };
    case 'written':
      return { command: name, ...readWritten(fields) };
    case 'observe':
      return { command: name, ...readSnapshot(fields) };
    case 'complete':
      return { command: name, ...readCompleted(fields) };
    case 'looked':
      return { command: name, ...readLooked(fields) };
    case 'peer-failed':
      return {
        command: name,
        node: fields.text('node'),
        message: fields.text('message', longestFault).slice(0, shownFault),
      };
    case 'history':
      return {
        command: name,
        ...page(fields),
        ...(fields.has('search') && { search: fields.text('search', orderLength) }),
      };
    case 'watched':
      return { command: name, ...page(fields) };
    case 'get':
      return { command: name, order: fields.words('order', orderLength) };
    case 'retry':
      return {
        command: name,
        ...person(fields),
        ...(fields.has('accept') && { accept: fields.choice('accept') }),
        ...(fields.has('remainder') && { remainder: fields.oneOf('remainder', ['close', 'backorder']) }),
      };
    case 'reset':
    case 'cancel':
      return { command: name, ...person(fields) };
    case 'correct':
      return { command: name, order: fields.words('order', orderLength), ...id(fields), ...correction(fields) };
    case 'weigh':
    case 'weighed':
    case 'weighings':
    case 'settle-weighing':
      return readWeighing(name, fields);
    case 'clear':
      return { command: name, ...why(fields), ...(fields.has('release') && { release: fields.choice('release') }) };
  }
}

function page(fields: FieldReader): { limit?: number; offset?: number } {
  return {
    ...(fields.has('limit') && { limit: fields.count('limit', 1, largestPage) }),
    ...(fields.has('offset') && { offset: fields.count('offset', 0, Number.MAX_SAFE_INTEGER) }),
  };
}

function why(fields: FieldReader): { reason?: string; commandId?: string } {
  return {
    ...(fields.has('reason') && { reason: fields.text('reason', reasonLength) }),
    ...id(fields),
  };
}

function id(fields: FieldReader): { commandId?: string } {
  return fields.has('commandId') ? { commandId: fields.text('commandId') } : {};
}

function person(fields: FieldReader): { order: string; reason?: string; commandId?: string } {
  return { order: fields.words('order', orderLength), ...why(fields) };
}

function correction(fields: FieldReader): {
  reason: string;
  finishedGoodsKg: number;
  consumptionKg: Record<string, number>;
} {
  const kg = fields.part('consumptionKg');
  const given = fields.raw('consumptionKg');
  const names = typeof given === 'object' && given !== null ? Object.keys(given) : [];
  return {
    reason: fields.words('reason', reasonLength),
    finishedGoodsKg: fields.number('finishedGoodsKg'),
    consumptionKg: Object.fromEntries(names.map((name) => [name, kg.number(name)])),
  };
}
