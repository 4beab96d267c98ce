// A message of the quarantine as the intake would read it now, on its way to be judged again.
import type { PlantTime } from '../core/plant-time.ts';
import type { Arrival } from './journal-body.ts';
import type { MachineReading, RefusedReading } from './messages.ts';
import { defaultParserSettings, isRefused, ReadingParser } from './reading-parser.ts';
import type { QuarantineTable } from './tables.ts';

/** A message of the quarantine on its way through the intake again. */
export function arrivalOf(row: QuarantinedRow, plant: PlantTime): Arrival {
  const { id } = row;
  const parsed = parsedAgain(row, plant);
  return isRefused(parsed)
    ? { readings: [], refused: [{ ...parsed, replayOf: id }], replayOf: id }
    : { readings: [parsed], refused: [], replayOf: id };
}

export type QuarantinedRow = Omit<QuarantineTable, 'id'> & { readonly id: number };

/** The message of a row as the intake would read it now; what the intake found of its time stays. */
export function parsedAgain(
  row: Pick<QuarantineTable, 'source' | 'machine' | 'raw' | 'arrived_ms' | 'source_ms' | 'clock_trusted'>,
  plant: PlantTime,
): MachineReading | RefusedReading {
  const envelope = { source: row.source, arrivedMs: row.arrived_ms, retained: false, redelivered: false };
  const parserOf = (topicFilters: readonly string[]) =>
    new ReadingParser({ ...defaultParserSettings, plant, topicFilters });
  const first = parserOf([]).parse(row.raw, envelope);
  // The topic named the machine where the message did not.
  const parsed =
    isRefused(first) && first.code === 'missing-field' && row.machine !== null
      ? parserOf(['+']).parse(row.raw, { ...envelope, source: row.machine })
      : first;
  if (isRefused(parsed) || row.source_ms === null) return parsed;
  return { ...parsed, sourceMs: row.source_ms, clockTrusted: row.clock_trusted === 1 };
}
