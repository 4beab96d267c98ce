// The border of health-trigger: an outside message becomes a window, measures or a command, or a refusal that names every wrong field.
import { FieldReader } from '../core/field-reader.ts';
import type { ProductionWindow } from '../production/messages.ts';
import { machineStates } from '../production/messages.ts';
import { largestRpn } from './index-model.ts';
import type { HealthCommand, HealthMeasure } from './messages.ts';
import { readModel } from './model-parser.ts';

const commands = [
  'list',
  'get',
  'components',
  'view',
  'trend',
  'history',
  'measure',
  'acknowledge',
  'shelve',
  'unshelve',
  'suppress',
  'unsuppress',
  'configure',
] as const;

const nameLength = 100;
const reasonLength = 1_000;
/** A week: longer is no shelving but a machine out of service. */
const longestShelvingMinutes = 7 * 24 * 60;
const mostMeasures = 1_000;
const largestPage = 1_000;

/** Throws InvalidInput, with all faults, for anything that is not a command of health-trigger. */
export function parseHealthCommand(payload: unknown): HealthCommand {
  const fields = new FieldReader(payload);
  const name = fields.oneOf('command', commands);
  fields.finish('The command');
  const command = readCommand(name, fields);
  fields.finish(`"${name}"`);
  return command;
}

/** Narrows one HealthMeasure, or a list of them. */
export function parseMeasures(payload: unknown): readonly HealthMeasure[] {
  const fields = new FieldReader({ measures: Array.isArray(payload) ? payload : [payload] });
  const measures = fields.list('measures', mostMeasures, readMeasure);
  fields.finish('The measure');
  return measures;
}

/** Narrows the window that cumulative-tracker sends. */
export function parseWindow(payload: unknown): ProductionWindow {
  const fields = new FieldReader(payload);
  const ratio = (field: string): number | null => (fields.has(field) ? fields.number(field) : null);
  const text = (field: string): string | null => (fields.has(field) ? fields.text(field, nameLength) : null);
  const count = (field: string): number | null => (fields.has(field) ? fields.whole(field) : null);
  const window: ProductionWindow = {
    machine: fields.words('machine', nameLength),
    at: instantOf(fields, 'at'),
    windowMs: fields.number('windowMs'),
    availability: ratio('availability'),
    effectiveness: ratio('effectiveness'),
    quality: ratio('quality'),
    oee: ratio('oee'),
    state: fields.oneOf('state', machineStates),
    planned: fields.flag('planned'),
    stale: fields.flag('stale'),
    shift: text('shift'),
    shiftProduction: count('shiftProduction'),
    shiftDefects: count('shiftDefects'),
    cause: text('cause'),
  };
  fields.finish('The window');
  return window;
}

function readCommand(name: (typeof commands)[number], fields: FieldReader): HealthCommand {
  const maybe = (field: 'machine' | 'component') =>
    fields.has(field) ? { [field]: fields.words(field, nameLength) } : {};
  switch (name) {
    case 'components':
    case 'view':
      return { command: name };
    case 'list':
      return { command: name, ...maybe('machine') };
    case 'get':
      return { command: name, component: fields.words('component', nameLength), ...maybe('machine') };
    case 'trend':
      return {
        command: name,
        ...about(fields),
        ...(fields.has('from') && { from: instantOf(fields, 'from') }),
        ...(fields.has('to') && { to: instantOf(fields, 'to') }),
      };
    case 'history':
      return {
        command: name,
        ...maybe('machine'),
        ...maybe('component'),
        ...(fields.has('limit') && { limit: fields.count('limit', 1, largestPage) }),
        ...(fields.has('offset') && { offset: fields.count('offset', 0, Number.MAX_SAFE_INTEGER) }),
      };
    case 'measure':
      return { command: name, measures: fields.list('measures', mostMeasures, readMeasure) };
    case 'acknowledge':
    case 'unshelve':
    case 'unsuppress':
      return { command: name, ...about(fields), ...why(fields) };
    case 'suppress':
      return { command: name, ...about(fields), ...id(fields), reason: fields.words('reason', reasonLength) };
    case 'shelve':
      return {
        command: name,
        ...about(fields),
        ...id(fields),
        minutes: fields.count('minutes', 1, longestShelvingMinutes),
        reason: fields.words('reason', reasonLength),
      };
    case 'configure':
      return readConfigure(fields);
  }
}

function readConfigure(fields: FieldReader): HealthCommand {
  const given = fields.raw('model');
  if (given !== undefined && given !== null) readModel(fields.part('model'));
  const isOfMachine = !fields.has('component');
  if (isOfMachine && given === undefined) fields.fault('component', 'must be given, or a model for the whole machine');
  return {
    command: 'configure',
    machine: fields.words('machine', nameLength),
    ...(!isOfMachine && { component: fields.words('component', nameLength) }),
    ...(fields.has('rpn') && { rpn: fields.count('rpn', 1, largestRpn) }),
    ...(fields.has('retired') && { retired: fields.choice('retired') }),
    ...(given !== undefined && { model: given as Readonly<Record<string, unknown>> | null }),
    ...why(fields),
  };
}

function readMeasure(fields: FieldReader): HealthMeasure {
  const quality = fields.oneOf('quality', ['good', 'bad', 'stale'] as const);
  const value = fields.raw('value') === null ? null : readNumber(fields, quality);
  return {
    machine: fields.words('machine', nameLength),
    ...(fields.has('component') && { component: fields.words('component', nameLength) }),
    name: fields.words('name', 60),
    value,
    at: instantOf(fields, 'at'),
    quality,
    ...(fields.has('planned') && { planned: fields.flag('planned') }),
  };
}

/** A sensor that calls its own value bad may send anything for it. */
function readNumber(fields: FieldReader, quality: HealthMeasure['quality']): number | null {
  const value = fields.raw('value');
  if (quality !== 'good' && !(typeof value === 'number' && Number.isFinite(value))) return null;
  return fields.number('value');
}

function instantOf(fields: FieldReader, field: string): string {
  const text = fields.words(field, 40);
  const ms = Date.parse(text);
  // Without an offset the same text would be another instant on another machine.
  if (Number.isNaN(ms) || !/(Z|[+-]\d{2}:?\d{2})$/i.test(text)) {
    fields.fault(field, 'must be an instant with its zone, such as 2026-01-05T00:00:00Z');
    return new Date(0).toISOString();
  }
  return new Date(ms).toISOString();
}

function about(fields: FieldReader): { machine: string; component: string } {
  return { machine: fields.words('machine', nameLength), component: fields.words('component', nameLength) };
}

function why(fields: FieldReader): { reason?: string; commandId?: string } {
  return { ...(fields.has('reason') && { reason: fields.text('reason', reasonLength) }), ...id(fields) };
}

function id(fields: FieldReader): { commandId?: string } {
  return fields.has('commandId') ? { commandId: fields.text('commandId') } : {};
}
