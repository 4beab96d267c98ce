// Narrows what reaches the PLC nodes to their commands, naming every field at fault.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import type { CentiKg } from '../core/mass.ts';
import type { EquipmentMass, PlcReadCommand, PlcWriteCommand, QueueBatch, RecordCommand } from './messages.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** A payload without a command (the time stamp of an inject node, for one) reads. */
export function parseReadCommand(payload: unknown): PlcReadCommand {
  if (!isObject(payload) || payload.command === undefined) return { command: 'read' };
  if (payload.command === 'read') return { command: 'read' };
  if (payload.command !== 'acknowledge') throw unknownCommand(payload.command, 'read or acknowledge');
  const faults: FieldFault[] = [];
  const blocks = listOf(payload, 'blocks', 'blocks', faults).map((block, index) => ({
    slot: integer(block, 'slot', `blocks[${index}]`, faults),
    moName: text(block, 'moName', `blocks[${index}]`, faults),
  }));
  if (faults.length > 0) throw new InvalidInput(faults, 'The acknowledge command');
  return { command: 'acknowledge', blocks };
}

/** A payload without a command reads the records. */
export function parseRecordCommand(payload: unknown): RecordCommand {
  if (!isObject(payload) || payload.command === undefined || payload.command === 'read') return { command: 'read' };
  if (payload.command !== 'acknowledge') throw unknownCommand(payload.command, 'read or acknowledge');
  const faults: FieldFault[] = [];
  const record = payload.record === 'weighing' ? 'weighing' : 'failure';
  if (record !== payload.record) faults.push({ field: 'record', message: 'must be failure or weighing' });
  const id = integer(payload, 'id', '', faults);
  const { words } = payload;
  const isWord = (word: unknown) => Number.isInteger(word) && Number(word) >= 0 && Number(word) <= 65_535;
  if (!Array.isArray(words) || !words.every(isWord))
    faults.push({ field: 'words', message: 'must be a list of words' });
  if (faults.length > 0) throw new InvalidInput(faults, 'The acknowledge command');
  return { command: 'acknowledge', record, id, words: words as readonly number[] };
}

/** The shape of a queue; whether it fits the memory map is the queue writer's rule. */
export function parseWriteCommand(payload: unknown): PlcWriteCommand {
  if (!isObject(payload)) throw new InvalidInput([{ field: 'payload', message: 'must be an object' }]);
  if (payload.command !== 'write') throw unknownCommand(payload.command, 'write');
  const faults: FieldFault[] = [];
  const queueId = text(payload, 'queueId', '', faults);
  if (payload.queueId === '') faults.push({ field: 'queueId', message: 'must name the queue' });
  const batches = listOf(payload, 'batches', 'batches', faults).map((batch, index): QueueBatch => {
    const path = `batches[${index}]`;
    return {
      slot: integer(batch, 'slot', path, faults),
      moName: text(batch, 'moName', path, faults),
      bomCode: text(batch, 'bomCode', path, faults),
      finishedGoods: text(batch, 'finishedGoods', path, faults),
      quantityCentiKg: integer(batch, 'quantityCentiKg', path, faults) as CentiKg,
      consumption: consumption(batch, path, faults),
    };
  });
  if (faults.length > 0) throw new InvalidInput(faults, 'The write command');
  return { command: 'write', queueId, batches };
}

function consumption(batch: JsonObject, path: string, faults: FieldFault[]): EquipmentMass[] {
  return listOf(batch, 'consumption', `${path}.consumption`, faults).map((item, index) => ({
    equipment: integer(item, 'equipment', `${path}.consumption[${index}]`, faults),
    massCentiKg: integer(item, 'massCentiKg', `${path}.consumption[${index}]`, faults) as CentiKg,
  }));
}

function listOf(parent: JsonObject, property: string, field: string, faults: FieldFault[]): JsonObject[] {
  const value = parent[property];
  if (!Array.isArray(value)) {
    faults.push({ field, message: 'must be a list' });
    return [];
  }
  return value.flatMap((item: unknown, index) => {
    if (isObject(item)) return [item];
    faults.push({ field: `${field}[${index}]`, message: 'must be an object' });
    return [];
  });
}

function integer(parent: JsonObject, property: string, path: string, faults: FieldFault[]): number {
  const value = parent[property];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  faults.push({ field: path ? `${path}.${property}` : property, message: 'must be a whole number' });
  return 0;
}

function text(parent: JsonObject, property: string, path: string, faults: FieldFault[]): string {
  const value = parent[property];
  if (typeof value === 'string') return value;
  faults.push({ field: path ? `${path}.${property}` : property, message: 'must be a text' });
  return '';
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownCommand(command: unknown, known: string): InvalidInput {
  return new InvalidInput([{ field: 'payload.command', message: `${JSON.stringify(command)} is not ${known}` }]);
}
