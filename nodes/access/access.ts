// The access room of one process: its store, its users and sessions, and the vouchers it gives.
import { randomBytes } from 'node:crypto';
import type { Actor } from '../batch/messages.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Store } from '../store/store.ts';
import type { Voucher } from './actor.ts';
import { ApiTokens, type TokenHolder } from './api-tokens.ts';
import { type AuditQuery, readAudit } from './audit.ts';
import { firstAdministrator } from './first-administrator.ts';
import { underRoot } from './http-root.ts';
import { KnownDevices } from './known-devices.ts';
import { LoginAttempts } from './login-attempts.ts';
import { Logins } from './logins.ts';
import type { AuditRow, PageSetup, UserIdentity } from './messages.ts';
import { can, declaredActions, needsPassword, pagesOf, permissionsOf, type Subject } from './policy.ts';
import { type Refusal, Refusals } from './refusals.ts';
import { type AccessSchema, accessMigrations } from './schema.ts';
import type { SecretCost } from './secret-derivation.ts';
import { SecretHasher, signatureOf } from './secrets.ts';
import { defaultLimits, type SessionLimits } from './session-limits.ts';
import { type Session, Sessions } from './sessions.ts';
import { Users } from './users.ts';

export interface AccessConfiguration {
  readonly openStore: () => Promise<Store>;
  readonly clock?: Clock;
  readonly limits?: Partial<SessionLimits>;
  readonly cost?: SecretCost;
  /** SHOPFLOOR_API_TOKEN. */
  readonly apiToken?: string | undefined;
  /** SHOPFLOOR_ADMIN_PASSWORD, for the first administrator only. */
  readonly adminPassword?: string | undefined;
  /** Prints the generated password of the first administrator, once. */
  readonly announce?: (text: string) => void;
}

/** Everything that works once the store is open. */
export interface AccessRooms {
  readonly store: Store;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly tokens: ApiTokens;
  readonly logins: Logins;
  readonly refusals: Refusals;
}

const sweepEveryMs = 60_000;

export class Access {
  readonly clock: Clock;
  readonly limits: SessionLimits;
  readonly #configuration: AccessConfiguration;
  /** Signs what this process hands out for a short time: form tokens and client proofs. */
  readonly #processKey = randomBytes(32);
  #rooms: Promise<AccessRooms> | undefined;
  #cancelSweep: (() => void) | undefined;
  readonly #readyListeners = new Set<(rooms: AccessRooms) => void>();
  #openSessions: () => readonly string[] = () => [];

  constructor(configuration: AccessConfiguration) {
    this.#configuration = configuration;
    this.clock = configuration.clock ?? systemClock;
    this.limits = { ...defaultLimits, ...configuration.limits };
  }

  /** Opens the store on first use; while that fails, each call tries again and rejects with the StoreError. */
  ready(): Promise<AccessRooms> {
    this.#rooms ??= this.#open();
    this.#rooms.catch(() => {
      this.#rooms = undefined;
    });
    return this.#rooms;
  }

  /** Told each time the store has been opened, before anybody is let in. */
  onReady(listener: (rooms: AccessRooms) => void): void {
    this.#readyListeners.add(listener);
  }

  /** Tells the sweep which sessions have open pages, so that one which another process ended ends here too. */
  watchSessions(openSessions: () => readonly string[]): void {
    this.#openSessions = openSessions;
  }

  async close(): Promise<void> {
    this.#cancelSweep?.();
    const rooms = this.#rooms;
    this.#rooms = undefined;
    const open = await rooms;
    // What can't be written any more is a number that nobody can read.
    await open?.refusals.close().catch(() => {});
    await open?.store.close();
  }

  /** @param active whether a person did something just now, which puts the idle end off */
  async sessionOf(cookie: string | undefined, active = true): Promise<Session | undefined> {
    if (cookie === undefined || cookie.length > 200) return undefined;
    return (await this.ready()).sessions.find(cookie, active);
  }

  async tokenOf(token: string): Promise<TokenHolder | undefined> {
    return token.length > 500 ? undefined : (await this.ready()).tokens.find(token);
  }

  /** A person's voucher: good only while this person is behind this session and has no password to change first. */
  sessionVoucher(sessionId: string, login: string): Voucher {
    const actor: Actor = { name: login, via: 'session' };
    return voucherWith(actor, async () => {
      // Who asks what somebody may do is not that person doing something.
      const session = await (await this.ready()).sessions.findById(sessionId, false);
      return session?.user.identity.login !== login || mustChangePassword(session) ? undefined : session.user.identity;
    });
  }

  tokenVoucher({ id, name }: TokenHolder): Voucher {
    const actor: Actor = { name: id === 'environment' ? name : `token ${name}`, via: 'http' };
    return voucherWith(actor, async () => (await this.ready()).tokens.findById(id));
  }

  async audit(query: AuditQuery): Promise<{ readonly rows: readonly AuditRow[]; readonly total: number }> {
    const { store, refusals } = await this.ready();
    await refusals.flush();
    return readAudit(store.db<AccessSchema>(), query);
  }

  /** Counts what was refused; a store that is away has answered the sender already. */
  noteRefusal(refusal: Refusal): void {
    this.ready()
      .then(({ refusals }) => refusals.note(refusal))
      .catch(() => {});
  }

  /** Signs `text` for the life of this process. */
  sign(purpose: 'form' | 'client', text: string): string {
    return signatureOf(this.#processKey, `${purpose}:${text}`);
  }

  async #open(): Promise<AccessRooms> {
    const { openStore, cost, apiToken, adminPassword, announce } = this.#configuration;
    const { clock } = this;
    const store = await openStore();
    try {
      await store.migrate('access', accessMigrations(store.engine));
      const hasher = new SecretHasher(cost);
      const sessions = new Sessions(store, clock, this.limits);
      const attempts = new LoginAttempts(store, clock);
      const users = new Users(store, clock, hasher, sessions, await badgeSalt(store));
      const devices = new KnownDevices(store, clock);
      const refusals = new Refusals(store, clock);
      const logins = new Logins({ store, clock, hasher, sessions, attempts, users, devices, refusals });
      const tokens = new ApiTokens(store, clock, apiToken);
      await firstAdministrator({ store, clock, hasher, adminPassword, announce });
      this.#sweepLater(() => [
        sessions.sweep(this.#openSessions()),
        attempts.forgetOld(),
        devices.forgetOld(),
        refusals.forgetOld(),
      ]);
      const rooms = { store, users, sessions, tokens, logins, refusals };
      for (const listener of this.#readyListeners) listener(rooms);
      return rooms;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  #sweepLater(sweep: () => readonly Promise<unknown>[]): void {
    this.#cancelSweep = this.clock.after(sweepEveryMs, () => {
      // A database that is away now is asked again in a minute; nobody is let in meanwhile.
      Promise.all(sweep())
        .catch(() => {})
        .finally(() => {
          if (this.#rooms) this.#sweepLater(sweep);
        });
    });
  }
}

/** Somebody has a one-time password, by which they came in or, at a shared tablet, still have to. */
export function mustChangePassword({ user }: Session): boolean {
  return user.stored.must_change_password === 1;
}

function voucherWith(actor: Actor, rights: () => Promise<Subject | undefined>): Voucher {
  return {
    actor,
    rights,
    may: async (action, resource) => {
      const subject = await rights();
      return subject !== undefined && can(subject, action, resource);
    },
  };
}

/** What a page may know of its user. */
export function pageSetup(session: Session, timeZone: string): PageSetup {
  const user: UserIdentity = session.user.identity;
  return {
    user,
    permissions: permissionsOf(user),
    ...(session.personActive && { withPassword: declaredActions().filter((action) => needsPassword(user, action)) }),
    pages: pagesOf(user),
    ...(session.shared && {
      sharedDevice: { account: session.account.identity.name, personActive: session.personActive },
    }),
    timeZone,
    loginPath: underRoot('/login'),
    logoutPath: underRoot('/logout'),
  };
}

/** One salt for the badges of this plant, made with the database. */
async function badgeSalt(store: Store): Promise<Buffer> {
  const db = store.db<AccessSchema>();
  await db
    .insertInto('access_secret')
    .values({ name: 'badge-salt', value: randomBytes(16).toString('base64url') })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const { value } = await db
    .selectFrom('access_secret')
    .select('value')
    .where('name', '=', 'badge-salt')
    .executeTakeFirstOrThrow();
  return Buffer.from(value, 'base64url');
}
