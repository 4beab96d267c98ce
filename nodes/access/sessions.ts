// Sessions in the store: who is behind a cookie right now, for how long, and who works at a shared tablet.

import type { Kysely, Selectable } from 'kysely';
import type { Clock } from '../core/clock.ts';
import { isAhead, isDueAgain } from '../core/instants.ts';
import type { Store } from '../store/store.ts';
import { isDeviceAccount } from './device-account.ts';
import type { SessionEnded } from './messages.ts';
import { PassingNotes } from './passing-notes.ts';
import type { AccessSchema, SessionKind } from './schema.ts';
import { digestOf, randomToken } from './secrets.ts';
import { defaultLimits, type SessionLimits } from './session-limits.ts';
import { type Account, findAccount } from './user-table.ts';

/** The write that remembers activity is worth making once a minute. */
const touchEveryMs = 60_000;

export interface Session {
  /** Digest of the cookie: names the session, opens nothing. */
  readonly id: string;
  readonly kind: SessionKind;
  /** Whose rights hold now: the person, or the account that opened the session. */
  readonly user: Account;
  readonly account: Account;
  readonly shared: boolean;
  readonly personActive: boolean;
}

export interface SessionStart {
  readonly address: string;
  /** A tablet that people share; only a device account can be one. */
  readonly shared: boolean;
  readonly kind?: SessionKind;
}

/** @param kinds of the sessions that ended */
export type EndListener = (
  sessionIds: readonly string[],
  reason: SessionEnded['reason'],
  kinds: ReadonlySet<SessionKind>,
) => void;

type SessionRow = Selectable<AccessSchema['access_session']>;

/** Wall screens and shared tablets stay for months; a session with a person's rights never does, however it was opened. */
function isDeviceSession(row: Pick<SessionRow, 'shared'>, account: Account): boolean {
  const isScreen = account.identity.roles.every((role) => role === 'display');
  return (row.shared === 1 || isScreen) && isDeviceAccount(account);
}

export class Sessions {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #limits: SessionLimits;
  readonly #listeners = new Set<EndListener>();
  readonly #notes = new PassingNotes();

  constructor(store: Store, clock: Clock, limits: SessionLimits = defaultLimits) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Told after the end is in the store; returns the function that stops it. */
  onEnd(listener: EndListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Opens a session with an id that nobody has seen before, and returns its cookie, or the editor's token. */
  async open(accountId: string, at: SessionStart): Promise<string> {
    const cookie = randomToken();
    const now = this.#clock.now().toISOString();
    const row: SessionRow = {
      id: digestOf(cookie),
      account_id: accountId,
      person_id: null,
      shared: at.shared ? 1 : 0,
      created_at: now,
      seen_at: now,
      person_seen_at: null,
      person_password_at: null,
      kind: at.kind ?? 'page',
      address: at.address,
    };
    await this.#db.insertInto('access_session').values(row).execute();
    return cookie;
  }

  /**
   * The session behind a cookie; undefined when there is none, it is over, or its user is locked.
   * @param active whether a person did something, which puts the idle end off; a page that asks by itself did not
   */
  async find(cookie: string, active = true, kind: SessionKind = 'page'): Promise<Session | undefined> {
    const session = await this.findById(digestOf(cookie), active);
    return session?.kind === kind ? session : undefined;
  }

  /** @param active as for `find` */
  async findById(id: string, active = true): Promise<Session | undefined> {
    // Before reading: what is read can only be newer, so nobody is thrown out for what was seen late.
    const now = this.#clock.now();
    const stored = await this.#db.selectFrom('access_session').selectAll().where('id', '=', id).executeTakeFirst();
    const row = stored && (await this.#believed(stored, now));
    const account = row && (await findAccount(this.#db, { id: row.account_id }));
    if (!row || !account) return undefined;
    if (account.stored.locked_at !== null) return this.#over(id, 'locked');
    if (this.#isOver(row, account, now)) return this.#over(id, 'expired');
    const shared = row.shared === 1 && isDeviceAccount(account);
    const person = shared ? await this.#personAt(row, now) : undefined;
    if (active) await this.#touch(row, person !== undefined);
    return {
      id,
      kind: row.kind,
      account,
      user: person ?? account,
      shared,
      personActive: person !== undefined,
    };
  }

  /** The person at a shared tablet has given the password: for `stepUpMs` it carries what asks for it. */
  async stepUp(id: string): Promise<void> {
    const now = this.#clock.now().toISOString();
    await this.#db
      .updateTable('access_session')
      .set({ person_password_at: now })
      .where('id', '=', id)
      .where('person_id', 'is not', null)
      .execute();
  }

  /**
   * Sets or clears the person at a shared tablet. The session goes on under a new id: with other rights, an old cookie must
   * not work any more. Returns the new cookie.
   */
  async switchPerson(id: string, personId: string | null): Promise<string> {
    const cookie = randomToken();
    const now = this.#clock.now().toISOString();
    await this.#store.transaction<AccessSchema, void>(async (db) => {
      const row = await db.selectFrom('access_session').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
      await db.deleteFrom('access_session').where('id', '=', id).execute();
      const person = {
        person_id: personId,
        person_seen_at: personId === null ? null : now,
        person_password_at: null,
      };
      await db
        .insertInto('access_session')
        .values({ ...row, id: digestOf(cookie), seen_at: now, ...person })
        .execute();
    });
    this.#tell([id], 'changed');
    return cookie;
  }

  async end(id: string, reason: SessionEnded['reason']): Promise<void> {
    const ended = await this.#db.deleteFrom('access_session').where('id', '=', id).returning('kind').execute();
    this.#tell([id], reason, ended);
  }

  /** Ends every session of a user, and the user's turn at every shared tablet. @param except a session that goes on */
  async endAllOf(userId: string, reason: SessionEnded['reason'], except?: string): Promise<number> {
    const rows = await this.#store.transaction<AccessSchema, readonly SessionRow[]>(async (db) => {
      const all = await db
        .selectFrom('access_session')
        .selectAll()
        .where((eb) => eb.or([eb('account_id', '=', userId), eb('person_id', '=', userId)]))
        .execute();
      const ending = all.filter((row) => row.id !== except);
      const own = ending.filter((row) => row.account_id === userId).map((row) => row.id);
      if (own.length > 0) await db.deleteFrom('access_session').where('id', 'in', own).execute();
      await db
        .updateTable('access_session')
        .set({ person_id: null, person_seen_at: null })
        .where('person_id', '=', userId)
        .where('id', '!=', except ?? '')
        .execute();
      return ending;
    });
    const turns = rows.filter((row) => row.account_id !== userId).map((row) => row.id);
    const own = rows.filter((row) => row.account_id === userId);
    this.#tell(
      own.map((row) => row.id),
      reason,
      own,
    );
    this.#tell(turns, 'changed');
    return rows.length;
  }

  /** Tells every open page of a user to load itself again, because what it shows of the user is old. */
  async refreshAllOf(userId: string): Promise<void> {
    const rows = await this.#db
      .selectFrom('access_session')
      .select('id')
      .where((eb) => eb.or([eb('account_id', '=', userId), eb('person_id', '=', userId)]))
      .execute();
    this.#tell(
      rows.map((row) => row.id),
      'changed',
    );
  }

  /** Number of sessions, mapped by user id. */
  async counts(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#db
      .selectFrom('access_session')
      .select(['account_id', (eb) => eb.fn.countAll<number>().as('sessions')])
      .groupBy('account_id')
      .execute();
    return new Map(rows.map((row) => [row.account_id, row.sessions]));
  }

  /**
   * Ends what is over although nobody asks: called every minute, so that an open page does not outlive its session.
   * @param open sessions with open pages: those that are not in the store any more were ended by another process
   */
  async sweep(open: readonly string[] = []): Promise<void> {
    const rows = await this.#db.selectFrom('access_session').select('id').execute();
    for (const { id } of rows) await this.findById(id, false);
    const known = new Set(rows.map((row) => row.id));
    this.#tell(
      open.filter((id) => !known.has(id)),
      'expired',
    );
  }

  get #db(): Kysely<AccessSchema> {
    return this.#store.db<AccessSchema>();
  }

  #isOver(row: SessionRow, account: Account, at: Date): boolean {
    const now = at.getTime();
    const ageMs = now - Date.parse(row.created_at);
    if (row.kind === 'editor') return ageMs >= this.#limits.editorMs;
    if (isDeviceSession(row, account)) return ageMs >= this.#limits.deviceAbsoluteMs;
    return ageMs >= this.#limits.absoluteMs || now - Date.parse(row.seen_at) >= this.#limits.idleMs;
  }

  async #over(id: string, reason: SessionEnded['reason']): Promise<undefined> {
    await this.end(id, reason);
    return undefined;
  }

  /** The person at a shared tablet, unless gone or locked: then the tablet is its own again. */
  async #personAt(row: SessionRow, now: Date): Promise<Account | undefined> {
    if (row.person_id === null || row.person_seen_at === null) return undefined;
    const person = await findAccount(this.#db, { id: row.person_id });
    const idleMs = now.getTime() - Date.parse(row.person_seen_at);
    // Seen by another request a moment later than this one began; further ahead only a clock that was set back.
    const isHere = idleMs > -touchEveryMs && idleMs < this.#limits.personIdleMs;
    if (person && person.stored.locked_at === null && isHere) {
      const passwordMs =
        row.person_password_at === null ? undefined : now.getTime() - Date.parse(row.person_password_at);
      // Of an instant in the future nobody knows how long ago it was.
      const isProved = passwordMs !== undefined && passwordMs >= 0 && passwordMs < this.#limits.stepUpMs;
      return isProved ? person : { ...person, identity: { ...person.identity, provedBy: 'pin' } };
    }
    await this.#db
      .updateTable('access_session')
      .set({ person_id: null, person_seen_at: null })
      .where('id', '=', row.id)
      .execute();
    this.#tell([row.id], 'changed');
    return undefined;
  }

  /** A session that a clock which was ahead has dated would outlive its limits by as much: it counts from now on. */
  async #believed(row: SessionRow, now: Date): Promise<SessionRow> {
    const at = now.toISOString();
    const isAheadOfNow = (instant: string) => isAhead(Date.parse(instant), now.getTime());
    if (!isAheadOfNow(row.created_at) && !isAheadOfNow(row.seen_at)) return row;
    const dated = {
      created_at: isAheadOfNow(row.created_at) ? at : row.created_at,
      seen_at: isAheadOfNow(row.seen_at) ? at : row.seen_at,
    };
    await this.#db.updateTable('access_session').set(dated).where('id', '=', row.id).execute();
    return { ...row, ...dated };
  }

  async #touch(row: SessionRow, personActive: boolean): Promise<void> {
    const now = this.#clock.now();
    const lastMs = Date.parse((personActive ? row.person_seen_at : null) ?? row.seen_at);
    if (!isDueAgain(lastMs, now.getTime(), touchEveryMs)) return;
    const seen = { seen_at: now.toISOString(), ...(personActive && { person_seen_at: now.toISOString() }) };
    await this.#notes.make(row.id, () =>
      this.#db.updateTable('access_session').set(seen).where('id', '=', row.id).execute(),
    );
  }

  #tell(
    sessionIds: readonly string[],
    reason: SessionEnded['reason'],
    ended: readonly Pick<SessionRow, 'kind'>[] = [],
  ): void {
    if (sessionIds.length === 0) return;
    const kinds = new Set(ended.map(({ kind }) => kind));
    for (const listener of this.#listeners) listener(sessionIds, reason, kinds);
  }
}
