// Messages of the equipment room (node equipment-failures): what the PLC reported as failed, told and acknowledged.
import type { PlcRecords, RecordAcknowledged } from '../plc/messages.ts';

/** Alarms of this room; each has words in nodes/notify/alarm-words.ts. */
export const equipmentAlarmCodes = ['equipment-failure'] as const;
export type EquipmentAlarmCode = (typeof equipmentAlarmCodes)[number];

/** Input of equipment-failures. */
export type EquipmentCommand =
  /** Task 5: what plc-record-read saw. Answers with the acknowledge command for the PLC, or nothing. */
  | ({ readonly command: 'take' } & PlcRecords)
  /** Task 5: what became of the read flag. Answers with another read, or nothing. */
  | ({ readonly command: 'flagged' } & RecordAcknowledged)
  | { readonly command: 'list'; readonly open?: boolean; readonly limit?: number; readonly offset?: number }
  /** For a page: those that wait, and the last of the others. */
  | { readonly command: 'view' }
  /** (person) Somebody has looked at it. */
  | {
      readonly command: 'acknowledge';
      readonly id: number;
      readonly note?: string;
      readonly commandId?: string;
    };

/** A failure as it is shown and listed. */
export interface EquipmentFailure {
  readonly id: number;
  readonly plc: string;
  /** As the PLC has it, such as `silo103`; empty when it is not legible. */
  readonly equipment_code: string;
  /** The machine's name of the node's settings; the code where it has none. */
  readonly equipment_name: string;
  /** Such as `START_FAILURE`. */
  readonly description: string;
  /** By the PLC's clock; null where it shows no date and time. */
  readonly failure_date: string | null;
  /** When it was read. */
  readonly read_at: string;
  /** What can't be true of the record; its raw words are kept. */
  readonly doubts: readonly string[];
  readonly is_resolved: boolean;
  readonly resolved_at: string | null;
  readonly resolved_by: string | null;
  readonly resolution_notes: string | null;
}

/** Second output, topic `equipment/event`, one message for each. */
export interface EquipmentEvent {
  readonly type: 'failure' | 'acknowledged';
  readonly at: string;
  readonly actor: string;
  readonly failure: EquipmentFailure;
}

/** Third output, topic `equipment/alarm`: it begins when the failure is stored and ends when a person acknowledges it. */
export interface EquipmentAlarm {
  readonly code: EquipmentAlarmCode;
  readonly key: string;
  readonly active: boolean;
  readonly line: string;
  readonly subject: string;
  readonly since: string;
  readonly message: string;
  readonly link: string;
}
