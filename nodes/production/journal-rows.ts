// Bodies of the journal as they were before readings lay in columns: a row of an earlier state may wait to be judged.
import type { Refused } from './counting.ts';
import type { Arrival } from './journal-body.ts';
import { type MachineReading, machineStates } from './messages.ts';

type Packed = readonly unknown[];

/** Throws SyntaxError for a text that is no JSON. */
export function readRows(body: string): readonly Arrival[] {
  const packed = JSON.parse(body) as readonly (readonly [readonly Packed[], readonly Refused[], number | null])[];
  return packed.map(([readings, refused, replayOf]) => ({ readings: readings.map(unpackReading), refused, replayOf }));
}

/** Flags as bits. */
const clockTrusted = 1;
const retained = 2;
const redelivered = 4;

function unpackReading(packed: Packed): MachineReading {
  const [machine, state, sourceMs, delay, flags, made, spoilt, madeNow, spoiltNow, performance, quality, availability] =
    packed as [string, number, number, number, number, ...(number | null)[]];
  const [sequence, pulses, messageId, order, errorMessage, failureReason, critical, raw] = packed.slice(12) as [
    number | null | undefined,
    number | null | undefined,
    string | null | undefined,
    string | null | undefined,
    string | null | undefined,
    string | null | undefined,
    number | null | undefined,
    string | undefined,
  ];
  return {
    machine,
    state: machineStates[state] ?? null,
    performanceRate: performance ?? null,
    qualityRate: quality ?? null,
    availabilityRate: availability ?? null,
    cumulativeProduction: made ?? null,
    cumulativeDefects: spoilt ?? null,
    intervalProduction: madeNow ?? null,
    intervalDefects: spoiltNow ?? null,
    pulses: pulses ?? null,
    sourceMs,
    clockTrusted: (flags & clockTrusted) !== 0,
    arrivedMs: sourceMs + delay,
    sequence: sequence ?? null,
    messageId: messageId ?? null,
    order: order ?? null,
    errorMessage: errorMessage ?? null,
    failureReason: failureReason ?? null,
    isCritical: critical === null || critical === undefined ? null : critical === 1,
    retained: (flags & retained) !== 0,
    redelivered: (flags & redelivered) !== 0,
    raw: raw ?? '',
  };
}
