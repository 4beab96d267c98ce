// The waiting line of the link: commands before polls, with a bound.
import type { PlcRequest } from './plc-request.ts';

export class RequestQueue {
  readonly #limit: number;
  readonly #commands: PlcRequest[] = [];
  readonly #polls: PlcRequest[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#commands.length + this.#polls.length;
  }

  /** The waiting poll that already asks for these words. */
  findPoll(wireAddress: number, count: number): PlcRequest | undefined {
    return this.#polls.find((poll) => poll.reads(wireAddress, count));
  }

  /**
   * Adds the request at the end of its lane. Returns the request that no longer fits: the oldest poll when a command
   * comes, else the newcomer itself.
   */
  add(request: PlcRequest): PlcRequest | undefined {
    let dropped: PlcRequest | undefined;
    if (this.length >= this.#limit) {
      dropped = request.priority === 'command' ? this.#polls.shift() : request;
      if (dropped === undefined) return request;
      if (dropped === request) return dropped;
    }
    (request.priority === 'command' ? this.#commands : this.#polls).push(request);
    return dropped;
  }

  next(): PlcRequest | undefined {
    return this.#commands.shift() ?? this.#polls.shift();
  }

  remove(request: PlcRequest): void {
    const lane = request.priority === 'command' ? this.#commands : this.#polls;
    const index = lane.indexOf(request);
    if (index >= 0) lane.splice(index, 1);
  }

  /** Empties the queue. */
  takeAll(): readonly PlcRequest[] {
    return [...this.#commands.splice(0), ...this.#polls.splice(0)];
  }
}
