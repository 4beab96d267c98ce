// Files in a folder: `incoming/<id>` while they arrive, `kept/<first two>/<id>` once they are clean; readable by this user only.
import { constants, type FileHandle, mkdir, open, opendir, readFile, stat, statfs, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asError } from '../core/errors.ts';
import type { FileArea, GrowingFile, LyingFile, ReadableFile } from './file-area.ts';
import { UploadRefused } from './refusals.ts';

const ownFile = 0o600;
const ownFolder = 0o700;
/** Small writes are gathered to this much. */
const gatherBytes = 256 * 1024;
const idPattern = /^[A-Za-z0-9_-]{22}$/;

export class FileFolder implements FileArea {
  readonly #folder: string;
  /** Mapped by path: folders that are known to exist and to be on the disk. */
  readonly #made = new Map<string, Promise<void>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async freeBytes(): Promise<number> {
    await this.#folderFor(join(this.#folder, 'incoming'));
    const { bavail, bsize } = await translated(statfs(this.#folder));
    return bavail * bsize;
  }

  createIncoming(id: string): Promise<GrowingFile> {
    return this.#create(this.#incomingPath(id));
  }

  async openIncoming(id: string): Promise<ReadableFile> {
    const handle = await translated(open(this.#incomingPath(id), 'r'));
    const { size } = await handle.stat();
    return {
      size,
      read: async (at, length) => {
        const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - at)));
        let done = 0;
        while (done < buffer.length) {
          const { bytesRead } = await handle.read(buffer, done, buffer.length - done, at + done);
          if (bytesRead === 0) break;
          done += bytesRead;
        }
        return buffer.subarray(0, done);
      },
      close: () => handle.close(),
    };
  }

  removeIncoming(id: string): Promise<void> {
    return remove(this.#incomingPath(id));
  }

  createKept(id: string): Promise<GrowingFile> {
    return this.#create(this.#keptPath(id));
  }

  async readKept(id: string): Promise<Buffer | undefined> {
    try {
      return await readFile(this.#keptPath(id));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  removeKept(id: string): Promise<void> {
    return remove(this.#keptPath(id));
  }

  incoming(): AsyncIterable<LyingFile> {
    return filesIn(join(this.#folder, 'incoming'));
  }

  async *kept(): AsyncIterable<LyingFile> {
    for await (const entry of entriesOf(join(this.#folder, 'kept'))) {
      if (entry.isDirectory()) yield* filesIn(join(this.#folder, 'kept', entry.name));
    }
  }

  async readMark(): Promise<string | undefined> {
    try {
      return (await readFile(join(this.#folder, 'database'), 'utf8')).trim();
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async writeMark(mark: string): Promise<void> {
    await this.#folderFor(this.#folder);
    const handle = await translated(open(join(this.#folder, 'database'), 'w', ownFile));
    try {
      await handle.writeFile(`${mark}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await syncFolder(this.#folder);
  }

  async #create(path: string): Promise<GrowingFile> {
    await this.#folderFor(dirname(path));
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
    return new FileOnDisk(await translated(open(path, flags, ownFile)), dirname(path));
  }

  /** Makes a folder and its parents, each on the disk before anything is put into it. */
  #folderFor(path: string): Promise<void> {
    const making =
      this.#made.get(path) ??
      (async () => {
        const first = await translated(mkdir(path, { recursive: true, mode: ownFolder }));
        if (first === undefined) return;
        for (let at = path; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at));
      })();
    this.#made.set(path, making);
    making.catch(() => this.#made.delete(path));
    return making;
  }

  #incomingPath(id: string): string {
    return join(this.#folder, 'incoming', checked(id));
  }

  #keptPath(id: string): string {
    return join(this.#folder, 'kept', checked(id).slice(0, 2), id);
  }
}

class FileOnDisk implements GrowingFile {
  readonly #handle: FileHandle;
  readonly #folder: string;
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;
  #closed: Promise<void> | undefined;

  constructor(handle: FileHandle, folder: string) {
    this.#handle = handle;
    this.#folder = folder;
  }

  async write(bytes: Buffer): Promise<void> {
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.length;
    if (this.#gatheredBytes >= gatherBytes) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
    await this.close();
  }

  async settle(): Promise<void> {
    await this.#flush();
    await translated(this.#handle.datasync());
    await this.close();
    await syncFolder(this.#folder);
  }

  close(): Promise<void> {
    this.#closed ??= this.#handle.close();
    return this.#closed;
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#gathered);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    for (let done = 0; done < bytes.length; ) {
      done += (await translated(this.#handle.write(bytes, done))).bytesWritten;
    }
  }
}

async function* filesIn(folder: string): AsyncIterable<LyingFile> {
  for await (const entry of entriesOf(folder)) {
    if (!entry.isFile() || !idPattern.test(entry.name)) continue;
    try {
      yield { id: entry.name, modifiedMs: (await stat(join(folder, entry.name))).mtimeMs };
    } catch (error) {
      // Its upload ended meanwhile.
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
}

async function* entriesOf(folder: string) {
  try {
    yield* await opendir(folder);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows can't open folders, and keeps their entries itself.
  if (process.platform === 'win32') return;
  const handle = await translated(open(path, 'r'));
  try {
    await translated(handle.sync());
  } finally {
    await handle.close();
  }
}

/** The disk's refusals in the words of an upload. */
async function translated<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (thrown) {
    const error = asError(thrown);
    const code = codeOf(error);
    if (code === 'ENOSPC' || code === 'EDQUOT') throw diskFull(error);
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR') {
      throw new UploadRefused('upload-folder', 'The folder for photos and documents can not be written.', {
        cause: error,
      });
    }
    throw error;
  }
}

export function diskFull(cause?: unknown): UploadRefused {
  return new UploadRefused('disk-full', "The server's disk is full. Nothing was kept; tell the administrator.", {
    cause,
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function checked(id: string): string {
  if (!idPattern.test(id)) throw new UploadRefused('no-such-file', 'There is no such file.');
  return id;
}
