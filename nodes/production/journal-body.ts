// One group commit as one text: what must be judged again, in the same order, should the process die before it is folded.
import type { Refused } from './counting.ts';
import { type MachineReading, machineStates } from './messages.ts';

/** What arrived together. */
export interface Arrival {
  readonly readings: readonly MachineReading[];
  readonly refused: readonly Refused[];
  /** Row of the quarantine that the only reading comes from. */
  readonly replayOf: number | null;
}

type Packed = readonly unknown[];

/** @param keepsRaw whether the text of each message must outlive a crash, because messages are kept */
export function packArrivals(arrivals: readonly Arrival[], keepsRaw: boolean): string {
  return JSON.stringify(
    arrivals.map(({ readings, refused, replayOf }) => [
      readings.map((reading) => packReading(reading, keepsRaw || replayOf !== null)),
      refused,
      replayOf,
    ]),
  );
}

/** Throws SyntaxError for a text that `packArrivals` didn't make. */
export function unpackArrivals(body: string): readonly Arrival[] {
  const packed = JSON.parse(body) as readonly (readonly [readonly Packed[], readonly Refused[], number | null])[];
  return packed.map(([readings, refused, replayOf]) => ({ readings: readings.map(unpackReading), refused, replayOf }));
}

/** Flags as bits: a quarter of the text of names and words. */
const clockTrusted = 1;
const retained = 2;
const redelivered = 4;

function packReading(reading: MachineReading, withRaw: boolean): Packed {
  const flags =
    (reading.clockTrusted ? clockTrusted : 0) |
    (reading.retained ? retained : 0) |
    (reading.redelivered === true ? redelivered : 0);
  const core = [
    reading.machine,
    reading.state === null ? -1 : machineStates.indexOf(reading.state),
    reading.sourceMs,
    reading.arrivedMs - reading.sourceMs,
    flags,
    reading.cumulativeProduction,
    reading.cumulativeDefects,
    reading.intervalProduction,
    reading.intervalDefects,
    reading.performanceRate,
    reading.qualityRate,
    reading.availabilityRate,
  ];
  const isPlain =
    !withRaw &&
    reading.sequence === null &&
    reading.pulses === null &&
    reading.messageId === null &&
    reading.order === null &&
    reading.errorMessage === null &&
    reading.failureReason === null &&
    reading.isCritical === null;
  if (isPlain) return core;
  core.push(
    reading.sequence,
    reading.pulses,
    reading.messageId,
    reading.order,
    reading.errorMessage,
    reading.failureReason,
    reading.isCritical === null ? null : Number(reading.isCritical),
  );
  if (withRaw) core.push(reading.raw);
  return core;
}

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
