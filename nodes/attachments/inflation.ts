// Unpacks compressed data off the event loop, never further than it may unpack to.
import { once } from 'node:events';
import { createInflate, createInflateRaw, type Inflate, type InflateRaw } from 'node:zlib';
import { asError } from '../core/errors.ts';
import { damaged, type FileRefused } from './refusals.ts';

export interface InflationOptions {
  /** `zlib` in PNG and PDF, `raw` in ZIP. */
  readonly format: 'zlib' | 'raw';
  /** Unpacking stops as soon as this many bytes are exceeded. */
  readonly mostBytes: number;
  readonly tooMuch: () => FileRefused;
  /** Sees what comes out; may throw a FileRefused. */
  readonly look?: (bytes: Buffer) => void;
}

export interface InflationResult {
  readonly unpackedBytes: number;
  /** Fed bytes that were not part of the compressed data. */
  readonly unusedBytes: number;
}

/** 128 KiB a turn: unpacked in a thread of libuv, looked at here in well under a millisecond. */
const chunkSize = 128 * 1024;

export class Inflation {
  readonly #stream: Inflate | InflateRaw;
  #fed = 0;
  #unpacked = 0;
  #failure: Error | undefined;
  #ended = false;

  constructor(options: InflationOptions) {
    this.#stream = options.format === 'zlib' ? createInflate({ chunkSize }) : createInflateRaw({ chunkSize });
    this.#stream.on('data', (bytes: Buffer) => {
      this.#unpacked += bytes.length;
      try {
        if (this.#unpacked > options.mostBytes) throw options.tooMuch();
        options.look?.(bytes);
      } catch (error) {
        this.#fail(asError(error));
      }
    });
    this.#stream.on('end', () => {
      this.#ended = true;
    });
    this.#stream.on('error', (error) => this.#fail(damaged('its compressed data is broken', error)));
  }

  get unpackedBytes(): number {
    return this.#unpacked;
  }

  /** True once the compressed data said that it ends. */
  get ended(): boolean {
    return this.#ended;
  }

  async feed(bytes: Buffer): Promise<void> {
    this.#throwFailure();
    this.#fed += bytes.length;
    if (this.#ended) return;
    await new Promise<void>((resolve) => {
      // An error is told through the event; a closed stream calls nobody back.
      this.#stream.once('close', resolve);
      this.#stream.write(bytes, () => {
        this.#stream.off('close', resolve);
        resolve();
      });
    });
    this.#throwFailure();
  }

  async finish(): Promise<InflationResult> {
    this.#throwFailure();
    if (!this.#ended) {
      const ended = Promise.race([once(this.#stream, 'end'), once(this.#stream, 'close')]);
      this.#stream.end();
      await ended.catch(() => {});
    }
    this.#throwFailure();
    const used = this.#stream.bytesWritten;
    this.close();
    return { unpackedBytes: this.#unpacked, unusedBytes: this.#fed - used };
  }

  close(): void {
    this.#stream.destroy();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#stream.destroy();
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure;
  }
}
