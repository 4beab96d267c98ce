// The border of equipment-failures: an outside payload becomes a command, or a refusal that names every wrong field.
import { FieldReader } from '../core/field-reader.ts';
import type { FailureReading } from '../plc/messages.ts';
import type { EquipmentCommand } from './messages.ts';

const commands = ['take', 'flagged', 'list', 'view', 'acknowledge'] as const;
const longestNote = 1_000;
/** A record has fewer; the limit only keeps a lying sender small. */
const mostWords = 125;

/** Throws InvalidInput, with all faults, for anything that is not a command of equipment-failures. */
export function parseEquipmentCommand(payload: unknown): EquipmentCommand {
  const fields = new FieldReader(payload);
  const command = fields.oneOf('command', commands);
  fields.finish('The command');
  const parsed = read(command, fields);
  fields.finish(`"${command}"`);
  return parsed;
}

function read(command: (typeof commands)[number], fields: FieldReader): EquipmentCommand {
  switch (command) {
    case 'take':
      return {
        command,
        plc: fields.words('plc'),
        readAt: instant(fields, 'readAt'),
        failure: fields.has('failure') ? failure(fields.part('failure')) : null,
        weighing: null,
      };
    case 'flagged':
      return {
        command,
        record: fields.oneOf('record', ['failure', 'weighing'] as const),
        id: fields.whole('id', 1),
        done: fields.flag('done'),
        reason: fields.has('reason') ? fields.text('reason', 2_000) : null,
        watchOnly: fields.flag('watchOnly'),
      };
    case 'list':
      return {
        command,
        ...(fields.has('open') && { open: fields.choice('open') }),
        ...(fields.has('limit') && { limit: fields.count('limit', 1, 1_000) }),
        ...(fields.has('offset') && { offset: fields.count('offset', 0, 1_000_000_000) }),
      };
    case 'view':
      return { command };
    case 'acknowledge':
      return {
        command,
        id: fields.count('id', 1, Number.MAX_SAFE_INTEGER),
        ...(fields.has('note') && { note: fields.text('note', longestNote) }),
        ...(fields.has('commandId') && { commandId: fields.words('commandId') }),
      };
  }
}

/** What plc-record-read made of the words; only a new report has figures. */
function failure(fields: FieldReader): FailureReading {
  const state = fields.oneOf('state', ['empty', 'read', 'new'] as const);
  const words = fields.items('words', mostWords).map((word) => (typeof word === 'number' ? word : 0));
  if (state !== 'new') return { state, words };
  const time = fields.has('happenedAt') ? fields.part('happenedAt') : null;
  return {
    state,
    words,
    code: fields.text('code'),
    info: fields.text('info'),
    happenedAt: time && {
      year: time.whole('year', 2000, 9999),
      month: time.whole('month', 1, 12),
      day: time.whole('day', 1, 31),
      hour: time.whole('hour', 0, 23),
      minute: time.whole('minute', 0, 59),
      second: time.whole('second', 0, 59),
    },
    reasons: fields.items('reasons', 20).map(String),
  };
}

function instant(fields: FieldReader, field: string): string {
  const text = fields.text(field, 40);
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) {
    fields.fault(field, 'must be an instant of ISO 8601', 'instant');
    return '';
  }
  return new Date(ms).toISOString();
}
