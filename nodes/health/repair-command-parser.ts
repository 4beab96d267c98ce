// The border of repair-estimate: an outside message becomes an alarm or a command, or a refusal that names every wrong field.
import { FieldReader } from '../core/field-reader.ts';
import type { ProductionEvent } from '../production/messages.ts';
import {
  alarmStates,
  type ColumnMapping,
  type EstimateRequest,
  type HealthAlarm,
  type RepairCommand,
} from './messages.ts';
import { stopClasses } from './stop-classes.ts';
import { plantColumns } from './stop-row.ts';

const commands = [
  'estimate',
  'finished',
  'import',
  'import-preview',
  'import-undo',
  'imports',
  'import-report',
  'causes',
  'classify',
  'calibration',
  'stops',
] as const;

const nameLength = 100;
const causeLength = 200;
/** Half a million stops; more belongs into several files. */
/** More machines than a plant has. */
const mostNewMachines = 1_000;
const longestFile = 64 * 1024 * 1024;
const largestPage = 1_000;

/** Throws InvalidInput, with all faults, for anything that is not a command of repair-estimate. */
export function parseRepairCommand(payload: unknown): RepairCommand {
  const fields = new FieldReader(payload);
  const name = fields.oneOf('command', commands);
  fields.finish('The command');
  const command = readCommand(name, fields);
  fields.finish(`"${name}"`);
  return command;
}

/** What an estimate needs of an alarm's transition. */
export function parseAlarm(payload: unknown): HealthAlarm {
  const fields = new FieldReader(payload);
  const nullable = <Value>(field: string, read: () => Value): Value | null =>
    fields.raw(field) === null ? null : read();
  const alarm: HealthAlarm = {
    id: fields.words('id', causeLength),
    transition: fields.words('transition', causeLength * 2),
    machine: fields.words('machine', nameLength),
    component: fields.words('component', nameLength),
    state: fields.oneOf('state', alarmStates),
    previous: fields.oneOf('previous', alarmStates),
    at: fields.words('at', 40),
    index: nullable('index', () => fields.number('index')),
    threshold: fields.number('threshold'),
    first_out: fields.whole('first_out'),
    actor: fields.text('actor', causeLength),
    reason: nullable('reason', () => fields.text('reason', 1_000)),
  };
  fields.finish('The alarm');
  return alarm;
}

/** What the history of stops needs of an event of production. */
export function parseEvent(payload: unknown): ProductionEvent {
  const fields = new FieldReader(payload);
  const detail = fields.raw('detail');
  const event: ProductionEvent = {
    seq: fields.has('seq') ? fields.whole('seq') : 0,
    machine: fields.text('machine', nameLength),
    at: fields.words('at', 40),
    type: fields.words('type', nameLength),
    actor: '',
    reason: null,
    detail: typeof detail === 'object' && detail !== null ? (detail as ProductionEvent['detail']) : {},
  };
  fields.finish('The event');
  return event;
}

function readCommand(name: (typeof commands)[number], fields: FieldReader): RepairCommand {
  switch (name) {
    case 'estimate':
      return { command: name, ...readRequest(fields) };
    case 'finished':
      return {
        command: name,
        machine: fields.words('machine', nameLength),
        cause: fields.words('cause', causeLength),
        start: fields.words('start', 40),
        end: fields.words('end', 40),
        ...(fields.has('shift') && { shift: fields.text('shift', nameLength) }),
        ...(fields.has('order') && { order: fields.text('order', nameLength) }),
        ...(fields.has('estimate') && { estimate: fields.text('estimate', nameLength) }),
      };
    case 'import':
      return {
        command: name,
        csv: readFile(fields),
        ...(fields.has('name') && { name: fields.words('name', causeLength) }),
        ...readReading(fields),
        ...(fields.has('new_machines') && { new_machines: readMachines(fields) }),
      };
    case 'import-preview':
      return { command: name, csv: readFile(fields), ...readReading(fields) };
    case 'import-undo':
      return { command: name, id: fields.words('id', nameLength) };
    case 'imports':
      return { command: name, ...page(fields) };
    case 'import-report':
      return { command: name, id: fields.words('id', nameLength), ...page(fields) };
    case 'causes':
    case 'calibration':
      return { command: name };
    case 'classify':
      return { command: name, cause: fields.words('cause', causeLength), class: fields.oneOf('class', stopClasses) };
    case 'stops':
      return {
        command: name,
        ...(fields.has('machine') && { machine: fields.words('machine', nameLength) }),
        ...(fields.has('class') && { class: fields.oneOf('class', stopClasses) }),
        ...page(fields),
      };
  }
}

/** As in the original: both production figures are numbers, none is negative, and no more is defective than was made. */
function readRequest(fields: FieldReader): EstimateRequest {
  const texts = ['machine', 'component', 'error_message', 'failure_reason', 'downtime_reason', 'reason'] as const;
  const request: Record<string, string | number> = {};
  for (const name of texts) if (fields.has(name)) request[name] = fields.text(name, causeLength);
  if (fields.has('shift')) {
    const shift = fields.raw('shift');
    request.shift = typeof shift === 'number' ? fields.whole('shift', 0, 99) : fields.words('shift', nameLength);
  }
  if (fields.has('health_index')) {
    const index = fields.number('health_index');
    if (index < 0 || index > 100) fields.fault('health_index', 'must be from 0 to 100');
    request.health_index = index;
  }
  const figures = ['total_produksi', 'produk_cacat'] as const;
  if (figures.some((name) => fields.has(name))) {
    const [production = 0, defects = 0] = figures.map((name) => fields.whole(name));
    if (defects > production) fields.fault('produk_cacat', 'must not be above total_produksi');
    request.total_produksi = production;
    request.produk_cacat = defects;
  }
  return request;
}

function readFile(fields: FieldReader): string | Uint8Array {
  const file = fields.raw('csv');
  const isFile = (typeof file === 'string' || file instanceof Uint8Array) && file.length > 0;
  if (!isFile || file.length > longestFile) {
    fields.fault('csv', `must be the text or the bytes of a CSV file of at most ${longestFile / 1024 / 1024} MB`);
    return '';
  }
  return file;
}

/** Columns of another shape, and how the file is to be read where it allows two readings. */
function readReading(fields: FieldReader): { readonly mapping?: Partial<ColumnMapping> } {
  const mapping = {
    ...(fields.has('mapping') && readMapping(fields.part('mapping'))),
    ...(fields.has('date_order') && { date_order: fields.oneOf('date_order', ['dmy', 'mdy'] as const) }),
    ...(fields.has('decimal') && { decimal: fields.oneOf('decimal', ['comma', 'point'] as const) }),
  };
  return Object.keys(mapping).length > 0 ? { mapping } : {};
}

function readMapping(fields: FieldReader): Partial<ColumnMapping> {
  const columns = Object.keys(plantColumns);
  return {
    ...Object.fromEntries(
      columns.filter((column) => fields.has(column)).map((column) => [column, fields.words(column, nameLength)]),
    ),
    ...(fields.has('date_order') && { date_order: fields.oneOf('date_order', ['dmy', 'mdy'] as const) }),
    ...(fields.has('decimal') && { decimal: fields.oneOf('decimal', ['comma', 'point'] as const) }),
  };
}

function readMachines(fields: FieldReader): readonly string[] {
  const machines = fields.raw('new_machines');
  const isList =
    Array.isArray(machines) &&
    machines.length <= mostNewMachines &&
    machines.every((machine) => typeof machine === 'string' && machine.length <= nameLength);
  if (isList) return machines as string[];
  fields.fault('new_machines', `must be a list of at most ${mostNewMachines} machines`);
  return [];
}

function page(fields: FieldReader): { limit?: number; offset?: number } {
  return {
    ...(fields.has('limit') && { limit: fields.count('limit', 1, largestPage) }),
    ...(fields.has('offset') && { offset: fields.count('offset', 0, Number.MAX_SAFE_INTEGER) }),
  };
}
