// One read cycle at a time: triggers that come while a cycle runs share the next one.

export interface CycleResult<T> {
  readonly value: T;
  /** Triggers that this cycle answers beside the first. */
  readonly merged: number;
}

/** Runs `cycle` for every trigger, never twice at once, and never more than one cycle behind. */
export class SharedCycle<T> {
  readonly #cycle: () => Promise<T>;
  #running: Promise<unknown> | undefined;
  #next: { readonly result: Promise<CycleResult<T>>; triggers: number } | undefined;
  #mergedInAll = 0;

  constructor(cycle: () => Promise<T>) {
    this.#cycle = cycle;
  }

  /** Triggers that were merged since the start. */
  get mergedInAll(): number {
    return this.#mergedInAll;
  }

  /** The result of a cycle that began after this call; rejects when that cycle does. */
  trigger(): Promise<CycleResult<T>> {
    if (this.#next) {
      this.#next.triggers += 1;
      this.#mergedInAll += 1;
      return this.#next.result;
    }
    if (!this.#running) return this.#begin(0);
    const next: { result: Promise<CycleResult<T>>; triggers: number } = {
      triggers: 1,
      result: this.#running.then(() => {
        this.#next = undefined;
        return this.#begin(next.triggers - 1);
      }),
    };
    this.#next = next;
    return next.result;
  }

  #begin(merged: number): Promise<CycleResult<T>> {
    const result = this.#cycle().then((value) => ({ value, merged }));
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    const running = settled.then(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return result;
  }
}
