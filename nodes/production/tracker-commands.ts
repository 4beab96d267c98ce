// The border of cumulative-tracker: an outside payload becomes a command, or a refusal that names every wrong field.
import { FieldReader } from '../core/field-reader.ts';
import type { ReadingBatch } from './messages.ts';

/** What is known of a machine; null: unknown. What a change leaves out stays as it is. */
export interface MachineChange {
  readonly id: string;
  readonly name?: string;
  readonly counterModulus?: number | null;
  readonly maxPerHour?: number | null;
  readonly idealPerHour?: number | null;
  readonly shiftTarget?: number | null;
  readonly active?: boolean;
}

interface Decision {
  /** A retry with the same id returns the first reply. */
  readonly commandId: string | null;
}

export type PersonCommand =
  | ({ readonly command: 'machine'; readonly machine: MachineChange } & Decision)
  | ({ readonly command: 'order'; readonly machine: string; readonly order: string } & Decision)
  | ({
      readonly command: 'correct';
      readonly machine: string;
      /** An instant inside the shift that is corrected, ISO 8601. */
      readonly at: string;
      readonly production: number;
      readonly defects: number;
      readonly reason: string;
    } & Decision)
  | ({ readonly command: 'rebaseline'; readonly machine: string; readonly reason: string } & Decision)
  | ({ readonly command: 'replay'; readonly id: number } & Decision)
  | ({ readonly command: 'dismiss'; readonly id: number; readonly reason: string } & Decision)
  /** Judges what waits, the oldest first, a thousand at once; `after` names the last one of the answer before. */
  | ({ readonly command: 'replay-all'; readonly after: number | null } & Waiting & Decision)
  | ({ readonly command: 'dismiss-all'; readonly reason: string } & Waiting & Decision);

/** Which messages of the quarantine are meant. */
export interface Waiting {
  /** Null: those that name no machine; left out: of every machine. */
  readonly machine?: string | null;
  /** Refused for this reason; left out: for any. */
  readonly code?: string;
  /** Not those that came after this one, which the person has not seen. */
  readonly upTo: number | null;
}

export type ViewCommand =
  | { readonly command: 'totals' | 'machines' | 'check' }
  | {
      readonly command: 'orders';
      readonly machine: string | null;
      readonly order: string | null;
      readonly limit: number;
    }
  | { readonly command: 'quarantine'; readonly limit: number; readonly before: number | null };

export type TrackerCommand =
  | { readonly command: 'readings'; readonly batch: ReadingBatch }
  | { readonly command: 'tick' }
  | ViewCommand
  | PersonCommand;

const commands = [
  'tick',
  'totals',
  'machines',
  'check',
  'orders',
  'quarantine',
  'machine',
  'order',
  'correct',
  'rebaseline',
  'replay',
  'dismiss',
  'replay-all',
  'dismiss-all',
] as const;

const nameLength = 64;
const reasonLength = 1_000;
/** More pieces than that are no correction. */
const mostPieces = 1e9;

/** Throws InvalidInput, with all faults, for anything that is neither a batch of readings nor a command. */
export function parseTrackerCommand(payload: unknown): TrackerCommand {
  if (isBatch(payload)) return { command: 'readings', batch: payload };
  const fields = new FieldReader(payload);
  const name = fields.oneOf('command', commands);
  fields.finish('The command');
  const command = readCommand(name, fields);
  fields.finish(`"${name}"`);
  return command;
}

/** What machine-status-in sends: checked there, message by message. */
function isBatch(payload: unknown): payload is ReadingBatch {
  return (
    typeof payload === 'object' &&
    payload !== null &&
    'readings' in payload &&
    Array.isArray(payload.readings) &&
    'refused' in payload &&
    Array.isArray(payload.refused) &&
    'delivery' in payload &&
    (payload.delivery === null || typeof payload.delivery === 'string')
  );
}

function readCommand(name: (typeof commands)[number], fields: FieldReader): TrackerCommand {
  const commandId = fields.has('commandId') ? fields.words('commandId', 100) : null;
  switch (name) {
    case 'tick':
    case 'totals':
    case 'machines':
    case 'check':
      return { command: name };
    case 'orders':
      return {
        command: name,
        machine: fields.has('machine') ? fields.words('machine', nameLength) : null,
        order: fields.has('order') ? fields.words('order', 128) : null,
        limit: fields.has('limit') ? fields.count('limit', 1, 1_000) : 100,
      };
    case 'quarantine':
      return {
        command: name,
        limit: fields.has('limit') ? fields.count('limit', 1, 500) : 50,
        before: idOf(fields, 'before'),
      };
    case 'machine':
      return { command: name, machine: readMachine(fields), commandId };
    case 'order':
      return {
        command: name,
        machine: fields.words('machine', nameLength),
        order: fields.text('order', 128),
        commandId,
      };
    case 'correct': {
      const production = fields.has('production') ? fields.whole('production', -mostPieces, mostPieces) : 0;
      const defects = fields.has('defects') ? fields.whole('defects', -mostPieces, mostPieces) : 0;
      if (production === 0 && defects === 0) fields.fault('production', 'production or defects must say what to add');
      return {
        command: name,
        machine: fields.words('machine', nameLength),
        at: fields.words('at', 40),
        production,
        defects,
        reason: fields.words('reason', reasonLength),
        commandId,
      };
    }
    case 'rebaseline':
      return {
        command: name,
        machine: fields.words('machine', nameLength),
        reason: fields.words('reason', reasonLength),
        commandId,
      };
    case 'replay':
      return { command: name, id: fields.count('id', 1, 1e12 - 1), commandId };
    case 'dismiss':
      return {
        command: name,
        id: fields.count('id', 1, 1e12 - 1),
        reason: fields.words('reason', reasonLength),
        commandId,
      };
    case 'replay-all':
      return { command: name, ...readWaiting(fields), after: idOf(fields, 'after'), commandId };
    case 'dismiss-all':
      return { command: name, ...readWaiting(fields), reason: fields.words('reason', reasonLength), commandId };
  }
}

function readWaiting(fields: FieldReader): Waiting {
  return {
    ...(fields.raw('machine') === null && { machine: null }),
    ...(fields.has('machine') && { machine: fields.words('machine', nameLength) }),
    ...(fields.has('code') && { code: fields.words('code', nameLength) }),
    upTo: idOf(fields, 'upTo'),
  };
}

function idOf(fields: FieldReader, field: string): number | null {
  return fields.has(field) ? fields.count(field, 1, 1e12 - 1) : null;
}

/** A limit that is null or empty is taken away; one that is not named stays. */
function readMachine(fields: FieldReader): MachineChange {
  const limit = (field: 'counterModulus' | 'maxPerHour' | 'idealPerHour' | 'shiftTarget', least: number) => {
    if (fields.raw(field) === undefined) return {};
    return { [field]: fields.has(field) ? fields.whole(field, least, 1e12) : null };
  };
  const id = fields.words('id', nameLength);
  if (!/^[^+#/\p{Cc}\p{Surrogate}]*$/u.test(id)) fields.fault('id', 'must not hold /, + or #');
  return {
    id,
    ...(fields.has('name') && { name: fields.words('name', 100) }),
    ...limit('counterModulus', 2),
    ...limit('maxPerHour', 1),
    ...limit('idealPerHour', 1),
    ...limit('shiftTarget', 0),
    ...(fields.has('active') && { active: fields.flag('active') }),
  };
}
