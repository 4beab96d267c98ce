// Puts the attachments room together: the folder, the intake of uploads, and a book for each store that keeps files.
import { resolve } from 'node:path';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Store } from '../store/store.ts';
import { StoredBook } from './attachment-book.ts';
import type { AttachmentBook, Attachments } from './attachments-contract.ts';
import type { FileArea } from './file-area.ts';
import { FileFolder } from './file-folder.ts';
import { LiveUploads } from './live-uploads.ts';
import { attachmentMigrations } from './schema.ts';
import { defaultIntakeSettings, type IntakeSettings, UploadIntake } from './upload-intake.ts';

export interface AttachmentsOptions extends Partial<IntakeSettings> {
  /** Where photos and documents lie; made when it is not there. One folder for one database. */
  readonly folder: string;
}

export interface AttachmentsParts {
  readonly area: FileArea;
  readonly clock?: Clock;
  readonly settings?: Partial<IntakeSettings>;
}

export interface OpenedAttachments {
  readonly attachments: Attachments;
  readonly door: UploadIntake;
}

/** Touches nothing yet: the folder is made with the first file. */
export function openAttachments({ folder, ...settings }: AttachmentsOptions): OpenedAttachments {
  return attachmentsIn({ area: new FileFolder(resolve(folder)), settings });
}

export function attachmentsIn({ area, clock = systemClock, settings = {} }: AttachmentsParts): OpenedAttachments {
  const live = new LiveUploads((id) => area.removeKept(id));
  const books = new WeakMap<Store, Promise<AttachmentBook>>();
  const open = async (store: Store): Promise<AttachmentBook> => {
    await store.migrate('attachments', attachmentMigrations(store.engine));
    return new StoredBook({ store, area, live, clock });
  };
  return {
    door: new UploadIntake(area, live, { ...defaultIntakeSettings, ...settings }),
    attachments: {
      uploadsOf: (request) => live.filesOf(request),
      on: (store) => {
        const opening = books.get(store) ?? open(store);
        books.set(store, opening);
        opening.catch(() => books.delete(store));
        return opening;
      },
    },
  };
}
