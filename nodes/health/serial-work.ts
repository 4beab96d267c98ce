// One piece of work after the other, so that two messages never judge the same component at once.

export class SerialWork {
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  /** Runs `work` when everything before it has ended, well or not. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Resolves when what was begun has ended; nothing runs again by itself. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }
}
