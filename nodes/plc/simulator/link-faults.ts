// The ways in which a simulated link fails on demand, and which of them hits the next request.

/** What happens to the answers of the next `requests` requests. */
export type AnswerFault =
  | { readonly kind: 'never-answer' | 'wrong-transaction-id' | 'bad-length' | 'short-answer' | 'split-answer' }
  | { readonly kind: 'answer-late'; readonly delayMs: number }
  | { readonly kind: 'exception'; readonly code: number };

export type LinkFault =
  | (AnswerFault & { readonly requests: number })
  /** Cuts every connection now. */
  | { readonly kind: 'drop-now' }
  /** Answers `requests` more requests, then cuts the connection instead of answering. */
  | { readonly kind: 'drop-after'; readonly requests: number }
  /** Carries out write number `writes` from now on, then cuts every connection instead of answering. */
  | { readonly kind: 'drop-in-queue-write'; readonly writes: number }
  /** Cuts every connection and refuses new ones until `plug-in`. */
  | { readonly kind: 'unplug' }
  | { readonly kind: 'plug-in' };

/** Armed faults that wait for their request. */
export class FaultScript {
  /** First armed, first served. */
  readonly #answers: { readonly fault: AnswerFault; left: number }[] = [];
  #requestsUntilDrop = Number.POSITIVE_INFINITY;
  #writesUntilDrop = Number.POSITIVE_INFINITY;

  arm(fault: LinkFault): void {
    if (fault.kind === 'drop-after') this.#requestsUntilDrop = fault.requests;
    else if (fault.kind === 'drop-in-queue-write') this.#writesUntilDrop = fault.writes;
    else if ('requests' in fault && fault.requests > 0) this.#answers.push({ fault, left: fault.requests });
  }

  /** Forgets every armed fault. */
  clear(): void {
    this.#answers.length = 0;
    this.#requestsUntilDrop = Number.POSITIVE_INFINITY;
    this.#writesUntilDrop = Number.POSITIVE_INFINITY;
  }

  /** Whether the connection goes away instead of this request being carried out. */
  dropsRequest(): boolean {
    if (this.#requestsUntilDrop > 0) {
      this.#requestsUntilDrop -= 1;
      return false;
    }
    this.#requestsUntilDrop = Number.POSITIVE_INFINITY;
    return true;
  }

  /** Whether the connection goes away after this write was carried out. */
  dropsAfterWrite(): boolean {
    this.#writesUntilDrop -= 1;
    if (this.#writesUntilDrop > 0) return false;
    this.#writesUntilDrop = Number.POSITIVE_INFINITY;
    return true;
  }

  /** What happens to this request's answer; undefined for an honest answer. */
  nextAnswerFault(): AnswerFault | undefined {
    const first = this.#answers[0];
    if (!first) return undefined;
    first.left -= 1;
    if (first.left <= 0) this.#answers.shift();
    return first.fault;
  }
}
