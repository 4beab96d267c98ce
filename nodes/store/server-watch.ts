// Whether the database server answers: once it is known not to, questions are refused at once instead of waiting one by one.

export interface WatchTimers {
  /** Between two looks at a server that does not answer. */
  readonly againMs: number;
}

const usual: WatchTimers = { againMs: 500 };

export class ServerWatch {
  readonly #probe: () => Promise<boolean>;
  readonly #timers: WatchTimers;
  /** Called once when the server is found down. */
  readonly #onDown = new Set<() => void>();
  #isDown = false;
  #isProbing = false;
  #again: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** @param probe resolves whether the server answers, within a limit of its own */
  constructor(probe: () => Promise<boolean>, timers: WatchTimers = usual) {
    this.#probe = probe;
    this.#timers = timers;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /** Looks at the server now, unless that is under way; then again and again until it answers. */
  suspect(): void {
    if (this.#isProbing || this.#again || this.#isStopped) return;
    this.#isProbing = true;
    this.#probe().then(
      (answers) => this.#found(answers),
      () => this.#found(false),
    );
  }

  /** Calls `listener` when the server is found down; the returned function forgets it. */
  whenDown(listener: () => void): () => void {
    this.#onDown.add(listener);
    return () => this.#onDown.delete(listener);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#again);
    this.#again = undefined;
  }

  #found(answers: boolean): void {
    this.#isProbing = false;
    this.#isDown = !answers;
    if (answers || this.#isStopped) return;
    for (const listener of [...this.#onDown]) listener();
    this.#again = setTimeout(() => {
      this.#again = undefined;
      this.suspect();
    }, this.#timers.againMs);
    this.#again.unref();
  }
}
