// The tracker's look at the clock: shifts close and silent machines are found; one of which that can't be done stops no other.
import type { Transaction } from 'kysely';
import type { Clock } from '../core/clock.ts';
import { isContentFault } from '../store/store-error.ts';
import type { FaultSearch } from './fault-search.ts';
import type { NewProductionEvent, ParticipantContext, TrackerSweep } from './intake-contract.ts';
import type { ProductionEvent } from './messages.ts';
import { SetAside } from './set-aside.ts';
import { closeShifts, reopenShifts } from './shift-closing.ts';
import type { IntakeSchema } from './tables.ts';
import type { TrackerStore } from './tracker-store.ts';

export interface ClockLookParts {
  readonly tables: TrackerStore;
  readonly search: FaultSearch;
  readonly sweeps: readonly TrackerSweep[];
  readonly clock: Clock;
  /** A shift closes this long after its end. */
  readonly closeDelayMs: number;
}

export class ClockLook {
  readonly #parts: ClockLookParts;
  readonly #aside = new SetAside('clock');
  /** A start, or a jump since: what was closed may have been closed by a clock that was ahead. */
  #isDoubted = true;

  constructor(parts: ClockLookParts) {
    this.#parts = parts;
  }

  /** Machines that are left out. */
  get setAside(): readonly string[] {
    return this.#aside.machines;
  }

  /** @param epoch of the owner, in whose name it is done; @param jumps events of the clock itself, stored with what it brings */
  async look(
    epoch: number,
    context: ParticipantContext,
    jumps: readonly NewProductionEvent[],
  ): Promise<readonly ProductionEvent[]> {
    const { clock, tables, search } = this.#parts;
    if (jumps.length > 0) this.#isDoubted = true;
    this.#aside.retry(clock.monotonicMs());
    try {
      return await this.#sweepAs(epoch, context, jumps);
    } catch (thrown) {
      if (!isContentFault(thrown)) throw thrown;
      const found = await search.inSweep(await tables.everyMachine(), (transaction, skipped) =>
        this.#sweep(transaction, { ...context, skipped }),
      );
      if (found.size === 0) throw thrown;
      this.#aside.hold(found, clock.monotonicMs());
      return this.#sweepAs(epoch, context, jumps);
    }
  }

  async #sweepAs(
    epoch: number,
    context: ParticipantContext,
    jumps: readonly NewProductionEvent[],
  ): Promise<readonly ProductionEvent[]> {
    const { tables } = this.#parts;
    const also = this.#aside.events(context.nowMs);
    const stored = await tables.journal.asOwner(epoch, async (transaction) => {
      const events = await this.#sweep(transaction, { ...context, skipped: this.#aside.machines });
      return tables.recordEvents(transaction, [...jumps, ...events, ...also]);
    });
    this.#aside.settle(also);
    this.#isDoubted = false;
    return stored;
  }

  async #sweep(transaction: Transaction<IntakeSchema>, context: ParticipantContext): Promise<NewProductionEvent[]> {
    const reopened = this.#isDoubted ? await reopenShifts(transaction, context.nowMs) : [];
    const events = [
      ...reopened,
      ...(await closeShifts(transaction, context.nowMs, this.#parts.closeDelayMs, context.skipped)),
    ];
    for (const sweep of this.#parts.sweeps) events.push(...(await sweep(transaction as never, context)));
    return events;
  }
}
