// One reading as plain words of the journal, and back: whatever the layout of a row, its words come in this order.
import { type MachineReading, machineStates } from './messages.ts';

export type Value = string | number | null;

/** Flags as bits. */
const clockTrusted = 1;
const retained = 2;
const redelivered = 4;

/** The words of a reading behind its machine, instants and text; `readingOf` reads them in this order. */
export const plainWords: readonly ((reading: MachineReading) => Value)[] = [
  ({ state }) => (state === null ? -1 : machineStates.indexOf(state)),
  (reading) =>
    (reading.clockTrusted ? clockTrusted : 0) |
    (reading.retained ? retained : 0) |
    (reading.redelivered === true ? redelivered : 0),
  ({ cumulativeProduction }) => cumulativeProduction,
  ({ cumulativeDefects }) => cumulativeDefects,
  ({ intervalProduction }) => intervalProduction,
  ({ intervalDefects }) => intervalDefects,
  ({ pulses }) => pulses,
  ({ performanceRate }) => performanceRate,
  ({ qualityRate }) => qualityRate,
  ({ availabilityRate }) => availabilityRate,
  ({ sequence }) => sequence,
  ({ messageId }) => messageId,
  ({ order }) => order,
  ({ errorMessage }) => errorMessage,
  ({ failureReason }) => failureReason,
  ({ isCritical }) => (isCritical === null ? null : Number(isCritical)),
];

/** The reading that said `words`, in the order of `plainWords`; words that are missing at the end were not in the message. */
export function readingOf(
  { machine, sourceMs, arrivedMs, raw }: Pick<MachineReading, 'machine' | 'sourceMs' | 'arrivedMs' | 'raw'>,
  words: readonly (Value | undefined)[],
): MachineReading {
  const [state, flags] = words as readonly [number, number];
  const [made, spoilt, madeNow, spoiltNow, pulses, performance, quality, availability, sequence] = words.slice(2) as [
    ...(number | null | undefined)[],
  ];
  const [messageId, order, errorMessage, failureReason] = words.slice(11) as [...(string | null | undefined)[]];
  const critical = words[15];
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
    arrivedMs,
    sequence: sequence ?? null,
    messageId: messageId ?? null,
    order: order ?? null,
    errorMessage: errorMessage ?? null,
    failureReason: failureReason ?? null,
    isCritical: critical === null || critical === undefined ? null : critical === 1,
    retained: (flags & retained) !== 0,
    redelivered: (flags & redelivered) !== 0,
    raw,
  };
}
