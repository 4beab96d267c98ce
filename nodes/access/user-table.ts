// Reads and writes users and what belongs to them: the only place that knows their tables.
import type { Kysely, Selectable } from 'kysely';
import {
  type Department,
  departments,
  type Language,
  languages,
  type Role,
  roles,
  type UserIdentity,
  type UserRow,
} from './messages.ts';
import type { AccessSchema } from './schema.ts';

export type StoredUser = Selectable<AccessSchema['access_user']>;

/** A user with everything that a decision needs; read anew for every decision. */
export interface Account {
  readonly identity: UserIdentity;
  readonly stored: StoredUser;
}

export interface Belongings {
  readonly roles: readonly Role[];
  readonly departments: readonly Department[];
  readonly machines: readonly string[];
}

export async function findAccount(
  db: Kysely<AccessSchema>,
  by: { readonly id: string } | { readonly login: string } | { readonly badgeHash: string },
): Promise<Account | undefined> {
  const query = db.selectFrom('access_user').selectAll();
  const stored = await ('id' in by
    ? query.where('id', '=', by.id)
    : 'login' in by
      ? query.where('login', '=', by.login.trim().toLowerCase())
      : query.where('badge_hash', '=', by.badgeHash)
  ).executeTakeFirst();
  if (!stored) return undefined;
  const [account] = await withBelongings(db, [stored]);
  return account;
}

/** Everybody, by login. */
export async function allAccounts(db: Kysely<AccessSchema>): Promise<readonly Account[]> {
  return withBelongings(db, await db.selectFrom('access_user').selectAll().orderBy('login').execute());
}

export async function writeBelongings(db: Kysely<AccessSchema>, userId: string, of: Belongings): Promise<void> {
  await db.deleteFrom('access_user_role').where('user_id', '=', userId).execute();
  await db.deleteFrom('access_user_department').where('user_id', '=', userId).execute();
  await db.deleteFrom('access_user_machine').where('user_id', '=', userId).execute();
  const userRoles = of.roles.map((role) => ({ user_id: userId, role }));
  const userDepartments = of.departments.map((department) => ({ user_id: userId, department }));
  const userMachines = of.machines.map((machine) => ({ user_id: userId, machine }));
  if (userRoles.length > 0) await db.insertInto('access_user_role').values(userRoles).execute();
  if (userDepartments.length > 0) await db.insertInto('access_user_department').values(userDepartments).execute();
  if (userMachines.length > 0) await db.insertInto('access_user_machine').values(userMachines).execute();
}

export function userRow({ identity, stored }: Account, sessions: number): UserRow {
  return {
    ...identity,
    locked: stored.locked_at !== null,
    hasPin: stored.pin_hash !== null,
    hasBadge: stored.badge_hash !== null,
    sharedDevice: stored.shared_device === 1,
    mustChangePassword: stored.must_change_password === 1,
    lastLoginAt: stored.last_login_at,
    sessions,
    version: stored.version,
  };
}

async function withBelongings(db: Kysely<AccessSchema>, users: readonly StoredUser[]): Promise<readonly Account[]> {
  const ids = users.map((user) => user.id);
  if (ids.length === 0) return [];
  const userRoles = await db.selectFrom('access_user_role').selectAll().where('user_id', 'in', ids).execute();
  const userDepartments = await db
    .selectFrom('access_user_department')
    .selectAll()
    .where('user_id', 'in', ids)
    .execute();
  const userMachines = await db
    .selectFrom('access_user_machine')
    .selectAll()
    .where('user_id', 'in', ids)
    .orderBy('machine')
    .execute();
  return users.map((stored) => ({
    stored,
    identity: {
      id: stored.id,
      login: stored.login,
      name: stored.name,
      // In the order of the declaration, and only what this version knows.
      roles: roles.filter((role) => userRoles.some((row) => row.user_id === stored.id && row.role === role)),
      departments: departments.filter((department) =>
        userDepartments.some((row) => row.user_id === stored.id && row.department === department),
      ),
      machines: userMachines.filter((row) => row.user_id === stored.id).map((row) => row.machine),
      language: languages.find((language) => language === stored.language) ?? ('id' satisfies Language),
    },
  }));
}
