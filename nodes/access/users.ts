// What an administrator does to users; every change is one transaction with its audit line, and ends what it must end.
import { randomUUID } from 'node:crypto';
import type { Kysely, Updateable } from 'kysely';
import type { Clock } from '../core/clock.ts';
import { InvalidInput, ShopfloorError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { auditTurns, type Origin, recordAudit, writeAudit } from './audit.ts';
import { refuseCommonPassword } from './common-passwords.ts';
import { afterDays, oneTimeDays } from './lifetimes.ts';
import type { UserRow } from './messages.ts';
import type { AccessSchema } from './schema.ts';
import { readablePassword, type SecretHasher } from './secrets.ts';
import type { Sessions } from './sessions.ts';
import { departmentFaults, deviceFaults, parseBadge, parseNewUser, parsePin, parseUserChange } from './user-input.ts';
import { type Account, allAccounts, findAccount, userRow, writeBelongings } from './user-table.ts';

type Input = Readonly<Record<string, unknown>>;

export interface UserWithPassword {
  readonly row: UserRow;
  /** Present when it was generated: shown once, must be changed at the next login. */
  readonly oneTimePassword?: string;
}

export class Users {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #hasher: SecretHasher;
  readonly #sessions: Sessions;
  /** Salt of every badge, so that one can be looked up. */
  readonly #badgeSalt: Buffer;

  constructor(store: Store, clock: Clock, hasher: SecretHasher, sessions: Sessions, badgeSalt: Buffer) {
    this.#store = store;
    this.#clock = clock;
    this.#hasher = hasher;
    this.#sessions = sessions;
    this.#badgeSalt = badgeSalt;
  }

  async list(): Promise<readonly UserRow[]> {
    const counts = await this.#sessions.counts();
    const accounts = await allAccounts(this.#db);
    return accounts.map((account) => userRow(account, counts.get(account.identity.id) ?? 0));
  }

  async get(id: string): Promise<UserRow> {
    const counts = await this.#sessions.counts();
    return userRow(await this.#needed(this.#db, id), counts.get(id) ?? 0);
  }

  async create(input: Input, origin: Origin): Promise<UserWithPassword> {
    const user = parseNewUser(input);
    if (user.password !== undefined) refuseCommonPassword(user.password);
    const oneTimePassword = user.password === undefined ? readablePassword() : undefined;
    const passwordHash = await this.#hasher.hash(user.password ?? oneTimePassword ?? '');
    const id = randomUUID();
    const at = this.#now();
    await this.#refusingKnownLogin(user.login, () =>
      this.#store.transaction<AccessSchema, void>(async (db) => {
        await db
          .insertInto('access_user')
          .values({
            id,
            login: user.login,
            name: user.name,
            language: user.language,
            password_hash: passwordHash,
            pin_hash: null,
            badge_hash: null,
            must_change_password: oneTimePassword === undefined ? 0 : 1,
            one_time_until: oneTimePassword === undefined ? null : this.#oneTimeUntil(),
            shared_device: user.sharedDevice ? 1 : 0,
            locked_at: null,
            version: 1,
            created_at: at,
            last_login_at: null,
          })
          .execute();
        await writeBelongings(db, id, user);
        const detail = { name: user.name, roles: user.roles, departments: user.departments, machines: user.machines };
        await writeAudit(db, at, origin, { type: 'user-created', subject: user.login, detail });
      }, auditTurns),
    );
    return { row: await this.get(id), ...(oneTimePassword !== undefined && { oneTimePassword }) };
  }

  /** Other roles or departments end the user's sessions; other machines, name or language only reload the open pages. */
  async change(id: string, input: Input, origin: Origin): Promise<UserRow> {
    const change = parseUserChange(input);
    const at = this.#now();
    const before = await this.#store.transaction<AccessSchema, Account>(async (db) => {
      const account = await this.#needed(db, id);
      const { identity } = account;
      if (account.stored.version !== change.version) {
        throw new ShopfloorError('changed-meanwhile', 409, `${identity.login} was changed meanwhile.`, {
          hint: 'Read the user again.',
          current: userRow(account, 0),
        });
      }
      const next = { ...identity, sharedDevice: account.stored.shared_device === 1, ...change };
      const faults = [...departmentFaults(next.roles, next.departments), ...deviceFaults(next.sharedDevice, next)];
      if (faults.length > 0) throw new InvalidInput(faults, 'The change');
      await db
        .updateTable('access_user')
        .set({
          name: next.name,
          language: next.language,
          shared_device: next.sharedDevice ? 1 : 0,
          version: change.version + 1,
        })
        .where('id', '=', id)
        .execute();
      await writeBelongings(db, id, next);
      await this.#keepOneAdministrator(db);
      const detail = differences({ ...identity, sharedDevice: account.stored.shared_device === 1 }, next);
      await writeAudit(db, at, origin, { type: 'user-changed', subject: identity.login, detail });
      return account;
    }, auditTurns);
    const rightsOf = ({ identity, stored }: Account) =>
      JSON.stringify([identity.roles, identity.departments, stored.shared_device]);
    if (rightsOf(await this.#needed(this.#db, id)) === rightsOf(before)) {
      await this.#sessions.refreshAllOf(id);
    } else {
      await this.#sessions.endAllOf(id, 'changed');
    }
    return this.get(id);
  }

  async lock(id: string, reason: string | undefined, origin: Origin): Promise<UserRow> {
    const at = this.#now();
    await this.#update(id, { locked_at: at }, origin, 'user-locked', reason ? { reason } : {});
    await this.#sessions.endAllOf(id, 'locked');
    return this.get(id);
  }

  async unlock(id: string, origin: Origin): Promise<UserRow> {
    await this.#update(id, { locked_at: null }, origin, 'user-unlocked');
    return this.get(id);
  }

  async resetPassword(id: string, origin: Origin): Promise<UserWithPassword> {
    const oneTimePassword = readablePassword();
    const set = {
      password_hash: await this.#hasher.hash(oneTimePassword),
      must_change_password: 1,
      one_time_until: this.#oneTimeUntil(),
    };
    await this.#update(id, set, origin, 'password-reset');
    await this.#sessions.endAllOf(id, 'password-changed');
    return { row: await this.get(id), oneTimePassword };
  }

  /** @param except the session in which the person changes it, which goes on */
  async setPassword(id: string, password: string, origin: Origin, except?: string): Promise<void> {
    const set = {
      password_hash: await this.#hasher.hash(password),
      must_change_password: 0,
      one_time_until: null,
    };
    await this.#update(id, set, origin, 'password-changed');
    await this.#sessions.endAllOf(id, 'password-changed', except);
  }

  async setPin(id: string, pin: unknown, origin: Origin): Promise<UserRow> {
    const { identity } = await this.#needed(this.#db, id);
    const parsed = parsePin(pin, identity.roles);
    const set = {
      pin_hash: parsed === null ? null : await this.#hasher.hash(parsed),
      pin_digits: parsed?.length ?? null,
    };
    await this.#update(id, set, origin, parsed === null ? 'pin-removed' : 'pin-set');
    return this.get(id);
  }

  async setBadge(id: string, badge: unknown, origin: Origin): Promise<UserRow> {
    const parsed = parseBadge(badge);
    const set = { badge_hash: parsed === null ? null : await this.#hasher.lookupHash(parsed, this.#badgeSalt) };
    try {
      await this.#update(id, set, origin, parsed === null ? 'badge-removed' : 'badge-set');
    } catch (error) {
      if (!(error instanceof StoreError) || error.fault !== 'constraint') throw error;
      throw new ShopfloorError('badge-taken', 409, 'This badge belongs to somebody else.', { cause: error });
    }
    return this.get(id);
  }

  async setLanguage(id: string, language: unknown, origin: Origin): Promise<void> {
    const change = parseUserChange({ version: 0, language });
    await this.#update(id, { language: change.language ?? 'id' }, origin, 'language-changed', { language });
  }

  async endSessions(id: string, origin: Origin): Promise<UserRow> {
    const { identity } = await this.#needed(this.#db, id);
    const ended = await this.#sessions.endAllOf(id, 'logged-out');
    await recordAudit(this.#store, this.#now(), origin, {
      type: 'sessions-ended',
      subject: identity.login,
      detail: { ended },
    });
    return this.get(id);
  }

  badgeHash(badge: string): Promise<string> {
    return this.#hasher.lookupHash(badge, this.#badgeSalt);
  }

  get #db(): Kysely<AccessSchema> {
    return this.#store.db<AccessSchema>();
  }

  #oneTimeUntil(): string {
    return afterDays(this.#clock.now(), oneTimeDays);
  }

  #now(): string {
    return this.#clock.now().toISOString();
  }

  async #update(
    id: string,
    set: Updateable<AccessSchema['access_user']>,
    origin: Origin,
    type: string,
    detail: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const at = this.#now();
    await this.#store.transaction<AccessSchema, void>(async (db) => {
      const { identity, stored } = await this.#needed(db, id);
      await db
        .updateTable('access_user')
        .set({ ...set, version: stored.version + 1 })
        .where('id', '=', id)
        .execute();
      await this.#keepOneAdministrator(db);
      await writeAudit(db, at, origin, { type, subject: identity.login, detail });
    }, auditTurns);
  }

  async #needed(db: Kysely<AccessSchema>, id: string): Promise<Account> {
    const account = await findAccount(db, { id });
    if (!account) throw new ShopfloorError('unknown-user', 404, 'There is no such user.');
    return account;
  }

  /** Rolls back what would leave nobody who can let others in. */
  async #keepOneAdministrator(db: Kysely<AccessSchema>): Promise<void> {
    const left = await db
      .selectFrom('access_user')
      .innerJoin('access_user_role', 'access_user_role.user_id', 'access_user.id')
      .select('access_user.id')
      .where('access_user_role.role', '=', 'admin')
      .where('access_user.locked_at', 'is', null)
      .executeTakeFirst();
    if (left) return;
    throw new ShopfloorError('last-administrator', 409, 'This would leave no administrator.', {
      hint: 'Make somebody else an administrator first.',
    });
  }

  async #refusingKnownLogin(login: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof StoreError) || error.fault !== 'constraint') throw error;
      throw new ShopfloorError('login-taken', 409, `The login ${login} is taken.`, { cause: error });
    }
  }
}

/** `{roles: {from, to}}` for each property that differs. */
function differences(before: object, after: object): Readonly<Record<string, unknown>> {
  const fields = ['name', 'roles', 'departments', 'machines', 'language', 'sharedDevice'];
  const changed = fields.flatMap((field) => {
    const [from, to] = [Reflect.get(before, field) as unknown, Reflect.get(after, field) as unknown];
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [[field, { from, to }] as const];
  });
  return Object.fromEntries(changed);
}
