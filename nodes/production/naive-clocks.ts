// Times without a zone in the hour that a clock change repeats: which of the two passes one means, told by what its machine sent before.

/** What a machine sent last without a zone. */
interface LastTime {
  readonly atMs: number;
  /** How long after it the message came. */
  readonly delayMs: number;
}

/** So far behind its predecessor a message may come out of order; further back, its clock was set back. */
const reorderedMs = 5 * 60_000;
/** Machines beyond this are begun anew. */
const keptMachines = 10_000;

export class NaiveClocks {
  readonly #liveMs: number;
  /** Mapped by machine. */
  readonly #last = new Map<string, LastTime>();

  /** @param liveMs a message that comes within so long of its own time was not kept anywhere */
  constructor(liveMs: number) {
    this.#liveMs = liveMs;
  }

  /**
   * Which of two instants a wall clock reading means; equal ones where it is shown once. A message that comes when its earlier reading
   * would be true means that one; in a row of messages without delay, so does the later one. What was kept somewhere comes in its own order: the
   * first pass, until the time goes back.
   */
  choose(machine: string, earlierMs: number, laterMs: number, arrivedMs: number): number {
    const atMs = earlierMs === laterMs ? earlierMs : this.#chosen(machine, earlierMs, laterMs, arrivedMs);
    const last = this.#last.get(machine);
    if (!last || atMs >= last.atMs || atMs < last.atMs - reorderedMs) {
      if (this.#last.size >= keptMachines && !last) this.#last.clear();
      this.#last.set(machine, { atMs, delayMs: arrivedMs - atMs });
    }
    return atMs;
  }

  #chosen(machine: string, earlierMs: number, laterMs: number, arrivedMs: number): number {
    const last = this.#last.get(machine);
    const isNear = (atMs: number) => Math.abs(arrivedMs - atMs) <= this.#liveMs;
    if (isNear(earlierMs)) return earlierMs;
    if (isNear(laterMs) && (!last || last.delayMs <= this.#liveMs)) return laterMs;
    return !last || earlierMs >= last.atMs - reorderedMs ? earlierMs : laterMs;
  }
}
