// Which alarms are told to whom: the rules of a node alarm-routing, the first that fits a code decides.
import { type Department, departments, type Role, roles } from '../access/messages.ts';
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { plainText } from '../core/plain-text.ts';
import type { NotificationSeverity, Recipients } from './messages.ts';

/** A rule as the editor keeps it. */
export interface AlarmRuleText {
  /** Codes or beginnings of codes: `batch-failed, slot-*`; `*` fits every code. */
  readonly codes: string;
  /** Roles, departments and people: `admin, supervisor, department:production, user:budi`. */
  readonly tell: string;
  /** `silent` tells this alarm to no person. */
  readonly severity: NotificationSeverity | 'silent';
  /** Whether its end is told as well. */
  readonly ended: boolean;
}

export interface AlarmRule {
  readonly codes: readonly string[];
  readonly recipients: Recipients;
  readonly severity: NotificationSeverity | 'silent';
  readonly ended: boolean;
}

/**
 * The rules of a new node. The last one fits every code, so that an alarm which a later version adds reaches people at once.
 * Administrators are in each: the only account of a new plant is one.
 */
export const defaultAlarmRules: readonly AlarmRuleText[] = [
  { codes: 'equipment-*', tell: 'admin, supervisor, maintenance, operator', severity: 'alarm', ended: false },
  { codes: 'task-*', tell: 'admin, supervisor, maintenance', severity: 'alarm', ended: true },
  { codes: 'batch-*, weighing-*', tell: 'admin, supervisor', severity: 'warning', ended: false },
  { codes: 'slot-*, unread-*, written-*', tell: 'admin, supervisor, maintenance', severity: 'warning', ended: false },
  { codes: '*', tell: 'admin, supervisor', severity: 'warning', ended: false },
];

const severities: readonly AlarmRule['severity'][] = ['alarm', 'warning', 'info', 'silent'];
const mostRules = 50;

/** Throws InvalidInput that names every rule at fault. An empty or missing list means the rules of a new node. */
export function parseAlarmRules(value: unknown): readonly AlarmRule[] {
  const given: readonly unknown[] = Array.isArray(value) && value.length > 0 ? value : defaultAlarmRules;
  const faults: FieldFault[] = [];
  if (given.length > mostRules) faults.push({ field: 'rules', message: `must be at most ${mostRules}` });
  const rules = given.slice(0, mostRules).map((rule, index) => ruleOf(rule, `rules[${index}]`, faults));
  if (faults.length > 0) throw new InvalidInput(faults, 'The rules of the alarms');
  return rules;
}

/** The first rule that fits `code`; undefined when none does. Small letters, and `_` counts as `-`, as in types of notifications. */
export function ruleFor(rules: readonly AlarmRule[], code: string): AlarmRule | undefined {
  return rules.find(({ codes }) => codes.some((pattern) => fits(pattern, code)));
}

/** As {@link ruleFor}, but of the rules that name the code or its beginning, not of one for everything. */
export function namedRuleFor(rules: readonly AlarmRule[], code: string): AlarmRule | undefined {
  return rules.find(({ codes }) => codes.some((pattern) => pattern !== '*' && fits(pattern, code)));
}

function fits(pattern: string, code: string): boolean {
  const plain = plainCode(code);
  return pattern.endsWith('*') ? plain.startsWith(pattern.slice(0, -1)) : plain === pattern;
}

function plainCode(code: string): string {
  return code.toLowerCase().replaceAll('_', '-');
}

function ruleOf(value: unknown, field: string, faults: FieldFault[]): AlarmRule {
  const given: Readonly<Record<string, unknown>> =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const codes = listOf(given.codes).map(plainCode);
  const wrong = codes.find((code) => !/^(?:[a-z0-9][a-z0-9-]{0,59}\*?|\*)$/.test(code));
  if (codes.length === 0 || wrong !== undefined) {
    faults.push({ field: `${field}.codes`, message: 'must be codes such as "batch-failed, slot-*"' });
  }
  const severity = severities.find((candidate) => candidate === given.severity);
  if (!severity) faults.push({ field: `${field}.severity`, message: `must be one of ${severities.join(', ')}` });
  const recipients = recipientsOf(listOf(given.tell), `${field}.tell`, faults);
  const named =
    (recipients.roles?.length ?? 0) + (recipients.departments?.length ?? 0) + (recipients.users?.length ?? 0);
  if (named === 0 && severity !== 'silent') {
    faults.push({ field: `${field}.tell`, message: 'must name a role, department or person, or be silent' });
  }
  return { codes, recipients, severity: severity ?? 'warning', ended: given.ended === true };
}

function recipientsOf(names: readonly string[], field: string, faults: FieldFault[]): Recipients {
  const foundRoles: Role[] = [];
  const foundDepartments: Department[] = [];
  const users: string[] = [];
  for (const name of names.map((each) => each.toLowerCase())) {
    const role = roles.find((candidate) => candidate === name);
    const department = departments.find((candidate) => `department:${candidate}` === name);
    if (role) foundRoles.push(role);
    else if (department) foundDepartments.push(department);
    else if (/^user:\S+$/.test(name)) users.push(name.slice('user:'.length));
    else {
      const known = [...roles, ...departments.map((each) => `department:${each}`), 'user:LOGIN'].join(', ');
      faults.push({ field, message: `"${name}" is not one of ${known}` });
    }
  }
  return { roles: foundRoles, departments: foundDepartments, users };
}

function listOf(value: unknown): readonly string[] {
  return plainText(value)
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
