// Login attempts in the store, so that neither a restart nor a second process forgets them.
import type { Clock } from '../core/clock.ts';
import { ShopfloorError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';
import { networkOf } from './request-facts.ts';
import type { AccessSchema } from './schema.ts';
import { digestOf } from './secrets.ts';
import { accountPolicy, addressPolicy, decideTry, strangersPolicy, type ThrottlePolicy } from './throttle.ts';

export class TooManyAttempts extends ShopfloorError {
  readonly waitSeconds: number;

  constructor(waitMs: number) {
    const waitSeconds = Math.ceil(waitMs / 1000);
    super('too-many-attempts', 429, `Too many wrong tries. Wait ${waitSeconds} s.`, { current: { waitSeconds } });
    this.waitSeconds = waitSeconds;
  }
}

/** Whose try it is, as far as the server knows. */
export interface Caller {
  /** Address of the client, or the name of the tablet at which somebody types a PIN. */
  readonly address: string;
  /** Cookie of the browser, whether or not it is worth anything. */
  readonly device?: string | undefined;
  /** That cookie, once it is known to have opened the account. */
  readonly knownDevice?: string | undefined;
}

export class LoginAttempts {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Takes a try of `account` (such as `login:budi`) by `caller`; throws TooManyAttempts. The returned function gives it back after
   * a success: the account starts anew there, the address keeps the failures of others. A known device has a count of its own,
   * so nobody makes its person wait by guessing elsewhere, be it at the same address.
   */
  async take(account: string, caller: Caller): Promise<() => Promise<void>> {
    const name = account.slice(0, 200);
    const network = networkOf(caller.address);
    const own =
      caller.knownDevice === undefined ? `${name}@${network}` : `${name}@device:${digestOf(caller.knownDevice)}`;
    const subjects: readonly (readonly [string, ThrottlePolicy])[] =
      caller.knownDevice === undefined
        ? [
            [own, accountPolicy],
            [`address:${network}`, addressPolicy],
            [name, strangersPolicy],
          ]
        : [[own, accountPolicy]];
    const now = this.#clock.now();
    const waitMs = await this.#store.transaction<AccessSchema, number>(async (db) => {
      const decisions = [];
      for (const [subject, policy] of subjects) {
        const row = await db.selectFrom('access_attempt').selectAll().where('subject', '=', subject).executeTakeFirst();
        const known = row && {
          failures: row.failures,
          lastAt: new Date(row.last_at),
          blockedUntil: row.blocked_until === null ? undefined : new Date(row.blocked_until),
        };
        decisions.push({ subject, decision: decideTry(policy, known, now) });
      }
      const refused = decisions.map(({ decision }) => (decision.allowed ? 0 : decision.waitMs));
      if (Math.max(...refused) > 0) return Math.max(...refused);
      for (const { subject, decision } of decisions) {
        if (!decision.allowed) continue;
        const values = {
          failures: decision.next.failures,
          last_at: decision.next.lastAt.toISOString(),
          blocked_until: decision.next.blockedUntil?.toISOString() ?? null,
        };
        await db
          .insertInto('access_attempt')
          .values({ subject, ...values })
          .onConflict((conflict) => conflict.column('subject').doUpdateSet(values))
          .execute();
      }
      return 0;
    });
    if (waitMs > 0) throw new TooManyAttempts(waitMs);
    return async () => {
      const shared = subjects.map(([subject]) => subject).filter((subject) => subject !== own);
      await this.#store.transaction<AccessSchema, void>(async (db) => {
        await db.deleteFrom('access_attempt').where('subject', '=', own).execute();
        if (shared.length === 0) return;
        await db
          .updateTable('access_attempt')
          .set((eb) => ({ failures: eb('failures', '-', 1), blocked_until: null }))
          .where('subject', 'in', shared)
          .execute();
      });
    };
  }

  /** Drops what no policy remembers any more. */
  async forgetOld(): Promise<void> {
    const before = new Date(this.#clock.now().getTime() - accountPolicy.forgetAfterMs).toISOString();
    await this.#store.db<AccessSchema>().deleteFrom('access_attempt').where('last_at', '<', before).execute();
  }
}
