// What a start finds in the journal: each row with what arrived together, whose it is, and a row that nobody can read as what it is.
import type { JournalRow } from './commit-queue.ts';
import { type Arrival, unpackArrivals } from './journal-body.ts';
import type { Refused } from './refused-message.ts';

export interface JournalEntry {
  readonly seq: number;
  readonly arrivals: readonly Arrival[];
  /** Why it could not be read; null: it was. */
  readonly fault: string | null;
}

/** Code of a row that is no body of the journal, as a damaged disk leaves one. */
export const unreadable = 'journal-unreadable';

/** In the order of `journal`. A row that can't be read is one refused message, whole, so that what lies behind it is counted. */
export function entriesOf(journal: readonly JournalRow[], nowMs: number): readonly JournalEntry[] {
  return journal.map(({ seq, body }) => {
    try {
      return { seq, arrivals: unpackArrivals(body), fault: null };
    } catch (thrown) {
      if (!(thrown instanceof SyntaxError || thrown instanceof TypeError)) throw thrown;
      const fault = `row ${seq} of the journal can't be read: ${thrown.message}`;
      const refused: Refused = {
        source: 'journal',
        code: unreadable,
        message: fault,
        raw: body,
        isWhole: true,
        arrivedMs: nowMs,
        machine: null,
        replayOf: null,
      };
      return { seq, arrivals: [{ readings: [], refused: [refused], replayOf: null }], fault };
    }
  });
}

/** Whose messages there are; '' stands for those that name no machine. */
export function sendersOf(entries: readonly JournalEntry[]): readonly string[] {
  const senders = new Set<string>();
  for (const { arrivals } of entries) {
    for (const { readings, refused } of arrivals) {
      for (const { machine } of readings) senders.add(machine);
      for (const { machine } of refused) senders.add(machine ?? '');
    }
  }
  return [...senders];
}

/** The same rows with the messages of some senders only. */
export function entriesFrom(entries: readonly JournalEntry[], senders: ReadonlySet<string>): readonly JournalEntry[] {
  return entries.map(({ seq, fault, arrivals }) => ({
    seq,
    fault,
    arrivals: arrivals.map(({ readings, refused, replayOf }) => ({
      readings: readings.filter(({ machine }) => senders.has(machine)),
      refused: refused.filter(({ machine }) => senders.has(machine ?? '')),
      replayOf,
    })),
  }));
}
