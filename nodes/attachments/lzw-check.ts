// Follows the LZW codes of a GIF frame without making pixels: how many there are, and that nothing comes behind them.
import { damaged } from './refusals.ts';

const mostCodes = 4096;

export class LzwCheck {
  readonly #minimum: number;
  readonly #clear: number;
  readonly #pixels: number;
  /** How many pixels each code stands for. */
  readonly #lengths = new Uint32Array(mostCodes);
  #codeBits: number;
  #nextCode: number;
  #previous = -1;
  #bits = 0;
  #bitCount = 0;
  #made = 0;
  #ended = false;

  /** @param minimum bits of a colour; @param pixels how many the frame has */
  constructor(minimum: number, pixels: number) {
    if (minimum < 1 || minimum > 8) throw damaged('its pixels are broken');
    this.#minimum = minimum;
    this.#clear = 1 << minimum;
    this.#pixels = pixels;
    this.#lengths.fill(1, 0, this.#clear);
    this.#codeBits = minimum + 1;
    this.#nextCode = this.#clear + 2;
  }

  feed(block: Buffer): void {
    for (const byte of block) {
      if (this.#ended) throw damaged('something hides behind its pixels');
      this.#bits |= byte << this.#bitCount;
      this.#bitCount += 8;
      while (this.#bitCount >= this.#codeBits && !this.#ended) {
        const code = this.#bits & ((1 << this.#codeBits) - 1);
        this.#bits >>>= this.#codeBits;
        this.#bitCount -= this.#codeBits;
        this.#take(code);
      }
    }
  }

  finish(): void {
    if (this.#made !== this.#pixels) throw damaged('pixels are missing');
  }

  #take(code: number): void {
    if (code === this.#clear) {
      this.#codeBits = this.#minimum + 1;
      this.#nextCode = this.#clear + 2;
      this.#previous = -1;
      return;
    }
    if (code === this.#clear + 1) {
      this.#ended = true;
      return;
    }
    if (code > this.#nextCode || (code === this.#nextCode && this.#previous === -1))
      throw damaged('its pixels are broken');
    if (this.#previous === -1) {
      if (code >= this.#clear) throw damaged('its pixels are broken');
    } else if (this.#nextCode < mostCodes) {
      this.#lengths[this.#nextCode] = (this.#lengths[this.#previous] ?? 0) + 1;
      this.#nextCode += 1;
      if (this.#nextCode === 1 << this.#codeBits && this.#codeBits < 12) this.#codeBits += 1;
    } else if (code >= mostCodes) {
      throw damaged('its pixels are broken');
    }
    this.#made += this.#lengths[code] ?? 0;
    if (this.#made > this.#pixels) throw damaged('it has more pixels than its size says');
    this.#previous = code;
  }
}
