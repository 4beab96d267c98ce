// What a room does with photos and documents: takes what came with a request, keeps it with its own rows, shows and hides it.
import type { Transaction } from 'kysely';
import { ShopfloorError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';
import type { Attachment, StagedFile } from './messages.ts';

/** Row of which room a file belongs to. */
export interface AttachmentOwner {
  /** Name of the room, such as `ctp`. */
  readonly room: string;
  /** Id of the room's own row, such as a problem's. */
  readonly owner: string;
}

export interface KeepOrder extends AttachmentOwner {
  /** Word of the room for it, such as `before` or `after`. */
  readonly role: string | null;
  /** Login or token name, of the verified actor. */
  readonly actor: string;
}

/** A kept file with what its owner needs for asking who may see it. */
export interface StoredAttachment extends Attachment, AttachmentOwner {
  /** Set once it was hidden; a hidden file is not served, and its bytes stay. */
  readonly hidden: { readonly at: string; readonly by: string; readonly reason: string | null } | null;
}

/** Bytes and headers for an http response node. */
export interface ServedFile {
  readonly attachment: StoredAttachment;
  readonly bytes: Buffer;
  /** Type, length, disposition, `nosniff`, cache and a policy that lets nothing run; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface SweepOptions {
  /** Files younger than this may still be on their way into a row. Default: one hour. */
  readonly olderThanMs?: number;
}

export interface SweepReport {
  readonly seen: number;
  readonly removed: number;
}

/** The files of one store. Made by `Attachments.on(store)`. */
export interface AttachmentBook {
  /**
   * Adds the rows of `files` in the caller's transaction; their bytes are on disk already, so no row is ever without its file.
   * Safe to run again with the transaction. What is not kept when the response ends is deleted.
   * Thumbnails come with their photos. Rejects with `upload-gone` (409) for a file that is no longer there.
   */
  keep<Schema>(
    transaction: Transaction<Schema>,
    files: readonly StagedFile[],
    order: KeepOrder,
  ): Promise<readonly Attachment[]>;
  /** Hides a file (and its thumbnail) of `owner` in the caller's transaction; 404 when it has no such file. */
  hide<Schema>(
    transaction: Transaction<Schema>,
    owner: AttachmentOwner,
    id: string,
    by: { readonly actor: string; readonly reason: string | null },
  ): Promise<Attachment>;
  /** Visible files of several rows of one room, oldest first; an owner without files is absent. */
  attachmentsOf(room: string, owners: readonly string[]): Promise<ReadonlyMap<string, readonly Attachment[]>>;
  /** One file's row, thumbnails and hidden ones included; for deciding who may see it. Rejects with 404. */
  find(id: string): Promise<StoredAttachment>;
  /** A file as it is served; ask for the rights first. Rejects with 404 for one that is hidden or unknown. */
  read(id: string): Promise<ServedFile>;
  /** Deletes what a crash left behind: files without a row, uploads that never ended. Safe beside uploads and keeps. */
  sweep(options?: SweepOptions): Promise<SweepReport>;
}

export interface Attachments {
  /** Photos and documents that came with this request (`msg.req`), checked; empty when none came. Thumbnails are not listed. */
  uploadsOf(request: unknown): readonly StagedFile[];
  /** The files of `store`; brings the room's tables up to date. Rejects with a StoreError while the store is away. */
  on(store: Store): Promise<AttachmentBook>;
}

let installed: Attachments | undefined;

export function installAttachments(made: Attachments | undefined): void {
  installed = made;
}

export function installedAttachments(): Attachments | undefined {
  return installed;
}

/** For a node that can't work without files: it refuses with this. */
export function neededAttachments(): Attachments {
  if (installed) return installed;
  throw new ShopfloorError('no-attachments', 503, 'This Node-RED keeps no photos and documents.', {
    hint: 'Give shopfloorAccess in settings.ts the option `attachments: { folder }`.',
  });
}
