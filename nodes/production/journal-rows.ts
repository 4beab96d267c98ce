// Bodies of the journal as they were before readings lay in columns: a row of an earlier state may wait to be judged.

import type { Arrival } from './journal-body.ts';
import { readingOf, type Value } from './journal-reading.ts';
import type { MachineReading } from './messages.ts';
import type { Refused } from './refused-message.ts';

type Packed = readonly (Value | undefined)[];

/** Throws SyntaxError for a text that is no JSON. */
export function readRows(body: string): readonly Arrival[] {
  const packed = JSON.parse(body) as readonly (readonly [readonly Packed[], readonly Refused[], number | null])[];
  return packed.map(([readings, refused, replayOf]) => ({ readings: readings.map(unpackReading), refused, replayOf }));
}

function unpackReading(packed: Packed): MachineReading {
  const [machine, state, sourceMs, delay, flags] = packed as readonly [string, number, number, number, number];
  const [made, spoilt, madeNow, spoiltNow, performance, quality, availability, sequence, pulses] = packed.slice(5);
  const [messageId, order, errorMessage, failureReason, critical, raw = ''] = packed.slice(14);
  return readingOf({ machine, sourceMs, arrivedMs: sourceMs + delay, raw: String(raw) }, [
    ...[state, flags, made, spoilt, madeNow, spoiltNow, pulses, performance, quality, availability, sequence],
    ...[messageId, order, errorMessage, failureReason, critical],
  ]);
}
