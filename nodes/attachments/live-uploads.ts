// Files that came with requests which are still open: checked, on disk, and deleted with their request unless a row keeps them.

import type { StagedFile } from './messages.ts';
import { UploadRefused } from './refusals.ts';

export interface LiveFile {
  readonly file: StagedFile;
  readonly thumbnail: StagedFile | undefined;
  readonly position: number;
}

/** Whoever kept a file knows whether its row was committed, and deletes what has none. */
export type Settler = (ids: readonly string[]) => Promise<void>;

interface Entry extends LiveFile {
  /** Asked once for each store in which the file was to be kept; normally one. */
  readonly settlers: Set<Settler>;
}

export class LiveUploads {
  /** Mapped by the HTTP request, so that nothing a client sends can name files of somebody else. */
  readonly #byRequest = new WeakMap<object, readonly LiveFile[]>();
  /** Requests that brought files and have ended. */
  readonly #ended = new WeakSet<object>();
  /** Mapped by id of the file. */
  readonly #entries = new Map<string, Entry>();
  readonly #remove: (id: string) => Promise<void>;

  /** @param remove deletes the bytes of a file that can have no row */
  constructor(remove: (id: string) => Promise<void>) {
    this.#remove = remove;
  }

  add(request: object, files: readonly LiveFile[]): void {
    this.#byRequest.set(request, files);
    for (const file of files) this.#entries.set(file.file.id, { ...file, settlers: new Set() });
  }

  /** What came with a request that is still open. Of one that has ended, "none" would be a lie: it is refused. */
  filesOf(request: unknown): readonly StagedFile[] {
    if (typeof request !== 'object' || request === null) return [];
    if (this.#ended.has(request)) throw requestEnded();
    return (this.#byRequest.get(request) ?? []).map(({ file }) => file);
  }

  /** The file, now claimed: from here on `settler` decides about its bytes. */
  claim(id: string, settler: Settler): LiveFile {
    const entry = this.#entries.get(id);
    if (!entry) throw requestEnded();
    entry.settlers.add(settler);
    return entry;
  }

  /** Ends the files of a request: what nobody claimed is deleted, the rest is settled. */
  async end(request: object): Promise<void> {
    const files = this.#byRequest.get(request) ?? [];
    this.#byRequest.delete(request);
    if (files.length > 0) this.#ended.add(request);
    const endings = files.map(async ({ file, thumbnail }) => {
      const settlers = this.#entries.get(file.id)?.settlers ?? new Set<Settler>();
      this.#entries.delete(file.id);
      const ids = [file.id, ...(thumbnail ? [thumbnail.id] : [])];
      if (settlers.size === 0) await Promise.all(ids.map((id) => this.#remove(id)));
      for (const settle of settlers) await settle(ids);
    });
    await Promise.all(endings);
  }
}

function requestEnded(): UploadRefused {
  return new UploadRefused('upload-gone', 'The request that brought the files has ended. Send it again.');
}
