// Photos and documents of a problem, as its commands keep, hide and find them.
import { type AttachmentBook, neededAttachments } from '../attachments/attachments-contract.ts';
import type { StagedFile } from '../attachments/messages.ts';
import { ShopfloorError } from '../core/errors.ts';
import type { Asker } from './asker.ts';
import { fileRoom } from './ctp-readings.ts';
import type { CtpRecords } from './ctp-records.ts';
import type { LogParts } from './log-parts.ts';
import type { PhotoRole } from './messages.ts';
import type { ParsedCommand } from './parsed-command.ts';
import type { Problem } from './problem.ts';
import type { NewEvent } from './problem-rules.ts';

type HideCommand = Extract<ParsedCommand, { readonly command: 'hide-file' }>;

export class ProblemFiles {
  readonly #parts: Pick<LogParts, 'files' | 'store'>;

  constructor(parts: Pick<LogParts, 'files' | 'store'>) {
    this.#parts = parts;
  }

  /** Files of an upload become the problem's in its own transaction; one event for each. */
  async keep(
    records: CtpRecords,
    problem: Problem,
    uploads: readonly StagedFile[],
    role: PhotoRole,
    asker: Asker,
  ): Promise<readonly NewEvent[]> {
    const events: NewEvent[] = [];
    if (uploads.length === 0) return events;
    const book = await this.book();
    for (const word of new Set(uploads.map((file) => roleOf(file, role)))) {
      const files = uploads.filter((file) => roleOf(file, role) === word);
      const order = { room: fileRoom, owner: String(problem.id), role: word, actor: asker.actor.name };
      for (const { id, kind, name, type, sizeBytes, sha256 } of await book.keep(records.transaction, files, order)) {
        const detail = { file_id: id, name, type, size_bytes: sizeBytes, sha256, ...(word !== null && { role: word }) };
        events.push({ type: `${kind}-added`, reason: null, detail });
      }
    }
    return events;
  }

  async hide(
    records: CtpRecords,
    problem: Problem,
    { file_id, reason }: HideCommand,
    { actor }: Asker,
  ): Promise<NewEvent> {
    const book = await this.book();
    const owner = { room: fileRoom, owner: String(problem.id) };
    const { kind, name, sha256 } = await book.hide(records.transaction, owner, file_id, { actor: actor.name, reason });
    return { type: `${kind}-hidden`, reason, detail: { file_id, name, sha256 } };
  }

  /** The problem that a file belongs to; 404 when it is not one of this room's, or of another problem than was named. */
  async ownerOf({ id, file_id }: HideCommand): Promise<number> {
    const { room, owner } = await (await this.book()).find(file_id);
    if (room === fileRoom && (id === undefined || String(id) === owner)) return Number(owner);
    throw new ShopfloorError('no-such-file', 404, 'There is no such file.');
  }

  /** To be opened before a transaction: the first time brings tables up to date, which would wait for the transaction for ever. */
  async book(): Promise<AttachmentBook> {
    return (await this.#parts.files()) ?? neededAttachments().on(this.#parts.store);
  }
}

/** A photo shows the machine before or after the repair; the name of its form field says which, or the command does. */
function roleOf({ kind, field }: StagedFile, role: PhotoRole): PhotoRole | null {
  if (kind === 'document') return null;
  if (/^after/.test(field)) return 'after';
  return /^before/.test(field) ? 'before' : role;
}
