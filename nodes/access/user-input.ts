// Narrows what a person typed about a user: logins, roles, passwords, PINs and badges, with every fault named.

import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { plainText } from '../core/plain-text.ts';
import { type Department, departments, type Language, languages, type Role, roles } from './messages.ts';
import { pinFaults } from './pin-rules.ts';
import { hasPasswordRights } from './policy.ts';

export interface NewUser {
  readonly login: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly departments: readonly Department[];
  readonly machines: readonly string[];
  readonly language: Language;
  readonly sharedDevice: boolean;
  readonly password: string | undefined;
}

export interface UserChange {
  readonly version: number;
  readonly name?: string;
  readonly roles?: readonly Role[];
  readonly departments?: readonly Department[];
  readonly machines?: readonly string[];
  readonly language?: Language;
  readonly sharedDevice?: boolean;
}

type Input = Readonly<Record<string, unknown>>;

export function parseNewUser(input: Input): NewUser {
  const faults: FieldFault[] = [];
  const user: NewUser = {
    login: loginOf(input.login, faults),
    name: nameOf(input.name, faults),
    roles: oneOrMore(rolesOf(input.roles, faults), 'roles', faults),
    departments: input.departments === undefined ? [] : departmentsOf(input.departments, faults),
    machines: input.machines === undefined ? [] : machinesOf(input.machines, faults),
    language: input.language === undefined ? 'id' : languageOf(input.language, faults),
    sharedDevice: input.sharedDevice === undefined ? false : flagOf(input.sharedDevice, faults),
    password: input.password === undefined || input.password === '' ? undefined : plainText(input.password),
  };
  faults.push(...departmentFaults(user.roles, user.departments), ...deviceFaults(user.sharedDevice, user));
  if (user.password !== undefined) faults.push(...passwordFaults(user.password, user.login));
  if (faults.length > 0) throw new InvalidInput(faults, 'The user');
  return user;
}

export function parseUserChange(input: Input): UserChange {
  const faults: FieldFault[] = [];
  if (!Number.isSafeInteger(input.version))
    faults.push({ field: 'version', message: 'must be the version that was read' });
  const change: UserChange = {
    version: Number(input.version),
    ...(input.name !== undefined && { name: nameOf(input.name, faults) }),
    ...(input.roles !== undefined && { roles: oneOrMore(rolesOf(input.roles, faults), 'roles', faults) }),
    ...(input.departments !== undefined && { departments: departmentsOf(input.departments, faults) }),
    ...(input.machines !== undefined && { machines: machinesOf(input.machines, faults) }),
    ...(input.language !== undefined && { language: languageOf(input.language, faults) }),
    ...(input.sharedDevice !== undefined && { sharedDevice: flagOf(input.sharedDevice, faults) }),
  };
  if (faults.length > 0) throw new InvalidInput(faults, 'The change');
  return change;
}

/** An operator without a department could see nothing. */
export function departmentFaults(userRoles: readonly Role[], own: readonly Department[]): readonly FieldFault[] {
  return userRoles.includes('operator') && own.length === 0
    ? [{ field: 'departments', message: 'an operator needs at least one department', code: 'needs-department' }]
    : [];
}

/** The account of a shared tablet lies open for months, so it may do nothing that asks for a password. */
export function deviceFaults(
  sharedDevice: boolean,
  rights: Parameters<typeof hasPasswordRights>[0],
): readonly FieldFault[] {
  return sharedDevice && hasPasswordRights(rights)
    ? [{ field: 'sharedDevice', message: 'is not for roles whose commands ask for a password', code: 'not-a-device' }]
    : [];
}

/** NIST SP 800-63B: length counts, not composition; eight is its least, and logins are throttled. */
export function passwordFaults(password: string, login: string): readonly FieldFault[] {
  const fault = (message: string) => [{ field: 'password', message }];
  if (password.length < 8) return fault('must have at least 8 characters');
  if (password.length > 200) return fault('must have at most 200 characters');
  const beyondLogin = login === '' ? password : password.toLowerCase().replaceAll(login, '');
  if (beyondLogin.length < 6) return fault('must have at least 6 characters beside the login');
  if (new Set(password).size < 5) return fault('must have at least 5 different characters');
  return [];
}

export function checkPassword(password: unknown, login: string): string {
  const text = typeof password === 'string' ? password : '';
  const faults = passwordFaults(text, login);
  if (faults.length > 0) throw new InvalidInput(faults, 'The password');
  return text;
}

/** Null takes the PIN away. @param owner the roles of the person whose PIN it is; without them what every PIN has to be */
export function parsePin(pin: unknown, owner: readonly Role[] = []): string | null {
  if (pin === null) return null;
  const text = plainText(pin);
  const faults = pinFaults(text, owner);
  if (faults.length > 0) throw new InvalidInput(faults, 'The PIN');
  return text;
}

/** What a keyboard-wedge reader types for a badge; null takes the badge away. */
export function parseBadge(badge: unknown): string | null {
  if (badge === null) return null;
  const text = plainText(badge).trim();
  if (!/^[\x21-\x7e]{4,64}$/.test(text)) {
    const message = 'must be 4 to 64 printed characters without spaces';
    throw new InvalidInput([{ field: 'badge', message, code: 'not-a-badge' }], 'The badge');
  }
  return text;
}

function loginOf(value: unknown, faults: FieldFault[]): string {
  const login = plainText(value).trim().toLowerCase();
  if (!/^[a-z0-9][a-z0-9._@-]{1,63}$/.test(login)) {
    faults.push({
      field: 'login',
      message: 'must be 2 to 64 letters, digits or ._@- and begin with a letter or digit',
      code: 'malformed-login',
    });
  }
  return login;
}

function nameOf(value: unknown, faults: FieldFault[]): string {
  const name = plainText(value).trim();
  if (name.length === 0 || name.length > 100 || /\p{Cc}/u.test(name)) {
    faults.push({ field: 'name', message: 'must have 1 to 100 characters', code: 'length', values: { most: 100 } });
  }
  return name;
}

function rolesOf(value: unknown, faults: FieldFault[]): readonly Role[] {
  return listOf(value, roles, 'roles', faults);
}

function departmentsOf(value: unknown, faults: FieldFault[]): readonly Department[] {
  return listOf(value, departments, 'departments', faults);
}

function oneOrMore<Item>(items: readonly Item[], field: string, faults: FieldFault[]): readonly Item[] {
  if (items.length === 0 && !faults.some((fault) => fault.field === field)) {
    faults.push({ field, message: 'must name at least one', code: 'at-least-one' });
  }
  return items;
}

function listOf<Item extends string>(
  value: unknown,
  known: readonly Item[],
  field: string,
  faults: FieldFault[],
): readonly Item[] {
  const given: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
  const unknown = given?.filter((item) => !known.some((candidate) => candidate === item));
  if (!given || (unknown && unknown.length > 0)) {
    faults.push({ field, message: `must be a list of ${known.join(', ')}` });
    return [];
  }
  return known.filter((item) => given.includes(item));
}

function machinesOf(value: unknown, faults: FieldFault[]): readonly string[] {
  const given = Array.isArray(value) ? value.map((machine: unknown) => plainText(machine).trim()) : undefined;
  if (!given || given.length > 200 || given.some((machine) => !/^[\w .:/-]{1,60}$/.test(machine))) {
    faults.push({ field: 'machines', message: 'must be a list of machine names', code: 'malformed-machines' });
    return [];
  }
  return [...new Set(given)].sort();
}

function flagOf(value: unknown, faults: FieldFault[]): boolean {
  if (typeof value !== 'boolean') faults.push({ field: 'sharedDevice', message: 'must be true or false' });
  return value === true;
}

function languageOf(value: unknown, faults: FieldFault[]): Language {
  const language = languages.find((candidate) => candidate === value);
  if (!language) faults.push({ field: 'language', message: `must be one of ${languages.join(', ')}` });
  return language ?? 'id';
}
