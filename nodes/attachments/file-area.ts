// Where files lie, as the rules see it: incoming ones that nobody has checked, and clean ones that may get a row.
import type { ByteSink, ByteSource } from './byte-source.ts';

/** A file that is being written. Rejects with an UploadRefused (`disk-full`, `upload-folder`) where the disk does. */
export interface GrowingFile extends ByteSink {
  /** Hands the last bytes to the system, for a file that need not outlive it. */
  finish(): Promise<void>;
  /** Puts everything on the disk, with the file's entry in its folder, and closes. */
  settle(): Promise<void>;
  /** Closes without care for the content; safe to call at any time. */
  close(): Promise<void>;
}

export interface ReadableFile extends ByteSource {
  close(): Promise<void>;
}

export interface LyingFile {
  readonly id: string;
  readonly modifiedMs: number;
}

/** Ids are random and made by the server; nothing that a sender wrote becomes part of a path. */
export interface FileArea {
  /** Bytes that this program may still write. */
  freeBytes(): Promise<number>;
  createIncoming(id: string): Promise<GrowingFile>;
  openIncoming(id: string): Promise<ReadableFile>;
  removeIncoming(id: string): Promise<void>;
  createKept(id: string): Promise<GrowingFile>;
  /** Undefined when it is not there. */
  readKept(id: string): Promise<Buffer | undefined>;
  removeKept(id: string): Promise<void>;
  incoming(): AsyncIterable<LyingFile>;
  kept(): AsyncIterable<LyingFile>;
  /** What ties this area to its database; undefined in a new one. */
  readMark(): Promise<string | undefined>;
  writeMark(mark: string): Promise<void>;
}
