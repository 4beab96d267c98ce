// One writer at a time, in the order of asking; whoever has waited long enough is refused instead of waiting on.
import { StoreError } from './store-error.ts';

export type GiveBack = () => void;

export class WriteTurns {
  #isTaken = false;
  /** Who waits for a limited time, first come first. */
  readonly #waiting = new Set<() => void>();
  /** Who waits as long as it takes, such as migrations at a start: after those, so that a request meets one of them at most. */
  readonly #patient = new Set<() => void>();

  /** @returns what ends the turn; further calls of it do nothing. Rejects with a StoreError `busy` after `limitMs`. */
  async take(limitMs: number): Promise<GiveBack> {
    if (this.#isTaken) await this.#wait(limitMs);
    this.#isTaken = true;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#passOn();
    };
  }

  #wait(limitMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (limitMs === Number.POSITIVE_INFINITY) {
        this.#patient.add(resolve);
        return;
      }
      let timer: NodeJS.Timeout | undefined;
      const begin = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.add(begin);
      timer = setTimeout(() => {
        this.#waiting.delete(begin);
        reject(
          new StoreError('busy', `The database has been busy with other changes for ${(limitMs / 1000).toFixed(1)} s.`),
        );
      }, limitMs);
    });
  }

  /** The turn goes on to the next one without becoming free in between. */
  #passOn(): void {
    const [next = [...this.#patient][0]] = this.#waiting;
    if (!next) {
      this.#isTaken = false;
      return;
    }
    this.#waiting.delete(next);
    this.#patient.delete(next);
    next();
  }
}
