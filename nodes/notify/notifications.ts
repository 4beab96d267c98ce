// Notifications in the store: addressed once, read by each person on their own, handed to each outside channel once.
import { type Kysely, type Selectable, sql } from 'kysely';
import { machineBoundRoles } from '../access/messages.ts';
import type { AccessSchema } from '../access/schema.ts';
import type { Clock } from '../core/clock.ts';
import { ShopfloorError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';
import type {
  NotificationRow,
  NotificationSeverity,
  NotifyChannelMessage,
  NotifyCommand,
  Recipients,
  UnreadCount,
} from './messages.ts';
import type { NotifySchema } from './schema.ts';

type Schema = NotifySchema & AccessSchema;

/** Nobody looks for a week-old notice; unread ones would only hide the new ones. */
export const readByItselfAfterMs = 7 * 24 * 60 * 60 * 1000;

/** A young plant has no supervisor yet: what asks for a person must not be addressed to an empty room. */
const lastResort: Recipients = { roles: ['admin'] };

export interface Stored {
  readonly stored: boolean;
  readonly notification: NotificationRow;
  readonly userIds: readonly string[];
}

export interface ListQuery {
  readonly limit: number;
  readonly offset: number;
  readonly unread: boolean;
  /** Only those whose type begins so. */
  readonly type?: string | undefined;
}

export class Notifications {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Stores a notification and addresses it to everybody who matches now; a known dedupe key changes nothing. */
  async add(command: NotifyCommand, channels: readonly string[]): Promise<Stored> {
    const created_at = this.#clock.now().toISOString();
    return this.#store.transaction<Schema, Stored>(async (db) => {
      const row = await db
        .insertInto('notification')
        .values({
          dedupe_key: command.dedupeKey ?? null,
          type: command.type ?? null,
          title: command.title,
          body: command.body ?? null,
          link: command.link ?? null,
          severity: command.severity,
          recipients: JSON.stringify(command.recipients),
          created_at,
        })
        .onConflict((conflict) => conflict.column('dedupe_key').doNothing())
        .returningAll()
        .executeTakeFirst();
      if (!row) {
        const known = await db
          .selectFrom('notification')
          .selectAll()
          .where('dedupe_key', '=', command.dedupeKey ?? '')
          .executeTakeFirstOrThrow();
        return { stored: false, notification: shown(known, null), userIds: [] };
      }
      const matching = await addressed(db, command.recipients);
      const userIds = matching.length > 0 || command.severity === 'info' ? matching : await addressed(db, lastResort);
      if (userIds.length > 0) {
        await db
          .insertInto('notification_user')
          .values(userIds.map((user_id) => ({ notification_id: row.id, user_id, created_at, read_at: null })))
          .execute();
      }
      if (channels.length > 0) {
        await db
          .insertInto('notification_channel')
          .values(channels.map((channel) => ({ notification_id: row.id, channel, handed_at: null })))
          .execute();
      }
      return { stored: true, notification: shown(row, null), userIds };
    });
  }

  /** Newest first. */
  async list(
    userId: string,
    { limit, offset, unread, type }: ListQuery,
  ): Promise<{ readonly rows: readonly NotificationRow[]; readonly total: number }> {
    let query = this.#own(userId, type);
    if (unread) query = query.where('notification_user.read_at', 'is', null);
    const { total } = await query.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
    const rows = await query
      .selectAll('notification')
      .select('notification_user.read_at')
      .orderBy('notification.id', 'desc')
      .limit(limit)
      .offset(offset)
      .execute();
    return { total, rows: rows.map((row) => shown(row, row.read_at)) };
  }

  async unread(userId: string): Promise<UnreadCount> {
    const { rows, total } = await this.list(userId, { limit: 1, offset: 0, unread: true });
    return { unread: total, latest: rows[0] ?? null };
  }

  /** Marks one as read by `userId`; reading again keeps the first time. Throws 404 for one that is not the user's, or of another type. */
  async markRead(userId: string, id: number, type?: string): Promise<NotificationRow> {
    if (type !== undefined && !(await this.#own(userId, type).select('id').where('id', '=', id).executeTakeFirst())) {
      throw unknownNotification();
    }
    await this.#db
      .updateTable('notification_user')
      .set({ read_at: this.#clock.now().toISOString() })
      .where('user_id', '=', userId)
      .where('notification_id', '=', id)
      .where('read_at', 'is', null)
      .execute();
    const row = await this.#own(userId)
      .selectAll('notification')
      .select('notification_user.read_at')
      .where('notification.id', '=', id)
      .executeTakeFirst();
    if (!row) throw unknownNotification();
    return shown(row, row.read_at);
  }

  /** @returns how many were unread */
  async markAllRead(userId: string): Promise<number> {
    const result = await this.#db
      .updateTable('notification_user')
      .set({ read_at: this.#clock.now().toISOString() })
      .where('user_id', '=', userId)
      .where('read_at', 'is', null)
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  }

  /** Reads everything that has been unread for a week. @returns how many */
  async readOld(): Promise<number> {
    const now = this.#clock.now();
    const before = new Date(now.getTime() - readByItselfAfterMs).toISOString();
    const result = await this.#db
      .updateTable('notification_user')
      .set({ read_at: now.toISOString() })
      .where('read_at', 'is', null)
      .where('created_at', '<=', before)
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  }

  /** What `channels` have not been handed yet, oldest first: after a crash between commit and hand-over too. */
  async waiting(channels: readonly string[]): Promise<readonly NotifyChannelMessage[]> {
    if (channels.length === 0) return [];
    const rows = await this.#db
      .selectFrom('notification_channel')
      .innerJoin('notification', 'notification.id', 'notification_channel.notification_id')
      .selectAll('notification')
      .select('notification_channel.channel')
      .where('notification_channel.handed_at', 'is', null)
      .where('notification_channel.channel', 'in', channels)
      .orderBy('notification.id')
      .execute();
    return Promise.all(rows.map(async (row) => ({ channel: row.channel, ...(await this.#letter(row)) })));
  }

  /** Takes a hand-over; false when it was taken before. */
  async hand(id: number, channel: string): Promise<boolean> {
    const result = await this.#db
      .updateTable('notification_channel')
      .set({ handed_at: this.#clock.now().toISOString() })
      .where('notification_id', '=', id)
      .where('channel', '=', channel)
      .where('handed_at', 'is', null)
      .executeTakeFirst();
    return Number(result.numUpdatedRows) === 1;
  }

  get #db(): Kysely<Schema> {
    return this.#store.db<Schema>();
  }

  #own(userId: string, type?: string) {
    const own = this.#db
      .selectFrom('notification_user')
      .innerJoin('notification', 'notification.id', 'notification_user.notification_id')
      .where('notification_user.user_id', '=', userId);
    return type === undefined ? own : own.where(sql`substr(notification.type, 1, ${type.length})`, '=', type);
  }

  async #letter(row: Selectable<NotifySchema['notification']>): Promise<Omit<NotifyChannelMessage, 'channel'>> {
    const recipients = await this.#db
      .selectFrom('notification_user')
      .innerJoin('access_user', 'access_user.id', 'notification_user.user_id')
      .select(['access_user.login', 'access_user.name', 'access_user.language'])
      .where('notification_user.notification_id', '=', row.id)
      .orderBy('access_user.login')
      .execute();
    // Rows of the driver have no prototype; what goes on the wire is a plain object.
    return { notification: shown(row, null), recipients: recipients.map((recipient) => ({ ...recipient })) };
  }
}

/** Ids of everybody who is not locked and matches any of the recipients, each once. */
async function addressed(
  db: Kysely<Schema>,
  { roles, departments, users, machines }: Recipients,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('access_user')
    .select('access_user.id')
    .where('access_user.locked_at', 'is', null)
    .where((eb) =>
      eb.or([
        ...(users?.length ? [eb('access_user.login', 'in', users)] : []),
        ...(roles?.length
          ? [
              eb.exists(
                eb
                  .selectFrom('access_user_role')
                  .select(sql.lit(1).as('one'))
                  .whereRef('access_user_role.user_id', '=', 'access_user.id')
                  .where('access_user_role.role', 'in', roles)
                  .where((role) =>
                    machines?.length
                      ? role.or([
                          role('access_user_role.role', 'not in', machineBoundRoles),
                          role.exists(
                            role
                              .selectFrom('access_user_machine')
                              .select(sql.lit(1).as('one'))
                              .whereRef('access_user_machine.user_id', '=', 'access_user_role.user_id')
                              .where('access_user_machine.machine', 'in', machines),
                          ),
                        ])
                      : role.lit(true),
                  ),
              ),
            ]
          : []),
        ...(departments?.length
          ? [
              eb.exists(
                eb
                  .selectFrom('access_user_department')
                  .select(sql.lit(1).as('one'))
                  .whereRef('access_user_department.user_id', '=', 'access_user.id')
                  .where('access_user_department.department', 'in', departments),
              ),
            ]
          : []),
      ]),
    )
    .execute();
  return rows.map((row) => row.id);
}

function unknownNotification(): ShopfloorError {
  return new ShopfloorError('unknown-notification', 404, 'There is no such notification.');
}

function shown(row: Selectable<NotifySchema['notification']>, readAt: string | null): NotificationRow {
  return {
    id: row.id,
    type: row.type,
    title: row.title,
    body: row.body,
    link: row.link,
    severity: row.severity as NotificationSeverity,
    createdAt: row.created_at,
    readAt,
  };
}
