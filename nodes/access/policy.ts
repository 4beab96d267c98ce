// The one policy of the package: who may do what. Actions and pages are data; what was never declared is allowed to nobody.
import {
  type Action,
  type Department,
  machineBoundRoles,
  pageRoles,
  type Role,
  type UserIdentity,
} from './messages.ts';

/** A role, or an operator of one department. */
export type Grantee = Role | `operator:${Department}`;

/**
 * `read` shows something and is open to managers too; `act` changes the plant and is never open to `manager` and `display`;
 * `own` concerns only the person itself and is open to everybody but a wall screen.
 */
export type ActionKind = 'read' | 'act' | 'own';

export interface ActionRule {
  readonly kind: ActionKind;
  /** Empty for `own`. */
  readonly granted: readonly Grantee[];
  /**
   * What changes accounts, tokens or figures, or ends an order: a PIN or a badge does not carry it, so the person gives the
   * password first.
   */
  readonly proof?: 'password';
}

/**
 * What an action is done to; a grant by a machine-bound role holds only for the person's own machines, and an operator's only for
 * the own departments too.
 */
export interface Resource {
  readonly machine?: string;
  readonly department?: Department;
}

/** A person, or a token that carries its actions (`*`: every declared one). */
export type Subject =
  | Pick<UserIdentity, 'roles' | 'departments' | 'machines' | 'provedBy'>
  | { readonly scopes: readonly Action[] };

const readers: readonly Grantee[] = [
  'admin',
  'supervisor',
  'operator:production',
  'qc',
  'qc-supervisor',
  'warehouse',
  'manager',
  'display',
];
const everybody: readonly Grantee[] = [
  'admin',
  'supervisor',
  'operator',
  'ctp',
  'qc',
  'qc-supervisor',
  'warehouse',
  'maintenance',
  'manager',
  'display',
];
const workers: readonly Grantee[] = everybody.filter((grantee) => grantee !== 'manager' && grantee !== 'display');
const leaders: readonly Grantee[] = ['admin', 'supervisor'];
const administrators: readonly Grantee[] = ['admin'];

/** Mapped by action. */
const rules = new Map<Action, ActionRule>();

/** Adds the actions of a room when its module is loaded; the same declaration again is fine, a different one is a mistake. */
export function declareActions(actions: Readonly<Record<Action, ActionRule>>): void {
  for (const [action, rule] of Object.entries(actions)) {
    if (rule.kind === 'act' && rule.granted.some((grantee) => grantee === 'manager' || grantee === 'display')) {
      throw new Error(`"${action}" is an act: neither managers nor wall screens may have it`);
    }
    const known = rules.get(action);
    if (known && JSON.stringify(known) !== JSON.stringify(rule))
      throw new Error(`"${action}" is declared twice, differently`);
    rules.set(action, rule);
  }
}

/** Adds pages by the path of their ui-page without slashes, as `page:<id>`. */
export function declarePages(pages: Readonly<Record<string, readonly Grantee[]>>): void {
  declareActions(
    Object.fromEntries(Object.entries(pages).map(([page, granted]) => [`page:${page}`, { kind: 'read', granted }])),
  );
}

declareActions({
  'batch.read': { kind: 'read', granted: readers },
  'history.read': { kind: 'read', granted: readers },
  'equipment.read': { kind: 'read', granted: everybody },
  // Whoever stands at the machine; tablets on the floor are operators.
  'equipment.acknowledge': { kind: 'act', granted: ['admin', 'supervisor', 'operator:production', 'maintenance'] },
  'batch.retry': { kind: 'act', granted: leaders },
  // Confirms a deviation, by which it becomes the order's figure.
  'batch.accept': { kind: 'act', granted: leaders, proof: 'password' },
  'batch.reset': { kind: 'act', granted: leaders },
  'batch.cancel': { kind: 'act', granted: leaders, proof: 'password' },
  'batch.correct': { kind: 'act', granted: leaders, proof: 'password' },
  'batch.clear': { kind: 'act', granted: leaders },
  'task.read': { kind: 'read', granted: readers },
  'task.run': { kind: 'act', granted: leaders },
  'notification.read': { kind: 'read', granted: everybody },
  'notification.mark': { kind: 'own', granted: [] },
  'notification.send': { kind: 'act', granted: leaders },
  'account.own': { kind: 'own', granted: [] },
  'users.read': { kind: 'read', granted: administrators, proof: 'password' },
  'users.manage': { kind: 'act', granted: administrators, proof: 'password' },
  'tokens.read': { kind: 'read', granted: administrators, proof: 'password' },
  'tokens.manage': { kind: 'act', granted: administrators, proof: 'password' },
  'audit.read': { kind: 'read', granted: administrators, proof: 'password' },
  'editor.use': { kind: 'act', granted: administrators, proof: 'password' },
  'metrics.read': { kind: 'read', granted: administrators },
  // Widgets and routes of the plant's own flows, which know no finer action.
  'widget.act': { kind: 'act', granted: workers },
  'route.act': { kind: 'act', granted: workers },
});
declarePages(pageRoles);

/** Every declared action, pages included, in alphabetical order. */
export function declaredActions(): readonly Action[] {
  return [...rules.keys()].sort();
}

export function actionRule(action: Action): ActionRule | undefined {
  return rules.get(action);
}

/** Whether `subject` may do `action`, to `resource` where one is named. Unknown actions and roles: no. */
export function can(subject: Subject, action: Action, resource: Resource = {}): boolean {
  const rule = rules.get(action);
  if (!rule) return false;
  if ('scopes' in subject) return subject.scopes.includes('*') || subject.scopes.includes(action);
  if (rule.proof === 'password' && subject.provedBy === 'pin') return false;
  if (rule.kind === 'own') return subject.roles.some((role) => role !== 'display' && everybody.includes(role));
  if (rule.kind === 'read' && subject.roles.includes('manager')) return true;
  return rule.granted.some((grantee) => grants(subject, grantee, resource));
}

/** Whether `subject` may do `action` once the password is given, and not before. */
export function needsPassword(subject: Subject, action: Action, resource: Resource = {}): boolean {
  if ('scopes' in subject || subject.provedBy === undefined) return false;
  const { roles, departments, machines } = subject;
  return !can(subject, action, resource) && can({ roles, departments, machines }, action, resource);
}

/** Whether such a person has a right that asks for the password: then the account is a person's, never a device's. */
export function hasPasswordRights(of: Pick<UserIdentity, 'roles' | 'departments' | 'machines'>): boolean {
  return declaredActions().some((action) => actionRule(action)?.proof === 'password' && can(of, action));
}

/** Whether `subject` has what only administrators have, or `roles` hold nothing of it: nobody makes or administers more than themselves. */
export function mayAdminister(subject: Subject, roles: readonly Role[]): boolean {
  if (!roles.includes('admin')) return true;
  return [...rules].every(([action, { granted }]) => granted.some((one) => one !== 'admin') || can(subject, action));
}

/** Whether `subject` may hand on `scope`: an action that it has, or `*` where it has every one. Pages are nothing to a token. */
export function mayGiveScope(subject: Subject, scope: Action): boolean {
  if (scope !== '*') return can(subject, scope);
  return declaredActions().every((action) => action.startsWith('page:') || can(subject, action));
}

/** Every declared action that `subject` may do, for a page to hide what it can't. */
export function permissionsOf(subject: Subject): readonly Action[] {
  return declaredActions().filter((action) => can(subject, action));
}

/** Ids of the pages that `subject` may see. */
export function pagesOf(subject: Subject): readonly string[] {
  return permissionsOf(subject)
    .filter((action) => action.startsWith('page:'))
    .map((action) => action.slice('page:'.length));
}

function grants(
  user: Pick<UserIdentity, 'roles' | 'departments' | 'machines'>,
  grantee: Grantee,
  resource: Resource,
): boolean {
  const [role, department] = grantee.split(':') as [Role, Department | undefined];
  if (!user.roles.includes(role)) return false;
  if (!machineBoundRoles.includes(role)) return true;
  if (resource.machine !== undefined && !user.machines.includes(resource.machine)) return false;
  if (role !== 'operator') return true;
  if (department !== undefined && !user.departments.includes(department)) return false;
  return resource.department === undefined || user.departments.includes(resource.department);
}
