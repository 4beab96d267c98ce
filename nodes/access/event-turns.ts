// Takes the events of one socket one after the other, as they came, with a bound on how many wait and a turn of the loop between two.
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { ClientPace } from './client-pace.ts';

/** A page with a hundred widgets asks for each of them when it opens. */
export const mostWaitingEvents = 200;

export class EventTurns {
  readonly #pace: ClientPace;
  readonly #client: string;
  readonly #most: number;
  readonly #waiting: (() => Promise<void>)[] = [];
  #isWorking = false;

  /** @param client whose pace holds: all sockets of a session share one */
  constructor(pace: ClientPace, client: string, most = mostWaitingEvents) {
    this.#pace = pace;
    this.#client = client;
    this.#most = most;
  }

  /** False where too many wait already. `work` must not reject. */
  add(work: () => Promise<void>): boolean {
    if (this.#waiting.length >= this.#most) return false;
    this.#waiting.push(work);
    if (!this.#isWorking) void this.#workOff();
    return true;
  }

  /** Forgets what waits. */
  end(): void {
    this.#waiting.length = 0;
  }

  async #workOff(): Promise<void> {
    this.#isWorking = true;
    for (let work = this.#waiting.shift(); work; work = this.#waiting.shift()) {
      const leave = await this.#turn();
      await work();
      leave();
      await turnOfTheLoop();
    }
    this.#isWorking = false;
  }

  /** More sockets of one session than may wait at its pace go without it, one event at a time all the same. */
  async #turn(): Promise<() => void> {
    return this.#pace.enter(this.#client).catch(() => () => undefined);
  }
}
