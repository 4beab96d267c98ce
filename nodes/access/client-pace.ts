// Bounds the work of one client, so that an account that sends what it likes costs the others nothing they would notice.
import type { Clock } from '../core/clock.ts';
import { ShopfloorError } from '../core/errors.ts';

export interface Pace {
  /** Begins at once after a rest. */
  readonly burst: number;
  /** Begins each second while it goes on. */
  readonly perSecond: number;
  /** Is under way at the same time. */
  readonly atOnce: number;
  /** Waits for its turn; what comes on top is refused as busy. */
  readonly waiting: number;
}

/** A page that opens asks for a dozen things; a person's taps are a few a second. The last that waits is served within four seconds. */
export const sessionPace: Pace = { burst: 120, perSecond: 30, atOnce: 6, waiting: 100 };
/** A script of the plant, whose token an administrator gave. */
export const tokenPace: Pace = { burst: 1_000, perSecond: 200, atOnce: 6, waiting: 300 };
/** Events of the dashboard's sockets of one session: a page with a hundred widgets asks for each of them when it opens. */
export const socketPace: Pace = { burst: 150, perSecond: 25, atOnce: 2, waiting: 100 };

/** Clients that are remembered before those are forgotten that have rested. */
const keptClients = 1_000;

export class Busy extends ShopfloorError {
  constructor() {
    super('busy', 429, 'Too many requests wait already.', { hint: 'Wait a second and send fewer at once.' });
  }
}

/** Gives a place back; a second call does nothing. */
export type Leave = () => void;

interface Line {
  tokens: number;
  filledMs: number;
  running: number;
  readonly queue: ((leave: Leave) => void)[];
  stopTimer: (() => void) | undefined;
}

export class ClientPace {
  readonly #pace: Pace;
  readonly #clock: Clock;
  /** Mapped by client, such as a session's id. */
  readonly #lines = new Map<string, Line>();

  constructor(pace: Pace, clock: Clock) {
    this.#pace = pace;
    this.#clock = clock;
  }

  /** Resolves when it is the client's turn, first come first served. Rejects with Busy where too many wait already. */
  enter(client: string): Promise<Leave> {
    const line = this.#lineOf(client);
    if (line.queue.length >= this.#pace.waiting) return Promise.reject(new Busy());
    return new Promise((resolve) => {
      line.queue.push(resolve);
      this.#pump(line);
    });
  }

  #lineOf(client: string): Line {
    const known = this.#lines.get(client);
    if (known) return known;
    if (this.#lines.size >= keptClients) this.#forgetRested();
    const line: Line = {
      tokens: this.#pace.burst,
      filledMs: this.#clock.monotonicMs(),
      running: 0,
      queue: [],
      stopTimer: undefined,
    };
    this.#lines.set(client, line);
    return line;
  }

  #pump(line: Line): void {
    this.#fill(line);
    while (line.queue.length > 0 && line.running < this.#pace.atOnce && line.tokens >= 1) {
      line.tokens -= 1;
      line.running += 1;
      line.queue.shift()?.(this.#leaveOf(line));
    }
    if (line.queue.length === 0 || line.running >= this.#pace.atOnce || line.stopTimer) return;
    const waitMs = Math.ceil(((1 - line.tokens) * 1_000) / this.#pace.perSecond);
    line.stopTimer = this.#clock.after(waitMs, () => {
      line.stopTimer = undefined;
      this.#pump(line);
    });
  }

  #leaveOf(line: Line): Leave {
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      line.running -= 1;
      this.#pump(line);
    };
  }

  #fill(line: Line): void {
    const nowMs = this.#clock.monotonicMs();
    const { burst, perSecond } = this.#pace;
    line.tokens = Math.min(burst, line.tokens + ((nowMs - line.filledMs) * perSecond) / 1_000);
    line.filledMs = nowMs;
  }

  #forgetRested(): void {
    for (const [client, line] of this.#lines) {
      this.#fill(line);
      const rests = line.running === 0 && line.queue.length === 0 && line.tokens === this.#pace.burst;
      if (rests) this.#lines.delete(client);
    }
  }
}
