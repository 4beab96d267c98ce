// Finds whose content makes a fold or a look by the clock impossible, by trying them for some machines and taking that back.
import type { Transaction } from 'kysely';
import type { Store } from '../store/store.ts';
import { isContentFault } from '../store/store-error.ts';
import { refusalOf } from '../store/trial.ts';
import { culpritsAmong } from './culprit-search.ts';
import { entriesFrom, type JournalEntry, sendersOf } from './journal-entries.ts';
import type { IntakeSchema } from './tables.ts';
import type { Fold, Recorder, TrackerStore } from './tracker-store.ts';
import type { UnfoldedCounts } from './unfolded-counts.ts';

export interface FaultSearchParts {
  readonly store: Store;
  readonly tables: TrackerStore;
  /** Counts of nothing yet, with every machine as the tables have it. */
  readonly begin: () => Promise<UnfoldedCounts>;
  /** What the participants record of a fold. */
  readonly record: (fold: Fold) => Recorder;
}

/** Why the content of a machine is refused, mapped by machine; '' stands for messages that name none. */
export type Culprits = ReadonlyMap<string, Error>;

export class FaultSearch {
  readonly #parts: FaultSearchParts;

  constructor(parts: FaultSearchParts) {
    this.#parts = parts;
  }

  /** Whose messages of the journal can't be folded. Empty where that is no fault of theirs. */
  inJournal(entries: readonly JournalEntry[], epoch: number, nowMs: number): Promise<Culprits> {
    const { begin, tables, record } = this.#parts;
    return culpritsAmong(sendersOf(entries), async (some) => {
      const unfolded = await begin();
      try {
        for (const { seq, arrivals } of entriesFrom(entries, new Set(some))) unfolded.judge(arrivals, seq, nowMs);
      } catch (thrown) {
        if (isContentFault(thrown)) return thrown;
        throw thrown;
      }
      const fold = unfolded.handOver(epoch, nowMs);
      return tables.refusalOf(fold, record(fold));
    });
  }

  /** Of which machines `sweep`, which leaves out those that it is given, can't be done. */
  inSweep(
    machines: readonly string[],
    sweep: (transaction: Transaction<IntakeSchema>, skipped: readonly string[]) => Promise<unknown>,
  ): Promise<Culprits> {
    return culpritsAmong(machines, (some) => {
      const tried = new Set(some);
      const skipped = machines.filter((machine) => !tried.has(machine));
      return refusalOf<IntakeSchema>(this.#parts.store, (transaction) => sweep(transaction, skipped));
    });
  }
}
