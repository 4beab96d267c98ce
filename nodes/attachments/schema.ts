// Tables of the attachments room: kept files, ids that may never be kept again, and the mark that ties a folder to its database.
import { randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { RoomMigrations, StoreEngine } from '../store/store.ts';
import type { DocumentType, PhotoType } from './messages.ts';

export interface AttachmentTable {
  id: string;
  kind: 'photo' | 'document' | 'thumbnail';
  type: PhotoType | DocumentType;
  size_bytes: number;
  sha256: string;
  width: number | null;
  height: number | null;
  name: string;
  room: string;
  owner: string;
  role: string | null;
  thumbnail_id: string | null;
  /** Order within one request, so that photos stay as they were chosen. */
  position: number;
  created_at: string;
  created_by: string;
  hidden_at: string | null;
  hidden_by: string | null;
  hidden_reason: string | null;
}

export interface AttachmentSchema {
  attachment: AttachmentTable;
  /** Files about to be deleted: `keep` and deletion of one id exclude each other through this table. */
  attachment_gone: { id: string; at: string };
  attachment_folder: { id: number; mark: string };
}

export function attachmentMigrations(_engine: StoreEngine): RoomMigrations {
  return { '0001-attachments': { up: (db) => createTables(db as Kysely<unknown>) } };
}

async function createTables(db: Kysely<unknown>): Promise<void> {
  await sql`create table attachment (
    id text primary key, kind text not null check (kind in ('photo', 'document', 'thumbnail')), type text not null,
    size_bytes bigint not null check (size_bytes > 0), sha256 text not null, width integer, height integer, name text not null,
    room text not null, owner text not null, role text, thumbnail_id text references attachment (id),
    position integer not null, created_at text not null, created_by text not null,
    hidden_at text, hidden_by text, hidden_reason text,
    check ((hidden_at is null) = (hidden_by is null)))`.execute(db);
  await sql`create index attachment_by_owner on attachment (room, owner, created_at, position)`.execute(db);
  await sql`create table attachment_gone (id text primary key, at text not null)`.execute(db);
  await sql`create index attachment_gone_by_age on attachment_gone (at)`.execute(db);
  await sql`create table attachment_folder (id integer primary key check (id = 1), mark text not null)`.execute(db);
  await sql`insert into attachment_folder (id, mark) values (1, ${randomBytes(16).toString('base64url')})`.execute(db);
}
