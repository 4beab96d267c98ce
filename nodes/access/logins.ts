// Logging in and switching the person at a shared tablet: throttled, the same answer for every wrong guess, and always audited.
import type { Clock } from '../core/clock.ts';
import { ShopfloorError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';
import { auditTurns, recordAudit, writeAudit } from './audit.ts';
import { refuseCommonPassword } from './common-passwords.ts';
import { isDeviceAccount } from './device-account.ts';
import type { KnownDevices } from './known-devices.ts';
import type { Caller, LoginAttempts } from './login-attempts.ts';
import { pinDigitsFor } from './pin-rules.ts';
import { can } from './policy.ts';
import type { Refusals } from './refusals.ts';
import type { AccessSchema } from './schema.ts';
import type { SecretHasher } from './secrets.ts';
import type { Session, Sessions } from './sessions.ts';
import { checkPassword } from './user-input.ts';
import { type Account, findAccount } from './user-table.ts';
import type { Users } from './users.ts';

export class LoginRefused extends ShopfloorError {
  constructor(code: 'wrong-login' | 'locked' | 'pin-outgrown' | 'one-time-over', message: string) {
    super(code, 401, message);
  }
}

export interface PasswordLogin {
  readonly login: string;
  readonly password: string;
  readonly address: string;
  /** Cookie of a browser that may have opened the account before. */
  readonly device?: string | undefined;
  /** A tablet that several people use: they switch with PIN or badge. */
  readonly shared: boolean;
  /** Session of the cookie that came along: ended, never continued. */
  readonly previous?: string | undefined;
}

/** A PIN proves little, so it works only within the session of a shared tablet. */
export type Switch = { readonly badge: string } | { readonly login: string; readonly pin: string };

interface Collaborators {
  readonly store: Store;
  readonly clock: Clock;
  readonly hasher: SecretHasher;
  readonly sessions: Sessions;
  readonly attempts: LoginAttempts;
  readonly users: Users;
  readonly devices: KnownDevices;
  readonly refusals: Refusals;
}

/** A session of a page that was opened. */
export interface OpenedPage {
  readonly cookie: string;
  readonly account: Account;
  /** Cookie by which this browser is known from now on. */
  readonly device: string;
}

export class Logins {
  readonly #with: Collaborators;

  constructor(collaborators: Collaborators) {
    this.#with = collaborators;
  }

  /** Opens a session; returns its cookie. Throws LoginRefused or TooManyAttempts. */
  async open(given: PasswordLogin): Promise<OpenedPage> {
    const account = await this.verifyPassword(given.login, given.password, given);
    if (given.shared && !isDeviceAccount(account)) {
      throw new ShopfloorError('not-a-device', 403, 'This account is not one of a shared tablet.', {
        hint: 'Log in without "Shared tablet", or have an administrator make an account for the tablet.',
      });
    }
    if (given.previous !== undefined) await this.#with.sessions.end(given.previous, 'logged-out');
    const cookie = await this.#with.sessions.open(account.identity.id, given);
    await this.#entered('login', account, given.address, given.shared ? { shared: true } : {});
    return { cookie, account, device: await this.#with.devices.remember(given.device, account.identity.id) };
  }

  /** Opens a session of the editor for somebody who may use it; returns its token. Throws as `open`, and 403. */
  async openEditor(
    login: string,
    password: string,
    caller: Caller,
  ): Promise<{ readonly login: string; readonly token: string }> {
    const account = await this.verifyPassword(login, password, caller);
    const { identity, stored } = account;
    if (stored.must_change_password === 1 || !can(identity, 'editor.use')) {
      throw new ShopfloorError('forbidden', 403, `${identity.login} may not use the editor.`);
    }
    const at = { address: caller.address, shared: false, kind: 'editor' } as const;
    const token = await this.#with.sessions.open(identity.id, at);
    await this.#entered('editor-login', account, caller.address);
    return { login: identity.login, token };
  }

  /** Somebody leaves the editor; a token that opens none changes nothing. */
  async leaveEditor(token: string, address: string): Promise<void> {
    const session = await this.#with.sessions.find(token, false, 'editor');
    if (!session) return;
    // The trail first: once the token opens nothing any more, its row is there.
    await this.#audit('editor-logout', session.account.identity.login, address);
    await this.#with.sessions.end(session.id, 'logged-out');
  }

  async #entered(type: string, { identity }: Account, address: string, detail: object = {}): Promise<void> {
    const at = this.#with.clock.now().toISOString();
    await this.#with.store.transaction<AccessSchema, void>(async (db) => {
      await db.updateTable('access_user').set({ last_login_at: at }).where('id', '=', identity.id).execute();
      const origin = { actor: identity.login, address };
      await writeAudit(db, at, origin, { type, subject: identity.login, detail: { ...detail } });
    }, auditTurns);
  }

  /** The account behind login and password, without opening a session. */
  async verifyPassword(login: string, password: string, caller: Caller): Promise<Account> {
    const { attempts, devices, hasher, store } = this.#with;
    const { address, device } = caller;
    const name = login.trim().toLowerCase().slice(0, 100);
    const knownDevice = (await devices.knows(device, name)) ? device : undefined;
    const giveBack = await attempts.take(`login:${name}`, { address, knownDevice });
    const account = await findAccount(store.db<AccessSchema>(), { login: name });
    // A longer text than any password is not worth hashing.
    const { isRight, renewed } = await hasher.check(password.slice(0, 1000), account?.stored.password_hash);
    if (!account || !isRight) {
      await this.#failed('login-failed', name, address);
      throw new LoginRefused('wrong-login', 'Login or password is wrong.');
    }
    await giveBack();
    if (account.stored.locked_at !== null) {
      await this.#failed('login-locked', name, address);
      throw new LoginRefused('locked', 'This account is locked. Ask an administrator.');
    }
    this.#refuseOneTimeOver(account);
    if (renewed !== undefined) await this.#renew(account, 'password_hash', renewed);
    return account;
  }

  #refuseOneTimeOver({ stored }: Account): void {
    if (stored.must_change_password === 0 || stored.one_time_until === null) return;
    if (this.#with.clock.now().toISOString() < stored.one_time_until) return;
    throw new LoginRefused('one-time-over', 'This one-time password is over. Ask an administrator for another one.');
  }

  /** Puts a person in front of a shared tablet; returns the session's new cookie. */
  async switchPerson(session: Session, given: Switch, address: string): Promise<string> {
    if (!session.shared) {
      throw new ShopfloorError('not-shared', 403, 'This is not the session of a shared tablet.', {
        hint: 'Log the tablet in with "Shared tablet" ticked.',
      });
    }
    const person = await this.#personOf(session, given, address);
    const cookie = await this.#with.sessions.switchPerson(session.id, person.identity.id);
    await this.#audit('person-switched', person.identity.login, address, {
      tablet: session.account.identity.login,
      by: 'badge' in given ? 'badge' : 'pin',
    });
    return cookie;
  }

  /** The person at a shared tablet proves with the password what a PIN or badge does not carry. */
  async stepUp(session: Session, password: string, address: string): Promise<void> {
    refuseWithoutPerson(session);
    const { login } = session.user.identity;
    await this.verifyPassword(login, password, { address });
    await this.#with.sessions.stepUp(session.id);
    await this.#audit('password-confirmed', login, address, { tablet: session.account.identity.login });
  }

  /** The person leaves; the tablet stays logged in as itself. Refused where no person is at a tablet: nothing would change. */
  async leave(session: Session, address: string): Promise<string> {
    refuseWithoutPerson(session);
    const cookie = await this.#with.sessions.switchPerson(session.id, null);
    await this.#audit('person-left', session.user.identity.login, address, { tablet: session.account.identity.login });
    return cookie;
  }

  async logOut(session: Session, address: string): Promise<void> {
    await this.#with.sessions.end(session.id, 'logged-out');
    await this.#audit('logout', session.user.identity.login, address);
  }

  /** A person changes the own password: the present one proves that it is the person, not an open screen. */
  async changeOwnPassword(session: Session, current: string, next: unknown, address: string): Promise<void> {
    const { identity } = session.user;
    await this.verifyPassword(identity.login, current, { address });
    const password = checkPassword(next, identity.login);
    refuseCommonPassword(password);
    if (password === current) {
      throw new ShopfloorError('same-password', 400, 'The new password is the present one.', {
        fields: [{ field: 'next', message: 'must differ from the present one' }],
      });
    }
    await this.#with.users.setPassword(identity.id, password, { actor: identity.login, address }, session.id);
  }

  /** A person sets the own PIN, proved by the password; null takes it away. */
  async changeOwnPin(session: Session, password: string, pin: unknown, address: string): Promise<void> {
    const { identity } = session.user;
    await this.verifyPassword(identity.login, password, { address });
    await this.#with.users.setPin(identity.id, pin, { actor: identity.login, address });
  }

  async #personOf(session: Session, given: Switch, address: string): Promise<Account> {
    const { attempts, hasher, users, store } = this.#with;
    const db = store.db<AccessSchema>();
    const name = 'login' in given ? given.login.trim().toLowerCase() : '';
    // Counted at this tablet, from whichever address: guesses at another one make nobody wait here.
    const tablet = `tablet:${session.account.identity.login}`;
    const giveBack = await attempts.take('login' in given ? `pin:${name}` : 'badge', { address: tablet });
    const person =
      'badge' in given
        ? await findAccount(db, { badgeHash: await users.badgeHash(given.badge.slice(0, 200)) })
        : await findAccount(db, { login: name });
    const { isRight, renewed } =
      'badge' in given
        ? { isRight: person !== undefined, renewed: undefined }
        : await hasher.check(given.pin.slice(0, 200), person?.stored.pin_hash ?? undefined);
    if (!person || !isRight) {
      await this.#failed('switch-failed', name || null, address);
      throw new LoginRefused('wrong-login', 'Badge, login or PIN is wrong.');
    }
    await giveBack();
    if (person.stored.locked_at !== null) {
      await this.#failed('switch-locked', person.identity.login, address);
      throw new LoginRefused('locked', 'This account is locked. Ask an administrator.');
    }
    if ('pin' in given) await this.#refuseOutgrown(person, given.pin);
    if (renewed !== undefined) await this.#renew(person, 'pin_hash', renewed);
    return person;
  }

  /** A PIN of before its length was kept is as long as what was typed; one that is too short for the roles opens nothing. */
  async #refuseOutgrown({ identity, stored }: Account, pin: string): Promise<void> {
    if (stored.pin_digits === null) {
      await this.#with.store
        .db<AccessSchema>()
        .updateTable('access_user')
        .set({ pin_digits: pin.length })
        .where('id', '=', identity.id)
        .where('pin_hash', '=', stored.pin_hash)
        .execute();
    }
    if (pin.length < pinDigitsFor(identity.roles)) {
      throw new LoginRefused(
        'pin-outgrown',
        'This PIN is too short for your roles. Log in with the password and choose a longer one.',
      );
    }
  }

  /** Keeps the hash of a secret that was just proved as it is made today, unless the secret was changed meanwhile. */
  async #renew({ identity, stored }: Account, column: 'password_hash' | 'pin_hash', renewed: string): Promise<void> {
    await this.#with.store
      .db<AccessSchema>()
      .updateTable('access_user')
      .set({ [column]: renewed })
      .where('id', '=', identity.id)
      .where(column, '=', stored[column])
      .execute();
  }

  async #failed(type: string, subject: string | null, address: string): Promise<void> {
    await this.#with.refusals.note({ type, actor: 'unknown', subject: subject?.slice(0, 64) ?? null, address });
  }

  async #audit(
    type: string,
    actor: string,
    address: string,
    detail: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const at = this.#with.clock.now().toISOString();
    await recordAudit(this.#with.store, at, { actor, address }, { type, subject: actor, detail });
  }
}

function refuseWithoutPerson(session: Session): void {
  if (session.personActive) return;
  throw new ShopfloorError('no-person', 409, 'No person is at this tablet.', { hint: 'Switch to a person first.' });
}
