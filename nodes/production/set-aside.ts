// Machines whose content the tables refuse: set aside with the cause, so that the others go on, and tried again after a while.
import { backoffDelayMs } from '../core/backoff.ts';
import type { Culprits } from './fault-search.ts';
import type { NewProductionEvent } from './intake-contract.ts';
import { storable } from './storable-text.ts';

/** The first try comes soon, because a newer message may be sound; the later ones cost a transaction each that is given up. */
const retry = { firstMs: 60_000, capMs: 15 * 60_000 };

/** Which of the tracker's works refused it: booking what it sent, or looking at it by the clock. */
export type SetAsidePart = 'readings' | 'clock';

interface Held {
  readonly cause: string;
  readonly failures: number;
  /** From when on it is tried again, by the monotonic clock. */
  readonly retryAtMs: number;
  readonly isTried: boolean;
  /** The event of its beginning is stored. */
  readonly isTold: boolean;
}

const begun = 'machine-set-aside';
const ended = 'machine-taken-back';

/** Longer ones, such as the whole of a statement, are no cause that people read. */
const longestCause = 300;

/** Those of one work; each episode begins and ends with an event. */
export class SetAside {
  readonly #part: SetAsidePart;
  /** Mapped by machine; '' stands for messages that name none. */
  readonly #held = new Map<string, Held>();

  constructor(part: SetAsidePart) {
    this.#part = part;
  }

  hold(culprits: Culprits, monotonicMs: number): void {
    for (const [machine, { message }] of culprits) {
      const known = this.#held.get(machine);
      const failures = (known?.failures ?? -1) + 1;
      this.#held.set(machine, {
        cause: storable(message.slice(0, longestCause)),
        failures,
        retryAtMs: monotonicMs + backoffDelayMs(retry, failures),
        isTried: false,
        isTold: known?.isTold ?? false,
      });
    }
  }

  /** Why it is left out; undefined for one that is not. */
  causeOf(machine: string): string | undefined {
    const held = this.#held.get(machine);
    return held && !held.isTried ? held.cause : undefined;
  }

  /** Lets those be tried again whose time has come. */
  retry(monotonicMs: number): void {
    for (const [machine, held] of this.#held) {
      if (!held.isTried && monotonicMs >= held.retryAtMs) this.#held.set(machine, { ...held, isTried: true });
    }
  }

  /**
   * What a transaction has to say of these machines; `settle` it once it is committed.
   * @param isTaken whether the transaction takes the data of one that is being tried
   */
  events(nowMs: number, isTaken: (machine: string) => boolean = () => true): readonly NewProductionEvent[] {
    const part = this.#part;
    return [...this.#held].flatMap(([machine, { cause, isTold, isTried }]) => [
      ...(isTold ? [] : [eventOf(machine, nowMs, begun, { part, cause })]),
      ...(isTried && isTaken(machine) ? [eventOf(machine, nowMs, ended, { part })] : []),
    ]);
  }

  settle(events: readonly NewProductionEvent[]): void {
    for (const { machine, type } of events) {
      const held = this.#held.get(machine);
      if (type === ended) this.#held.delete(machine);
      else if (held) this.#held.set(machine, { ...held, isTold: true });
    }
  }

  /** Left out now. */
  get machines(): readonly string[] {
    return [...this.#held].filter(([, { isTried }]) => !isTried).map(([machine]) => machine);
  }
}

function eventOf(
  machine: string,
  nowMs: number,
  type: string,
  detail: NewProductionEvent['detail'],
): NewProductionEvent {
  return { machine, at: new Date(nowMs).toISOString(), type, actor: 'tracker', reason: null, detail };
}
