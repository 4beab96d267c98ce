// Messages of the PLC room. Masses are hundredths of a kilogram (integers), instants ISO 8601 in UTC.
import type { CentiKg } from '../core/mass.ts';

/** Mass that one silo or tank gives to a batch: a target in the write area, an actual in the read area. */
export interface EquipmentMass {
  /** Equipment code of the memory map, 101..115 by default. */
  readonly equipment: number;
  readonly massCentiKg: CentiKg;
}

/** One block of PLC memory, decoded by the memory map. */
export interface PlcBatch {
  readonly slot: number;
  /** The name field as the PLC holds it: at most 16 ASCII characters. */
  readonly moName: string;
  readonly bomCode: string;
  readonly finishedGoods: string;
  readonly quantityCentiKg: CentiKg;
  readonly consumption: readonly EquipmentMass[];
  /** status_manufacturing: 1 = finished. */
  readonly finished: boolean;
  /** status_operation: 1 = failed. */
  readonly failed: boolean;
  readonly finishedWeightCentiKg: CentiKg;
  /** status_read_data: 1 = our side has read it. */
  readonly read: boolean;
}

interface BlockBase {
  /** 1..slot count, by position in memory. */
  readonly slot: number;
  /** First D-word of the block. */
  readonly address: number;
}

/**
 * One block of one cycle. `empty`: no name and no flag set. `plausible`: every rule of the map holds. `implausible`: the
 * words are kept, the values are not to be used; `reasons` name field, value and rule. `unreadable`: no answer for this block.
 */
export type BlockReading =
  | (BlockBase & { readonly state: 'empty'; readonly words: readonly number[] })
  | (BlockBase & { readonly state: 'plausible'; readonly words: readonly number[]; readonly batch: PlcBatch })
  | (BlockBase & {
      readonly state: 'implausible';
      readonly words: readonly number[];
      readonly reasons: readonly string[];
      /** The name field when it is legible ASCII, so that a person can be told which order it may be. */
      readonly legibleMoName?: string;
    })
  | (BlockBase & { readonly state: 'unreadable'; readonly reasons: readonly string[] });

/** One cycle over the whole read area: payload of plc-batch-read's output, topic `plc/snapshot`. */
export interface PlcSnapshot {
  /** Name of the plc-connection node. */
  readonly plc: string;
  readonly readAt: string;
  readonly durationMs: number;
  readonly blocks: readonly BlockReading[];
}

/** Input of plc-batch-read. A message without a command reads. */
export type PlcReadCommand =
  | { readonly command: 'read' }
  | {
      /** Marks the read flag of finished batches whose data is committed. */
      readonly command: 'acknowledge';
      readonly blocks: readonly { readonly slot: number; readonly moName: string }[];
    };

/** Result of `acknowledge`, topic `plc/acknowledged`. A block that no longer shows that batch as finished is refused. */
export interface AcknowledgeResult {
  readonly acknowledged: readonly { readonly slot: number; readonly moName: string }[];
  readonly refused: readonly { readonly slot: number; readonly moName: string; readonly reason: string }[];
  /** True when nothing was written because watch-only mode is on. */
  readonly watchOnly: boolean;
}

/** One batch of a queue as it goes into a write block. */
export interface QueueBatch {
  readonly slot: number;
  readonly moName: string;
  readonly bomCode: string;
  readonly finishedGoods: string;
  readonly quantityCentiKg: CentiKg;
  readonly consumption: readonly EquipmentMass[];
}

/** Input of plc-batch-write: the whole queue; slots not named are cleared. */
export interface PlcWriteCommand {
  readonly command: 'write';
  /** Names the queue in logs, replies and the ledger. */
  readonly queueId: string;
  readonly batches: readonly QueueBatch[];
}

/**
 * Result of `write`, topic `plc/written`.
 * `handed-over` written, verified, guard word set to 0 now. `recognised` this very queue was already in PLC memory (handed over
 * before a crash, or already accepted): nothing was written. `busy` the guard word says that the PLC has not taken the last
 * queue: nothing was written, try again later. `watch-only` nothing was written; `wouldWrite` shows what. `refused` the queue can
 * never be written as it is; `faults` say why, by slot where one is to blame. `first-start` the guard word is 0 and no slot holds
 * anything, as in a PLC that never took a queue: nothing is written there until a person has said so.
 */
export interface PlcWriteResult {
  readonly queueId: string;
  readonly outcome: 'handed-over' | 'recognised' | 'busy' | 'watch-only' | 'refused' | 'first-start';
  readonly slots: readonly { readonly slot: number; readonly moName: string }[];
  readonly wouldWrite?: readonly { readonly address: number; readonly words: readonly number[] }[];
  readonly faults?: readonly { readonly slot: number | null; readonly message: string }[];
  /** D-word of the guard, with `first-start`. */
  readonly guardAddress?: number;
}

/** A reading of the PLC's own wall clock, without a zone. */
export interface WallReading {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/**
 * The record of an equipment failure. `empty` says nothing, `read` has its flag up, `new` waits to be read; `reasons` say what
 * of it can't be true, and then the raw words are what counts.
 */
export type FailureReading =
  | { readonly state: 'empty' | 'read'; readonly words: readonly number[] }
  | {
      readonly state: 'new';
      readonly words: readonly number[];
      /** As the PLC has it, such as `silo103`; empty when it is not legible. */
      readonly code: string;
      /** Such as `START_FAILURE`; empty when it is not legible. */
      readonly info: string;
      /** Null when the words are no date and time in BCD. */
      readonly happenedAt: WallReading | null;
      readonly reasons: readonly string[];
    };

/** The record of a manual weighing, with the states of a failure. */
export type WeighingReading =
  | { readonly state: 'empty' | 'read'; readonly words: readonly number[] }
  | {
      readonly state: 'new';
      readonly words: readonly number[];
      /** Slot that the operator named; 0 for none. */
      readonly slot: number;
      /** The order's name as the PLC holds it; empty when it is not legible. */
      readonly moName: string;
      /** Odoo's id of the product. */
      readonly productId: number;
      readonly massCentiKg: CentiKg;
      readonly reasons: readonly string[];
    };

/** One look at the records: payload of plc-record-read's output, topic `plc/records`. Null where the memory map has none. */
export interface PlcRecords {
  /** Name of the plc-connection node. */
  readonly plc: string;
  readonly readAt: string;
  readonly failure: FailureReading | null;
  readonly weighing: WeighingReading | null;
}

/** Input of plc-record-read. A message without a command reads. */
export type RecordCommand =
  | { readonly command: 'read' }
  | {
      /** Raises the read flag of a record whose content is committed. */
      readonly command: 'acknowledge';
      readonly record: 'failure' | 'weighing';
      /** Of whoever stored it; comes back with the answer. */
      readonly id: number;
      /** The record's words as they were read. */
      readonly words: readonly number[];
    };

/** Result of `acknowledge`, topic `plc/record-acknowledged`. */
export interface RecordAcknowledged {
  readonly record: 'failure' | 'weighing';
  readonly id: number;
  /** True when the flag is up: by this write, or already before. */
  readonly done: boolean;
  readonly reason: string | null;
  readonly watchOnly: boolean;
}
