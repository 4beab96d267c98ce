// How the content checks read a file and write its clean copy: a piece at a time, so that no file is ever whole in memory.
import { damaged } from './refusals.ts';

export interface ByteSource {
  readonly size: number;
  /** Bytes from `at` on; fewer than `length` only at the end of the file. */
  read(at: number, length: number): Promise<Buffer>;
}

export interface ByteSink {
  write(bytes: Buffer): Promise<void>;
}

/** One piece: large enough for few reads, small enough that looking at each of its bytes takes well under a millisecond. */
export const pieceBytes = 64 * 1024;

/** Reads a source from its start to its end. What is missing is a damaged file. */
export class SourceReader {
  readonly source: ByteSource;
  /** Where `#window` begins. */
  #from = 0;
  #at = 0;
  #window: Buffer = Buffer.alloc(0);

  constructor(source: ByteSource) {
    this.source = source;
  }

  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.source.size - this.#at;
  }

  /** The next bytes, at least one unless the file ends here; valid until the next call. Does not move. */
  async window(atLeast = 1): Promise<Buffer> {
    const offset = this.#at - this.#from;
    if (offset + atLeast > this.#window.length && this.#from + this.#window.length < this.source.size) {
      this.#window = await this.source.read(this.#at, Math.max(pieceBytes, atLeast));
      this.#from = this.#at;
      return this.#window;
    }
    return this.#window.subarray(offset);
  }

  advance(length: number): void {
    this.#at += length;
    if (this.#at - this.#from > this.#window.length) {
      this.#from = this.#at;
      this.#window = Buffer.alloc(0);
    }
  }

  /** @param what what the bytes are, for the refusal of a file that ends in them */
  async take(length: number, what: string): Promise<Buffer> {
    const bytes = (await this.window(length)).subarray(0, length);
    if (bytes.length < length) throw damaged(`it ends within ${what}`);
    this.advance(length);
    return bytes;
  }

  async skip(length: number, what: string): Promise<void> {
    if (length > this.remaining) throw damaged(`it ends within ${what}`);
    this.advance(length);
  }

  /** Hands the next `length` bytes over in pieces. */
  async eachPiece(length: number, what: string, use: (piece: Buffer) => Promise<void>): Promise<void> {
    if (length > this.remaining) throw damaged(`it ends within ${what}`);
    for (let left = length; left > 0; ) {
      const piece = (await this.window()).subarray(0, left);
      if (piece.length === 0) throw damaged(`it ends within ${what}`);
      this.advance(piece.length);
      left -= piece.length;
      await use(piece);
    }
  }

  /** Copies the next `length` bytes. */
  copy(length: number, sink: ByteSink, what: string): Promise<void> {
    return this.eachPiece(length, what, (piece) => sink.write(piece));
  }
}
