// Where the PLC leaves what it reports outside the batches: one record of an equipment failure and one of a manual weighing.
import type { JsonReader } from './json-reader.ts';
import type { MassScale, WordRange } from './memory-map.ts';

/** Code and info of 16 characters, six words of BCD time (year, month, day, hour, minute, second), read flag. */
export interface FailureRecordMap {
  readonly address: number;
}

/** Slot, order name of 16 characters, product id, mass in two words, read flag. */
export interface WeighingRecordMap {
  readonly address: number;
  /** Words of the product's id: PLC programs of one word end at the 13th word, of two at the 14th. */
  readonly productWords: 1 | 2;
  readonly scale: MassScale;
}

export interface RecordMap {
  readonly failure: FailureRecordMap | null;
  readonly weighing: WeighingRecordMap | null;
}

export type RecordKind = 'failure' | 'weighing';
export const recordKinds: readonly RecordKind[] = ['failure', 'weighing'];

const lastAddress = 65_535;

/** Words of a failure record by offset. */
export const failurePlaces = {
  code: { offset: 0, words: 8 },
  info: { offset: 8, words: 8 },
  /** Year, month, day, hour, minute, second. */
  time: 16,
  readFlag: 22,
} as const;

/** Words of a weighing record by offset; what follows the product depends on its length. */
export const weighingPlaces = {
  slot: 0,
  moName: { offset: 1, words: 8 },
  product: 9,
} as const;

/** Whole record, read flag included; undefined where the PLC program has no such record. */
export function recordRange(records: RecordMap, kind: RecordKind): WordRange | undefined {
  if (kind === 'failure') {
    return records.failure ? { address: records.failure.address, count: failurePlaces.readFlag + 1 } : undefined;
  }
  const { weighing } = records;
  return weighing
    ? { address: weighing.address, count: weighingPlaces.product + weighing.productWords + 3 }
    : undefined;
}

/** D-addresses of the read flags: the only words of the records that are ours to write. */
export function recordFlags(records: RecordMap): WordRange[] {
  return recordKinds.flatMap((kind) => {
    const range = recordRange(records, kind);
    return range ? [{ address: range.address + range.count - 1, count: 1 }] : [];
  });
}

/** Reads `records` of a memory map's JSON; a map without it has neither record. */
export function parseRecords(reader: JsonReader | undefined): RecordMap {
  if (!reader) return { failure: null, weighing: null };
  const failure = reader.part('failure');
  const weighing = reader.part('weighing');
  const records: RecordMap = {
    failure: failure ? { address: failure.integer('address', 0, lastAddress - failurePlaces.readFlag) } : null,
    weighing: weighing
      ? {
          address: weighing.integer('address', 0, lastAddress - weighingPlaces.product - 4),
          productWords: weighing.oneOf('productWords', [1, 2] as const, 2),
          scale: weighing.oneOf('scale', [1, 10, 100, 1000] as const, 100),
        }
      : null,
  };
  for (const part of [failure, weighing]) part?.refuseOthers(['description']);
  reader.refuseOthers(['description']);
  return records;
}
