// Narrows a notify command: who, what, where it leads and how urgent, with every fault named.

import { type Department, departments, type Role, roles } from '../access/messages.ts';
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { FieldReader } from '../core/field-reader.ts';
import { plainText } from '../core/plain-text.ts';
import type { NotificationSeverity, NotifyCommand, OwnNotificationsCommand, Recipients } from './messages.ts';

const severities: readonly NotificationSeverity[] = ['info', 'warning', 'alarm'];

export function parseNotify(input: unknown): NotifyCommand {
  const given: Readonly<Record<string, unknown>> =
    typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  const faults: FieldFault[] = [];
  const severity = severities.find((candidate) => candidate === (given.severity ?? 'info'));
  if (!severity) faults.push({ field: 'severity', message: `must be one of ${severities.join(', ')}` });
  const body = textOf(given.body, 'body', 4000, faults);
  const link = linkOf(given.link, faults);
  const type = typeOf(given.type, faults);
  const dedupeKey = textOf(given.dedupeKey, 'dedupeKey', 200, faults);
  const title = textOf(given.title, 'title', 200, faults);
  if (title === undefined) faults.push({ field: 'title', message: 'must have 1 to 200 characters' });
  const recipients = recipientsOf(given.recipients, faults);
  if (given.command !== undefined && given.command !== 'notify') {
    faults.push({ field: 'command', message: 'must be "notify"' });
  }
  if (faults.length > 0) throw new InvalidInput(faults, 'The notification');
  return {
    command: 'notify',
    recipients,
    title: title ?? '',
    severity: severity ?? 'info',
    ...(body !== undefined && { body }),
    ...(link !== undefined && { link }),
    ...(type !== undefined && { type }),
    ...(dedupeKey !== undefined && { dedupeKey }),
  };
}

/** Narrows a person's question for the own notifications, or its mark on one of them. */
export function parseOwn(input: unknown): OwnNotificationsCommand {
  const fields = new FieldReader(input);
  const command = fields.oneOf('command', ['list', 'read'] as const);
  const faults: FieldFault[] = [];
  const type = typeOf(fields.raw('type'), faults);
  for (const { field, message } of faults) fields.fault(field, message);
  const id = command === 'read' ? fields.count('id', 1, Number.MAX_SAFE_INTEGER) : 0;
  const limit = fields.has('limit') ? fields.count('limit', 1, 200) : 50;
  const offset = fields.has('offset') ? fields.count('offset', 0, 1_000_000) : 0;
  const unread = fields.has('unread') && fields.choice('unread');
  fields.finish('The question for notifications');
  const ofType = type !== undefined && { type };
  return command === 'read' ? { command, id, ...ofType } : { command, limit, offset, unread, ...ofType };
}

/** Names of outside channels, as written in the node: `email, telegram`. */
export function parseChannels(text: unknown): readonly string[] {
  const names = plainText(text)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const wrong = names.find((name) => !/^[a-z0-9][a-z0-9-]{0,29}$/.test(name));
  if (wrong !== undefined || new Set(names).size !== names.length || names.length > 8) {
    throw new InvalidInput([
      {
        field: 'channels',
        message: `must be at most 8 different names like "email, telegram"${wrong ? `, not "${wrong}"` : ''}`,
      },
    ]);
  }
  return names;
}

function typeOf(value: unknown, faults: FieldFault[]): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && /^[a-z][a-z0-9_]{0,59}$/.test(value)) return value;
  faults.push({ field: 'type', message: 'must be small letters, digits and "_", such as ctp_problem_new' });
  return undefined;
}

function recipientsOf(value: unknown, faults: FieldFault[]): Recipients {
  const given: Readonly<Record<string, unknown>> =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const recipients = {
    roles: knownOf<Role>(given.roles, roles, 'recipients.roles', faults),
    departments: knownOf<Department>(given.departments, departments, 'recipients.departments', faults),
    users: Array.isArray(given.users) ? given.users.map((login) => plainText(login).trim().toLowerCase()) : [],
    ...(Array.isArray(given.machines) && { machines: given.machines.map((machine) => plainText(machine).trim()) }),
  };
  const nobody = recipients.roles.length + recipients.departments.length + recipients.users.length === 0;
  if (nobody) faults.push({ field: 'recipients', message: 'must name at least one role, department or user' });
  return recipients;
}

function knownOf<Item extends string>(
  value: unknown,
  known: readonly Item[],
  field: string,
  faults: FieldFault[],
): readonly Item[] {
  if (value === undefined) return [];
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (items.some((item) => !known.some((candidate) => candidate === item))) {
    faults.push({ field, message: `must be a list of ${known.join(', ')}` });
  }
  return known.filter((item) => items.includes(item));
}

function textOf(value: unknown, field: string, longest: number, faults: FieldFault[]): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = plainText(value).trim();
  if (text.length > longest) faults.push({ field, message: `must have at most ${longest} characters` });
  return text === '' ? undefined : text;
}

/** A path inside this server: a notification never leads a person elsewhere. */
function linkOf(value: unknown, faults: FieldFault[]): string | undefined {
  const link = textOf(value, 'link', 500, faults);
  if (link !== undefined && !/^\/(?![/\\])[^\\\s]*$/.test(link)) {
    faults.push({ field: 'link', message: 'must be a path inside this server, such as /dashboard/batches' });
  }
  return link;
}
