// Browsers from which somebody has logged in before: strangers' wrong guesses make everybody wait but them.
import type { Clock } from '../core/clock.ts';
import type { Store } from '../store/store.ts';
import type { AccessSchema } from './schema.ts';
import { digestOf, randomToken } from './secrets.ts';

const day = 24 * 60 * 60_000;
/** A device that was not used for so long is a strange one again. */
export const deviceMs = 180 * day;

export class KnownDevices {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Whether the account with this login has been opened from the device behind `cookie`. */
  async knows(cookie: string | undefined, login: string): Promise<boolean> {
    if (!isCookie(cookie)) return false;
    const row = await this.#store
      .db<AccessSchema>()
      .selectFrom('access_device')
      .innerJoin('access_user', 'access_user.id', 'access_device.user_id')
      .select('access_device.seen_at')
      .where('access_device.digest', '=', digestOf(cookie))
      .where('access_user.login', '=', login)
      .executeTakeFirst();
    return row !== undefined && this.#clock.now().getTime() - Date.parse(row.seen_at) < deviceMs;
  }

  /** Remembers the device of somebody who gave the right password; returns its cookie, a new one where none came along. */
  async remember(cookie: string | undefined, userId: string): Promise<string> {
    const kept = isCookie(cookie) ? cookie : randomToken();
    const seen_at = this.#clock.now().toISOString();
    await this.#store
      .db<AccessSchema>()
      .insertInto('access_device')
      .values({ digest: digestOf(kept), user_id: userId, seen_at })
      .onConflict((conflict) => conflict.columns(['digest', 'user_id']).doUpdateSet({ seen_at }))
      .execute();
    return kept;
  }

  /** Drops what is not known any more. */
  async forgetOld(): Promise<void> {
    const before = new Date(this.#clock.now().getTime() - deviceMs).toISOString();
    await this.#store.db<AccessSchema>().deleteFrom('access_device').where('seen_at', '<', before).execute();
  }
}

/** As `randomToken` makes them; anything else was made up, and is not worth a look-up. */
function isCookie(cookie: string | undefined): cookie is string {
  return cookie !== undefined && /^[\w-]{43}$/.test(cookie);
}
