// Takes a multipart body apart as it arrives: fields as texts, files onto the disk, everything within its limits.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { asError } from '../core/errors.ts';
import type { FileArea } from './file-area.ts';
import { UploadRefused } from './refusals.ts';
import { thumbnailLimits, type UploadLimits } from './upload-rules.ts';

/** A file as it came, in `incoming`, unchecked. */
export interface IncomingFile {
  readonly id: string;
  readonly field: string;
  readonly sentName: string | undefined;
  readonly sizeBytes: number;
  /** The file of this request, counted from 0, that it is the small picture of (none: -1); undefined for a file of its own. */
  readonly thumbnailOf: number | undefined;
}

export interface UploadParts {
  /** Repeated `name[]` as lists under `name`, everything else as text. */
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
  readonly files: readonly IncomingFile[];
}

export interface PartsReaderOptions {
  readonly area: FileArea;
  readonly limits: UploadLimits;
  /** Nothing arrives for this long: the sender is gone or plays for time. */
  readonly idleMs: number;
  /** From the first byte to the last, whatever the pace. */
  readonly longestMs: number;
}

/** Names of our own forms, and nothing that JavaScript gives a meaning to. */
const fieldName = /^[A-Za-z][\w.-]{0,63}(\[\])?$/;
const meaningful: ReadonlySet<string> = new Set(['constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty']);
/** `thumbnails` is that of the file right before it; `thumbnail_0` that of the first file of the request. */
const thumbnailName = /^(?:thumbnails|thumbnail_(\d))$/;
const partHeaderBytes = 4 * 1024;

/** 128 random bits as 22 characters. */
export function newFileId(): string {
  return randomBytes(16).toString('base64url');
}

/** How large the whole body may be: every file, its small picture, the fields, and what stands between them. */
export function mostBodyBytes({ files, fileBytes, fields, fieldBytes }: UploadLimits): number {
  const parts = 2 * files + fields;
  return files * (fileBytes + thumbnailLimits.bytes) + Math.min(fields * fieldBytes, 1024 * 1024) + parts * 8 * 1024;
}

/** Rejects with an UploadRefused; then nothing of it is left on the disk. */
export function readParts(request: IncomingMessage, options: PartsReaderOptions): Promise<UploadParts> {
  return new PartsReader(request, options).read();
}

class PartsReader {
  readonly #request: IncomingMessage;
  readonly #options: PartsReaderOptions;
  readonly #fields = new Map<string, string | string[]>();
  readonly #files: Promise<IncomingFile | undefined>[] = [];
  readonly #streams = new Set<Readable>();
  readonly #ids: string[] = [];
  #fileCount = 0;
  #failure: Error | undefined;
  #settle: () => void = () => {};

  constructor(request: IncomingMessage, options: PartsReaderOptions) {
    this.#request = request;
    this.#options = options;
  }

  async read(): Promise<UploadParts> {
    const { area } = this.#options;
    const parser = this.#parser();
    const done = new Promise<void>((resolve) => {
      this.#settle = resolve;
    });
    const stopWatching = this.#watch(parser);
    parser.on('error', (error) => this.#fail(malformed(asError(error).message, error)));
    parser.on('finish', () => this.#settle());
    parser.on('field', (name, value, _nameTruncated, truncated) =>
      this.#attempt(() => this.#takeField(name, value, truncated)),
    );
    parser.on('file', (name, stream, sentName) => this.#takeFile(name, stream, sentName));
    const { files, fields } = this.#options.limits;
    parser.on('fieldsLimit', () =>
      this.#fail(new UploadRefused('too-many-fields', `At most ${fields} fields are taken.`)),
    );
    parser.on('filesLimit', () => this.#fail(tooManyFiles(files)));
    parser.on('partsLimit', () => this.#fail(new UploadRefused('too-many-fields', 'The form has too many parts.')));
    this.#request.pipe(parser);
    await done;
    stopWatching();
    const taken = await Promise.allSettled(this.#files);
    const files_ = taken.flatMap((outcome) => (outcome.status === 'fulfilled' && outcome.value ? [outcome.value] : []));
    if (this.#failure) {
      this.#request.unpipe(parser);
      await Promise.all(this.#ids.map((id) => area.removeIncoming(id)));
      throw this.#failure;
    }
    return { fields: Object.fromEntries(this.#fields), files: files_ };
  }

  #parser(): BusboyInstance {
    const { files, fields, fieldBytes, fileBytes } = this.#options.limits;
    const contentType = this.#request.headers['content-type'] ?? '';
    try {
      return new Busboy({
        headers: { ...this.#request.headers, 'content-type': contentType },
        limits: {
          files: 2 * files,
          fields,
          fieldSize: fieldBytes,
          fileSize: fileBytes,
          parts: 2 * files + fields,
          headerPairs: 20,
          headerSize: partHeaderBytes,
        },
      });
    } catch (error) {
      throw malformed(asError(error).message, error);
    }
  }

  /** Ends the reading when the sender goes away, plays for time or sends too much. */
  #watch(parser: BusboyInstance): () => void {
    const request = this.#request;
    const { idleMs, longestMs, limits } = this.#options;
    const most = mostBodyBytes(limits);
    let received = 0;
    const tooSlow = () => {
      // Then it is this side that reads slowly.
      if (request.isPaused()) idle.refresh();
      else
        this.#fail(new UploadRefused('upload-too-slow', `Nothing arrived for ${Math.round(idleMs / 1000)} seconds.`));
    };
    const idle = setTimeout(tooSlow, idleMs);
    const deadline = setTimeout(
      () => this.#fail(new UploadRefused('upload-too-slow', `It took over ${Math.round(longestMs / 1000)} seconds.`)),
      longestMs,
    );
    const onData = (bytes: Buffer) => {
      idle.refresh();
      received += bytes.length;
      if (received > most) this.#fail(tooLarge(most));
    };
    const onClose = () => {
      if (!request.complete) this.#fail(new UploadRefused('upload-cut', 'The upload ended before it was whole.'));
    };
    // A body that ends within a part may leave the parser waiting for more.
    const onEnd = () => parser.end();
    request.on('data', onData);
    request.on('close', onClose);
    request.on('error', onClose);
    request.on('end', onEnd);
    if (request.destroyed) onClose();
    return () => {
      clearTimeout(idle);
      clearTimeout(deadline);
      request.off('data', onData);
      request.off('close', onClose);
      request.off('end', onEnd);
    };
  }

  #takeField(given: string | undefined, value: string, truncated: boolean): void {
    const name = this.#nameOf(given);
    if (truncated) {
      const most = this.#options.limits.fieldBytes;
      throw new UploadRefused('field-too-large', `at most ${most} bytes are taken`, { field: name.plain });
    }
    if (value.includes('\0')) throw new UploadRefused('malformed-upload', 'it is no text', { field: name.plain });
    const known = this.#fields.get(name.plain);
    if (name.isList && (known === undefined || typeof known !== 'string')) {
      this.#fields.set(name.plain, [...(known ?? []), value]);
    } else if (known === undefined) {
      this.#fields.set(name.plain, value);
    } else {
      throw new UploadRefused('malformed-upload', 'it is there twice', { field: name.plain });
    }
  }

  #takeFile(given: string | undefined, stream: Readable, sentName: string | undefined): void {
    // After a refusal the rest passes by unread.
    stream.on('error', () => {});
    if (this.#failure) {
      stream.resume();
      return;
    }
    this.#attempt(() => {
      const field = this.#nameOf(given).plain;
      const thumbnail = thumbnailName.exec(field);
      const thumbnailOf = thumbnail ? Number(thumbnail[1] ?? this.#fileCount - 1) : undefined;
      const { files, fileBytes } = this.#options.limits;
      // A form sends an empty part for a file that nobody chose.
      const isNothing = sentName === undefined || sentName === '';
      if (thumbnailOf === undefined && !isNothing) this.#fileCount += 1;
      if (this.#fileCount > files) throw tooManyFiles(files);
      this.#streams.add(stream);
      const saving = this.#save(stream, {
        field,
        sentName: isNothing ? undefined : sentName,
        thumbnailOf,
        mostBytes: thumbnailOf === undefined ? fileBytes : Math.min(fileBytes, thumbnailLimits.bytes),
      }).finally(() => this.#streams.delete(stream));
      saving.catch((error: unknown) => this.#fail(asError(error)));
      this.#files.push(saving);
    });
    if (this.#failure) stream.resume();
  }

  async #save(
    stream: Readable,
    {
      field,
      sentName,
      thumbnailOf,
      mostBytes,
    }: Omit<IncomingFile, 'id' | 'sizeBytes'> & { readonly mostBytes: number },
  ): Promise<IncomingFile | undefined> {
    const { area } = this.#options;
    const id = newFileId();
    const exceeded = () => new UploadRefused('file-too-large', `it is larger than ${sizeText(mostBytes)}`, { field });
    stream.once('limit', () => stream.destroy(exceeded()));
    this.#ids.push(id);
    const file = await area.createIncoming(id);
    let sizeBytes = 0;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        sizeBytes += chunk.length;
        if (sizeBytes > mostBytes) throw exceeded();
        await file.write(chunk);
      }
      await file.finish();
    } finally {
      await file.close();
    }
    if (sizeBytes === 0 && sentName === undefined) {
      await area.removeIncoming(id);
      return undefined;
    }
    if (sizeBytes === 0) throw new UploadRefused('damaged-file', 'it is empty', { field });
    return { id, field, sentName, sizeBytes, thumbnailOf };
  }

  #nameOf(given: string | undefined): { readonly plain: string; readonly isList: boolean } {
    const name = given ?? '';
    const isList = name.endsWith('[]');
    const plain = isList ? name.slice(0, -2) : name;
    if (fieldName.test(name) && !meaningful.has(plain)) return { plain, isList };
    throw malformed('a field has no proper name');
  }

  #attempt(work: () => void): void {
    if (this.#failure) return;
    try {
      work();
    } catch (error) {
      this.#fail(asError(error));
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const stream of this.#streams) stream.destroy(this.#failure);
    this.#settle();
  }
}

function malformed(why: string, cause?: unknown): UploadRefused {
  return new UploadRefused('malformed-upload', `The form can not be read: ${why.replace(/\.$/, '')}.`, { cause });
}

function tooManyFiles(most: number): UploadRefused {
  return new UploadRefused('too-many-files', `At most ${most} files are taken at a time.`);
}

export function tooLarge(most: number): UploadRefused {
  return new UploadRefused('file-too-large', `The upload is larger than ${sizeText(most)}.`);
}

function sizeText(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${Math.floor(bytes / 1024 / 1024)} MB` : `${Math.floor(bytes / 1024)} KB`;
}
