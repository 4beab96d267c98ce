// Takes the files of one request: asks who may send them, reads, checks and cleans each, and forgets all of it when the request ends.
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UploadDoor, UploadSender } from '../access/upload-door.ts';
import { ShopfloorError } from '../core/errors.ts';
import { Turns } from '../core/turns.ts';
import { checkFile } from './check-file.ts';
import type { FileArea } from './file-area.ts';
import { diskFull } from './file-folder.ts';
import { shownName } from './file-names.ts';
import type { LiveFile, LiveUploads } from './live-uploads.ts';
import type { StagedFile } from './messages.ts';
import { FileRefused, UploadRefused } from './refusals.ts';
import { type IncomingFile, mostBodyBytes, newFileId, readParts, tooLarge } from './upload-parts.ts';
import { defaultUploadLimits, thumbnailLimits, uploadRuleOf } from './upload-rules.ts';

export interface IntakeSettings {
  /** Uploads of one person at the same time. */
  readonly perSender: number;
  /** Uploads of everybody at the same time. */
  readonly altogether: number;
  /** Files that are unpacked and checked at the same time; two leave libuv's other two threads to everybody else. */
  readonly checks: number;
  /** Bytes of the disk that uploads leave free for the database. */
  readonly reserveBytes: number;
  readonly idleMs: number;
  readonly longestMs: number;
}

export const defaultIntakeSettings: IntakeSettings = {
  perSender: 5,
  altogether: 20,
  checks: 2,
  reserveBytes: 64 * 1024 * 1024,
  idleMs: 20_000,
  // Just below the time that Node.js itself gives a request.
  longestMs: 280_000,
};

export class UploadIntake implements UploadDoor {
  readonly #area: FileArea;
  readonly #live: LiveUploads;
  readonly #settings: IntakeSettings;
  readonly #checks: Turns;
  /** Uploads under way, mapped by sender. */
  readonly #senders = new Map<string, number>();
  #underWay = 0;

  constructor(area: FileArea, live: LiveUploads, settings: IntakeSettings) {
    this.#area = area;
    this.#live = live;
    this.#settings = settings;
    this.#checks = new Turns(settings.checks);
  }

  async take(request: IncomingMessage, response: ServerResponse, path: string, sender: UploadSender): Promise<void> {
    const rule = uploadRuleOf(request.method, path);
    if (!rule) throw new UploadRefused('unexpected-upload', `No files are expected at ${request.method} ${path}.`);
    if (!(await sender.may(rule.action))) {
      throw new ShopfloorError('forbidden', 403, `${sender.name} may not do this (${rule.action}).`);
    }
    const limits = { ...defaultUploadLimits, ...rule.limits };
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > mostBodyBytes(limits)) throw tooLarge(mostBodyBytes(limits));
    this.#enter(sender.name, response);
    // A whole upload and its clean copies.
    if ((await this.#area.freeBytes()) < this.#settings.reserveBytes + 2 * announced) throw diskFull();
    const { fields, files } = await readParts(request, { area: this.#area, limits, ...this.#settings });
    try {
      const checked = await this.#checkAll(files, response);
      this.#live.add(request, checked);
      if (response.closed) {
        // Nothing of a sender that went away may be taken without its files.
        await this.#live.end(request);
        throw new UploadRefused('upload-cut', 'The sender went away.');
      }
      response.once('close', () => void this.#live.end(request).catch(() => {}));
      // `_body` keeps every other parser away from what has been read.
      Object.assign(request, { body: fields, _body: true });
    } finally {
      await Promise.all(files.map(({ id }) => this.#area.removeIncoming(id)));
    }
  }

  #enter(sender: string, response: ServerResponse): void {
    const { perSender, altogether } = this.#settings;
    const own = this.#senders.get(sender) ?? 0;
    if (own >= perSender) {
      throw new UploadRefused('too-many-uploads', `At most ${perSender} uploads at a time. Wait until one has ended.`);
    }
    if (this.#underWay >= altogether) {
      throw new UploadRefused('uploads-busy', 'The server takes many uploads just now. Try again in a minute.');
    }
    this.#senders.set(sender, own + 1);
    this.#underWay += 1;
    const leave = () => {
      this.#underWay -= 1;
      const left = (this.#senders.get(sender) ?? 1) - 1;
      if (left === 0) this.#senders.delete(sender);
      else this.#senders.set(sender, left);
    };
    if (response.closed) leave();
    else response.once('close', leave);
  }

  /** Either all files of the request are good, or none is kept. */
  async #checkAll(files: readonly IncomingFile[], response: ServerResponse): Promise<readonly LiveFile[]> {
    const owners = files.filter(({ thumbnailOf }) => thumbnailOf === undefined);
    const done: StagedFile[] = [];
    try {
      const live: LiveFile[] = [];
      for (const [position, file] of owners.entries()) {
        const staged = await this.#check(file, response);
        done.push(staged);
        const small = files.filter(({ thumbnailOf }) => thumbnailOf === position);
        if (small.length > 1)
          throw new UploadRefused('malformed-upload', 'it is there twice', { field: small[0]?.field ?? '' });
        const [thumbnail] = small;
        if (thumbnail && staged.kind !== 'photo') {
          throw new UploadRefused('malformed-upload', 'only a photo has a small picture', { field: thumbnail.field });
        }
        const checked = thumbnail && (await this.#check(thumbnail, response));
        if (checked) done.push(checked);
        live.push({ file: staged, thumbnail: checked, position });
      }
      const lost = files.find(({ thumbnailOf }) => thumbnailOf !== undefined && !owners[thumbnailOf]);
      if (lost) throw new UploadRefused('malformed-upload', 'its photo is missing', { field: lost.field });
      return live;
    } catch (error) {
      await Promise.all(done.map(({ id }) => this.#area.removeKept(id)));
      throw error;
    }
  }

  #check(file: IncomingFile, response: ServerResponse): Promise<StagedFile> {
    return this.#checks.take(() => {
      if (response.closed) throw new UploadRefused('upload-cut', 'The sender went away.');
      return this.#clean(file);
    });
  }

  async #clean({ id: incomingId, field, sentName, thumbnailOf }: IncomingFile): Promise<StagedFile> {
    const id = newFileId();
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const source = await this.#area.openIncoming(incomingId);
    try {
      const target = await this.#area.createKept(id);
      try {
        const content = await checkFile(source, {
          write: (bytes) => {
            hash.update(bytes);
            sizeBytes += bytes.length;
            return target.write(bytes);
          },
        });
        if (thumbnailOf !== undefined) checkThumbnail(content);
        await target.settle();
        const facts = { id, field, sizeBytes, sha256: hash.digest('hex'), name: shownName(sentName, content.type) };
        return { ...facts, ...content };
      } catch (error) {
        await target.close();
        await this.#area.removeKept(id);
        throw error;
      }
    } catch (error) {
      if (error instanceof FileRefused) throw new UploadRefused(error.fault, error.message, { field, cause: error });
      throw error;
    } finally {
      await source.close();
    }
  }
}

function checkThumbnail(content: { readonly kind: string; readonly width?: number; readonly height?: number }): void {
  if (content.kind !== 'photo') throw new FileRefused('unknown-file-type', 'it is no picture');
  if (Math.max(content.width ?? 0, content.height ?? 0) > thumbnailLimits.side) {
    throw new FileRefused('picture-too-large', `a small picture has at most ${thumbnailLimits.side} pixels a side`);
  }
}
