// Narrows a payload to a command of ctp-problem-log, so that the rules behind it meet no unexpected shape.
import { FieldReader } from '../core/field-reader.ts';
import type { PlantTime } from '../core/plant-time.ts';
import { readFields, wellFormedCode } from './field-input.ts';
import { type CtpCommand, machineStatuses, type PhotoRole, type PlantCode, photoRoles } from './messages.ts';
import type { Input, MachineReference, OfProblem, ParsedCommand, Repeatable } from './parsed-command.ts';
import type { ChangedField } from './problem.ts';

type Name = CtpCommand['command'];

/** Write something; a field that they would pass over is refused. */
const changing = [
  'add-machine',
  'change-machine',
  'set-status',
  'report',
  'correct',
  'complete',
  'reopen',
  'void',
  'add-files',
  'hide-file',
  'add-code',
  'retire-code',
] as const satisfies readonly Name[];

const names = [
  'machines',
  'machine',
  'status-history',
  'list',
  'get',
  'history',
  'file',
  'similar',
  'statistics',
  'export',
  'codes',
  'tick',
  'told',
  'board',
  ...changing,
] as const satisfies readonly Name[];

/** Their texts are only looked for, never kept. */
const questions: ReadonlySet<Name> = new Set(['list', 'similar', 'statistics', 'export']);
const changes: ReadonlySet<Name> = new Set(changing);
const largestId = Number.MAX_SAFE_INTEGER;
const reasonLength = 1_000;
const completionFields: ReadonlySet<ChangedField> = new Set([
  'end_ms',
  'response_ms',
  'solution',
  'parts',
  'technician_name',
  'technician_type',
  'vendor_name',
]);

/** Which command a payload is, so that who may not give it is told that and not what else is wrong. Throws InvalidInput. */
export function ctpCommandName(payload: unknown): Name {
  const fields = new FieldReader(payload);
  const name = fields.oneOf('command', names);
  fields.finish('The command');
  return name;
}

/** Throws InvalidInput, with all faults, for anything that is not a command of ctp-problem-log. */
export function parseCtpCommand(payload: unknown, plant: PlantTime): ParsedCommand {
  const name = ctpCommandName(payload);
  const fields = new FieldReader(payload);
  if (!questions.has(name)) refuseNul(fields, payload as Input);
  const command = readCommand(name, fields, payload as Input, plant);
  if (changes.has(name)) {
    // Every command over HTTP may carry its id in a header, also one that is the same the second time.
    for (const field of ['command', 'commandId']) fields.raw(field);
    fields.refuseOthers();
  }
  fields.finish(`"${name}"`);
  return command;
}

/** PostgreSQL keeps no text with this character; what one engine refuses, the other does not take either. */
function refuseNul(fields: FieldReader, input: Input): void {
  for (const [field, value] of Object.entries(input)) {
    if (typeof value === 'string' && value.includes('\0'))
      fields.fault(field, 'must not hold the character NUL', 'character');
  }
}

function readCommand(
  command: (typeof names)[number],
  fields: FieldReader,
  input: Input,
  plant: PlantTime,
): ParsedCommand {
  switch (command) {
    case 'machines':
    case 'codes':
    case 'tick':
    case 'board':
      return { command };
    case 'list':
    case 'similar':
    case 'statistics':
    case 'export':
      return { command, input };
    case 'machine':
      return { command, ...machineReference(fields) };
    case 'add-machine':
      return {
        command,
        name: fields.words('name', 100).trim(),
        nickname: nickname(fields),
        kind: fields.words('kind', 50).trim(),
        description: optional(fields, 'description', 1_000),
        ...repeatable(fields),
      };
    case 'change-machine':
      return {
        command,
        machine_id: fields.count('machine_id', 1, largestId),
        version: fields.count('version', 1, largestId),
        changes: machineChanges(fields),
        ...repeatable(fields),
      };
    case 'set-status':
      return {
        command,
        machine_id: fields.count('machine_id', 1, largestId),
        status: fields.oneOf('status', machineStatuses),
        reason: fields.words('reason', reasonLength).trim(),
        ...repeatable(fields),
      };
    case 'status-history':
      return {
        command,
        machine_id: fields.count('machine_id', 1, largestId),
        limit: fields.has('limit') ? fields.count('limit', 1, 100) : 25,
        below: fields.has('cursor') ? fields.count('cursor', 1, largestId) : undefined,
      };
    case 'get':
      return { command, id: fields.count('id', 1, largestId) };
    case 'history':
      return {
        command,
        id: fields.count('id', 1, largestId),
        limit: fields.has('limit') ? fields.count('limit', 1, 100) : 50,
        below: fields.has('cursor') ? fields.count('cursor', 1, largestId) : undefined,
      };
    case 'report':
      return readReport(fields, plant);
    case 'correct':
      return {
        command,
        ...ofProblem(fields),
        fields: readFields(fields, plant),
        machine: machineReference(fields),
        reason: optional(fields, 'reason', reasonLength),
        role: role(fields),
      };
    case 'complete':
      return {
        command,
        ...ofProblem(fields),
        fields: readFields(fields, plant, completionFields),
        reason: optional(fields, 'reason', reasonLength),
        role: role(fields),
      };
    case 'reopen':
    case 'void':
      return { command, ...ofProblem(fields), reason: fields.words('reason', reasonLength).trim() };
    case 'add-files':
      return { command, id: fields.count('id', 1, largestId), role: role(fields), ...repeatable(fields) };
    case 'hide-file':
      return {
        command,
        id: fields.has('id') ? fields.count('id', 1, largestId) : undefined,
        file_id: fields.words('file_id', 40),
        reason: optional(fields, 'reason', reasonLength),
        ...repeatable(fields),
      };
    case 'file':
      return { command, file_id: fields.words('file_id', 40) };
    case 'add-code':
      return { command, ...plantCode(fields), label: optional(fields, 'label', 100) ?? undefined };
    case 'retire-code':
      return { command, ...plantCode(fields) };
    case 'told':
      return { command, notice: fields.count('notice', 1, largestId) };
  }
}

function readReport(fields: FieldReader, plant: PlantTime): ParsedCommand {
  const machine = machineReference(fields);
  if (machine.machine_id === undefined && machine.machine_nickname === undefined) {
    fields.fault('machine_id', 'must say which machine', 'no-machine');
  }
  if (fields.raw('problem_description') === undefined)
    fields.fault('problem_description', 'must say what is wrong', 'empty');
  const given = readFields(fields, plant);
  return { command: 'report', machine, fields: given, role: role(fields), ...repeatable(fields) };
}

function machineReference(fields: FieldReader): MachineReference {
  return {
    machine_id: fields.has('machine_id') ? fields.count('machine_id', 1, largestId) : undefined,
    machine_nickname: fields.has('machine_nickname') ? fields.text('machine_nickname', 50).toLowerCase() : undefined,
  };
}

function machineChanges(fields: FieldReader) {
  return {
    ...(fields.raw('name') !== undefined && { name: fields.words('name', 100).trim() }),
    ...(fields.raw('kind') !== undefined && { kind: fields.words('kind', 50).trim() }),
    ...(fields.raw('description') !== undefined && { description: optional(fields, 'description', 1_000) }),
    ...(fields.has('retired') && { retired: fields.choice('retired') ? 1 : 0 }),
  };
}

/** Part of an address and of people's assignments. */
function nickname(fields: FieldReader): string {
  const given = fields.text('nickname', 50);
  if (!/^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/.test(given)) {
    fields.fault(
      'nickname',
      'must have 1 to 50 small letters, digits or hyphens, such as suprasetter',
      'malformed-nickname',
    );
  }
  return given;
}

function plantCode(fields: FieldReader): Pick<PlantCode, 'kind' | 'code'> {
  const kind = fields.oneOf('kind', ['error_code', 'category'] as const);
  const text = fields.words('code', 50).trim();
  if (kind === 'category') return { kind, code: text };
  const code = wellFormedCode(text);
  if (code === undefined)
    fields.fault(
      'code',
      'must have at most 25 letters, digits, blanks or . _ / - and begin with a letter or digit',
      'malformed-code',
    );
  return { kind, code: code ?? '' };
}

function role(fields: FieldReader): PhotoRole | undefined {
  return fields.has('role') ? fields.oneOf('role', photoRoles) : undefined;
}

function optional(fields: FieldReader, field: string, longest: number): string | null {
  return fields.has(field) ? fields.text(field, longest).trim() || null : null;
}

function ofProblem(fields: FieldReader): OfProblem {
  return {
    id: fields.count('id', 1, largestId),
    version: fields.has('version') ? fields.count('version', 1, largestId) : undefined,
    ...repeatable(fields),
  };
}

function repeatable(fields: FieldReader): Repeatable {
  return { commandId: fields.has('commandId') ? fields.words('commandId', 200) : undefined };
}
