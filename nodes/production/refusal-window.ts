// How many of a machine's last messages were refused: ten of twenty are no glitch, also where others count between them.
import { bitsIn } from './fall-window.ts';

/** So many refused messages of the last twenty, and people are told. */
export const manyRefused = 10;
const window = (1 << 20) - 1;
/** The episode is over when so few of the last twenty were refused. */
const fewRefused = 5;

export class RefusalWindow {
  /** The newest message is the lowest bit. */
  #bits = 0;
  #isTold = false;

  /** @returns whether it is the refusal that people must be told of */
  refused(): boolean {
    this.#bits = ((this.#bits << 1) | 1) & window;
    if (this.#isTold || bitsIn(this.#bits) < manyRefused) return false;
    this.#isTold = true;
    return true;
  }

  counted(): void {
    if (this.#bits === 0) return;
    this.#bits = (this.#bits << 1) & window;
    if (bitsIn(this.#bits) <= fewRefused) this.#isTold = false;
  }

  /** Whether the newest message is one of many that were refused. */
  get isShutOut(): boolean {
    return this.#isTold && (this.#bits & 1) === 1;
  }

  /** Whether none was counted between the last ones. */
  get isInRow(): boolean {
    return (this.#bits & ((1 << manyRefused) - 1)) === (1 << manyRefused) - 1;
  }
}
