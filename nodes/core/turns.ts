// Lets a few do a thing at the same time; the others wait for their turn, first come first served.

export class Turns {
  #free: number;
  /** Who waits, first come first. */
  readonly #waiting = new Set<() => void>();

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** @param patienceMs whoever has waited this long goes without a turn */
  async take<Result>(work: () => Promise<Result>, patienceMs?: number): Promise<Result> {
    const isTurn = this.#free > 0 ? this.#takeFree() : await this.#wait(patienceMs);
    try {
      return await work();
    } finally {
      if (isTurn) this.#passOn();
    }
  }

  #takeFree(): true {
    this.#free -= 1;
    return true;
  }

  #wait(patienceMs: number | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const begin = () => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#waiting.add(begin);
      if (patienceMs === undefined) return;
      timer = setTimeout(() => {
        this.#waiting.delete(begin);
        resolve(false);
      }, patienceMs);
    });
  }

  /** The turn goes on to the next one without becoming free in between. */
  #passOn(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
