// What a tracker is made of, and whom it tells what it did.
import type { Clock } from '../core/clock.ts';
import type { Store } from '../store/store.ts';
import type { ShiftCalendar } from './calendar-contract.ts';
import type { TrackerParticipant, TrackerSweep } from './intake-contract.ts';
import type { ProductionEvent, ShiftTotal } from './messages.ts';
import type { TrackerSettings } from './tracker-settings.ts';

export interface CounterParts {
  readonly store: Store;
  readonly calendar: ShiftCalendar;
  readonly settings: TrackerSettings;
  readonly clock: Clock;
  /** Called in order, inside the transaction that books. */
  readonly participants?: readonly TrackerParticipant[];
  readonly sweeps?: readonly TrackerSweep[];
  /** After each commit of totals: what they are now, and what happened. */
  readonly onBooked?: (totals: readonly ShiftTotal[], events: readonly ProductionEvent[]) => void;
  /** The record of a shift that closed, or of a closed one that was corrected; once for each revision. */
  readonly onClosed?: (total: ShiftTotal) => void;
  /** What stops the counting for the moment; undefined once it goes on. */
  readonly onFault?: (fault: Error | undefined) => void;
}
