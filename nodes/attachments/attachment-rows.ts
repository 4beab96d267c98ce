// Rows of kept files: written with the caller's own rows, read for lists and for serving.
import type { Kysely } from 'kysely';
import type { KeepOrder, StoredAttachment } from './attachments-contract.ts';
import type { LiveFile } from './live-uploads.ts';
import type { Attachment, StagedFile } from './messages.ts';
import { UploadRefused } from './refusals.ts';
import type { AttachmentSchema, AttachmentTable } from './schema.ts';

/** PostgreSQL takes 65,535 parameters, SQLite 32,766. */
const idsAtOnce = 1_000;

export async function insertFiles(
  db: Kysely<AttachmentSchema>,
  files: readonly LiveFile[],
  order: KeepOrder,
  createdAt: string,
): Promise<readonly Attachment[]> {
  if (files.length === 0) return [];
  await refuseGone(db, files);
  const row = (
    file: StagedFile,
    kind: AttachmentTable['kind'],
    position: number,
    thumbnailId: string | null,
  ): AttachmentTable => ({
    id: file.id,
    kind,
    type: file.type,
    size_bytes: file.sizeBytes,
    sha256: file.sha256,
    width: file.kind === 'photo' ? file.width : null,
    height: file.kind === 'photo' ? file.height : null,
    name: file.name,
    room: order.room,
    owner: order.owner,
    role: order.role,
    thumbnail_id: thumbnailId,
    position,
    created_at: createdAt,
    created_by: order.actor,
    hidden_at: null,
    hidden_by: null,
    hidden_reason: null,
  });
  const thumbnails = files.flatMap(({ thumbnail, position }) =>
    thumbnail ? [row(thumbnail, 'thumbnail', position, null)] : [],
  );
  const rows = files.map(({ file, thumbnail, position }) => row(file, file.kind, position, thumbnail?.id ?? null));
  // Thumbnails first: their photos refer to them.
  if (thumbnails.length > 0) await db.insertInto('attachment').values(thumbnails).execute();
  await db.insertInto('attachment').values(rows).execute();
  return rows.map(attachmentOf);
}

async function refuseGone(db: Kysely<AttachmentSchema>, files: readonly LiveFile[]): Promise<void> {
  const ids = files.flatMap(({ file, thumbnail }) => [file.id, ...(thumbnail ? [thumbnail.id] : [])]);
  const gone = await db.selectFrom('attachment_gone').select('id').where('id', 'in', ids).executeTakeFirst();
  if (gone) throw new UploadRefused('upload-gone', 'The request that brought this file has ended. Send it again.');
}

export async function visibleFiles(
  db: Kysely<AttachmentSchema>,
  room: string,
  owners: readonly string[],
): Promise<ReadonlyMap<string, readonly Attachment[]>> {
  const found = new Map<string, Attachment[]>();
  for (let from = 0; from < owners.length; from += idsAtOnce) {
    const rows = await db
      .selectFrom('attachment')
      .selectAll()
      .where('room', '=', room)
      .where('owner', 'in', owners.slice(from, from + idsAtOnce))
      .where('kind', '!=', 'thumbnail')
      .where('hidden_at', 'is', null)
      .orderBy('owner')
      .orderBy('created_at')
      .orderBy('position')
      .execute();
    for (const row of rows) found.set(row.owner, [...(found.get(row.owner) ?? []), attachmentOf(row)]);
  }
  return found;
}

export async function findRow(db: Kysely<AttachmentSchema>, id: string): Promise<AttachmentTable | undefined> {
  return db.selectFrom('attachment').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Of `ids`, those that have no row. */
export async function withoutRow(db: Kysely<AttachmentSchema>, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom('attachment').select('id').where('id', 'in', ids).execute();
  const known = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => !known.has(id));
}

export function attachmentOf(row: AttachmentTable): Attachment {
  return {
    id: row.id,
    kind: row.kind === 'document' ? 'document' : 'photo',
    type: row.type,
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    width: row.width,
    height: row.height,
    name: row.name,
    thumbnailId: row.thumbnail_id,
    role: row.role,
    createdAt: row.created_at,
    createdBy: row.created_by,
  };
}

export function storedAttachmentOf(row: AttachmentTable): StoredAttachment {
  const { room, owner, hidden_at: at, hidden_by: by, hidden_reason: reason } = row;
  return { ...attachmentOf(row), room, owner, hidden: at === null || by === null ? null : { at, by, reason } };
}
