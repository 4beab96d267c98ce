// One group commit as one text: what must be judged again, in the same order, should the process die before it is folded.
// Readings lie in columns, and a column in which all say the same is that one word: half the bytes of rows, and half the time.

import { plainWords, readingOf, type Value } from './journal-reading.ts';
import { readRows } from './journal-rows.ts';
import type { MachineReading } from './messages.ts';
import type { Refused } from './refused-message.ts';

/** What arrived together. */
export interface Arrival {
  readonly readings: readonly MachineReading[];
  readonly refused: readonly Refused[];
  /** Row of the quarantine that the only reading comes from. */
  readonly replayOf: number | null;
}

type Column = Value | readonly Value[];

/** Names of machines, columns in the order of `packArrival`, and what stands beside the readings. */
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

type Plain = (typeof plainWords)[number];

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
    ...plainWords.map((plainOf) => column(readings, plainOf)),
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
  const [place, firstMs, source, arrived, raw] = at as [number, number, number, number, string];
  const reading = { machine: names[place] ?? '', sourceMs: firstMs + source, arrivedMs: firstMs + arrived, raw };
  return readingOf(reading, at.slice(5));
}
