// One group commit as one text: what must be judged again, in the same order, should the process die before it is folded.
// Readings lie in columns, and a column in which all say the same is that one word: half the bytes of rows, and half the time.
import type { Refused } from './counting.ts';
import { readRows } from './journal-rows.ts';
import { type MachineReading, machineStates } from './messages.ts';

/** What arrived together. */
export interface Arrival {
  readonly readings: readonly MachineReading[];
  readonly refused: readonly Refused[];
  /** Row of the quarantine that the only reading comes from. */
  readonly replayOf: number | null;
}

type Value = string | number | null;
type Column = Value | readonly Value[];

/** Names of machines, columns in the order of `columns`, and what stands beside the readings. */
type PackedArrival = readonly [
  count: number,
  names: readonly string[],
  columns: readonly Column[],
  refused: readonly Refused[],
  replayOf: number | null,
];

/** Beside a first word that no earlier body has. */
const version = 2;

/** @param keepsRaw whether the text of each message must outlive a crash, because messages are kept */
export function packArrivals(arrivals: readonly Arrival[], keepsRaw: boolean): string {
  return JSON.stringify([version, ...arrivals.map((arrival) => packArrival(arrival, keepsRaw))]);
}

/** Throws SyntaxError for a text that `packArrivals` didn't make. */
export function unpackArrivals(body: string): readonly Arrival[] {
  const [first, ...packed] = JSON.parse(body) as readonly unknown[];
  if (first === version) return (packed as readonly PackedArrival[]).map(unpackArrival);
  return readRows(body);
}

/** Flags as bits. */
const clockTrusted = 1;
const retained = 2;
const redelivered = 4;

type Plain = (reading: MachineReading) => Value;

/** Behind machine and instants; `unpackArrival` reads them in this order. */
const plainColumns: readonly Plain[] = [
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

function packArrival({ readings, refused, replayOf }: Arrival, keepsRaw: boolean): PackedArrival {
  /** Place in `names`, mapped by machine. */
  const places = new Map<string, number>();
  const placeOf = (machine: string): number => {
    const known = places.get(machine);
    if (known !== undefined) return known;
    places.set(machine, places.size);
    return places.size - 1;
  };
  const firstMs = readings[0]?.sourceMs ?? 0;
  const columns = [
    column(readings, ({ machine }) => placeOf(machine)),
    firstMs,
    column(readings, ({ sourceMs }) => sourceMs - firstMs),
    column(readings, ({ arrivedMs }) => arrivedMs - firstMs),
    keepsRaw || replayOf !== null ? column(readings, ({ raw }) => raw) : '',
    ...plainColumns.map((plainOf) => column(readings, plainOf)),
  ];
  return [readings.length, [...places.keys()], columns, refused, replayOf];
}

function column(readings: readonly MachineReading[], plainOf: Plain): Column {
  const [head] = readings;
  if (!head) return null;
  const first = plainOf(head);
  return readings.every((reading) => plainOf(reading) === first) ? first : readings.map(plainOf);
}

function unpackArrival([count, names, columns, refused, replayOf]: PackedArrival): Arrival {
  const readings = Array.from({ length: count }, (_, index) => unpackReading(names, columns, index));
  return { readings, refused, replayOf };
}

function unpackReading(names: readonly string[], columns: readonly Column[], index: number): MachineReading {
  const at = columns.map((values) => (Array.isArray(values) ? (values as readonly Value[])[index] : values) as Value);
  const [place, firstMs, source, arrived, raw, state, flags] = at as [
    number,
    number,
    number,
    number,
    string,
    number,
    number,
  ];
  const [made, spoilt, madeNow, spoiltNow, pulses, performance, quality, availability, sequence] = at.slice(7) as [
    ...(number | null)[],
  ];
  const [messageId, order, errorMessage, failureReason] = at.slice(16) as [...(string | null)[]];
  const critical = at[20];
  return {
    machine: names[place] ?? '',
    state: machineStates[state] ?? null,
    performanceRate: performance ?? null,
    qualityRate: quality ?? null,
    availabilityRate: availability ?? null,
    cumulativeProduction: made ?? null,
    cumulativeDefects: spoilt ?? null,
    intervalProduction: madeNow ?? null,
    intervalDefects: spoiltNow ?? null,
    pulses: pulses ?? null,
    sourceMs: firstMs + source,
    clockTrusted: (flags & clockTrusted) !== 0,
    arrivedMs: firstMs + arrived,
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
