// Tables of the notify room: notifications, who received each and when they read it, and what outside channels still get.
import type { Generated, Kysely } from 'kysely';
import type { RoomMigrations, StoreEngine } from '../store/store.ts';

export interface NotifySchema {
  notification: {
    id: Generated<number>;
    dedupe_key: string | null;
    type: string | null;
    title: string;
    body: string | null;
    link: string | null;
    severity: string;
    /** JSON of `Recipients`, as it was asked for. */
    recipients: string;
    created_at: string;
  };
  notification_user: {
    notification_id: number;
    user_id: string;
    /** That of the notification, so that unread ones of an age are found by index. */
    created_at: string;
    read_at: string | null;
  };
  notification_channel: { notification_id: number; channel: string; handed_at: string | null };
}

export function notifyMigrations(engine: StoreEngine): RoomMigrations {
  return {
    '2026-11-21-notifications': { up: (db) => createTables(db as Kysely<unknown>, engine) },
    '2026-11-21-notifications-by-type': { up: (db) => addType(db as Kysely<unknown>) },
  };
}

async function addType(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('notification').addColumn('type', 'text').execute();
}

async function createTables(db: Kysely<unknown>, engine: StoreEngine): Promise<void> {
  const idType = engine === 'sqlite' ? 'integer' : 'bigint';
  await db.schema
    .createTable('notification')
    .addColumn('id', idType, (column) =>
      engine === 'sqlite' ? column.primaryKey().autoIncrement() : column.primaryKey().generatedAlwaysAsIdentity(),
    )
    .addColumn('dedupe_key', 'text', (column) => column.unique())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('body', 'text')
    .addColumn('link', 'text')
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('recipients', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('notification_user')
    .addColumn('notification_id', idType, (column) => column.notNull().references('notification.id'))
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('read_at', 'text')
    .addPrimaryKeyConstraint('notification_user_key', ['user_id', 'notification_id'] as never)
    .execute();
  await db.schema
    .createIndex('notification_user_unread')
    .on('notification_user')
    .columns(['read_at', 'created_at'])
    .execute();
  await db.schema
    .createTable('notification_channel')
    .addColumn('notification_id', idType, (column) => column.notNull().references('notification.id'))
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('handed_at', 'text')
    .addPrimaryKeyConstraint('notification_channel_key', ['notification_id', 'channel'] as never)
    .execute();
}
