// Tells a client id that two clients use from a broker that is away: MQTT 3.1.1 lets the second one in and closes the first without a word.
// The one that was closed comes back and closes the other, and so on; each of them is connected for as long as the other waits.

/** Longer than any client waits before it comes back, such as this package's own 30 s: a connection that lasts so long is undisputed. */
export const undisputedMs = 60_000;
/** A broker that is restarted once or twice looks the same. */
const suspiciousEnds = 3;

export class ContestedId {
  readonly #lastingMs: number;
  #openedMs: number | undefined;
  #shortInRow = 0;

  constructor(lastingMs = undisputedMs) {
    this.#lastingMs = lastingMs;
  }

  /** True from the third connection in a row that the broker accepted and ended soon, until one lasts. */
  get isSuspected(): boolean {
    return this.#shortInRow >= suspiciousEnds;
  }

  /** How often the broker has ended a connection soon since one lasted. */
  get shortInRow(): number {
    return this.#shortInRow;
  }

  /** The broker accepted a connection, on a monotonic clock. */
  opened(atMs: number): void {
    this.#openedMs = atMs;
  }

  /** A connection or an attempt ended; `byUs`: this side closed it. */
  ended(atMs: number, byUs: boolean): void {
    const openedMs = this.#openedMs;
    this.#openedMs = undefined;
    // A broker that accepts nobody is away, which ends every dispute.
    if (openedMs === undefined) this.#shortInRow = 0;
    else if (atMs - openedMs >= this.#lastingMs) this.#shortInRow = 0;
    else if (!byUs) this.#shortInRow += 1;
  }

  /** The connection has lasted. */
  lasted(): void {
    this.#shortInRow = 0;
  }
}
