// The files of one store: rows and bytes appear together or not at all, whoever crashes in between.
import type { Kysely, Transaction } from 'kysely';
import type { Clock } from '../core/clock.ts';
import type { Store } from '../store/store.ts';
import { attachmentOf, findRow, insertFiles, storedAttachmentOf, visibleFiles, withoutRow } from './attachment-rows.ts';
import type {
  AttachmentBook,
  AttachmentOwner,
  KeepOrder,
  ServedFile,
  StoredAttachment,
  SweepOptions,
  SweepReport,
} from './attachments-contract.ts';
import type { FileArea } from './file-area.ts';
import { contentDisposition } from './file-names.ts';
import type { LiveUploads, Settler } from './live-uploads.ts';
import type { Attachment, StagedFile } from './messages.ts';
import { UploadRefused } from './refusals.ts';
import type { AttachmentSchema } from './schema.ts';
import { sweepArea } from './sweep.ts';

export interface BookParts {
  readonly store: Store;
  readonly area: FileArea;
  readonly live: LiveUploads;
  readonly clock: Clock;
}

export class StoredBook implements AttachmentBook {
  readonly #parts: BookParts;
  readonly #settle: Settler = (ids) => this.discardWithoutRow(ids);

  constructor(parts: BookParts) {
    this.#parts = parts;
  }

  async keep<Schema>(
    transaction: Transaction<Schema>,
    files: readonly StagedFile[],
    order: KeepOrder,
  ): Promise<readonly Attachment[]> {
    const { live, clock } = this.#parts;
    const claimed = files.map(({ id }) => live.claim(id, this.#settle));
    return insertFiles(own(transaction), claimed, order, clock.now().toISOString());
  }

  async hide<Schema>(
    transaction: Transaction<Schema>,
    { room, owner }: AttachmentOwner,
    id: string,
    { actor, reason }: { readonly actor: string; readonly reason: string | null },
  ): Promise<Attachment> {
    const db = own(transaction);
    const row = await findRow(db, id);
    if (!row || row.room !== room || row.owner !== owner || row.hidden_at !== null || row.kind === 'thumbnail') {
      throw noSuchFile();
    }
    const hidden = { hidden_at: this.#parts.clock.now().toISOString(), hidden_by: actor, hidden_reason: reason };
    const ids = row.thumbnail_id === null ? [id] : [id, row.thumbnail_id];
    await db.updateTable('attachment').set(hidden).where('id', 'in', ids).execute();
    return attachmentOf(row);
  }

  attachmentsOf(room: string, owners: readonly string[]): Promise<ReadonlyMap<string, readonly Attachment[]>> {
    return visibleFiles(this.#parts.store.reader<AttachmentSchema>(), room, owners);
  }

  async find(id: string): Promise<StoredAttachment> {
    const row = await findRow(this.#parts.store.db<AttachmentSchema>(), id);
    if (!row) throw noSuchFile();
    return storedAttachmentOf(row);
  }

  async read(id: string): Promise<ServedFile> {
    const attachment = await this.find(id);
    const bytes = attachment.hidden === null ? await this.#parts.area.readKept(id) : undefined;
    if (!bytes) throw noSuchFile();
    return { attachment, bytes, headers: headersOf(attachment) };
  }

  sweep({ olderThanMs = 60 * 60 * 1000 }: SweepOptions = {}): Promise<SweepReport> {
    const { store, area, clock } = this.#parts;
    return sweepArea({ store, area, now: clock.now(), olderThanMs, discard: (ids) => this.discardWithoutRow(ids) });
  }

  /**
   * Deletes those of `ids` that have no row, and makes sure that none of them gets one any more: a keep that is under way at the
   * same time either commits first and the file stays, or finds its id in `attachment_gone` and is refused.
   */
  async discardWithoutRow(ids: readonly string[]): Promise<void> {
    const { store, area, clock } = this.#parts;
    const gone = await store.transaction<AttachmentSchema, readonly string[]>(async (db) => {
      const orphans = await withoutRow(db, ids);
      if (orphans.length === 0) return [];
      const at = clock.now().toISOString();
      await db
        .insertInto('attachment_gone')
        .values(orphans.map((id) => ({ id, at })))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
      return orphans;
    });
    for (const id of gone) await area.removeKept(id);
  }
}

/** A caller's transaction reaches all tables of its database; this room only ever uses its own. */
function own<Schema>(transaction: Transaction<Schema>): Kysely<AttachmentSchema> {
  return transaction as unknown as Kysely<AttachmentSchema>;
}

function noSuchFile(): UploadRefused {
  return new UploadRefused('no-such-file', 'There is no such file.');
}

/** A browser shows photos and saves everything else; whatever it is, nothing in it runs, and no other site can embed it. */
function headersOf(attachment: StoredAttachment): Readonly<Record<string, string>> {
  return {
    'content-type': attachment.type,
    'content-length': String(attachment.sizeBytes),
    'content-disposition': contentDisposition(attachment.kind === 'photo' ? 'inline' : 'attachment', attachment.name),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    // Kept by the browser, asked for again each time: who looks may have changed on a shared tablet.
    'cache-control': 'private, no-cache',
    etag: `"${attachment.sha256}"`,
  };
}
