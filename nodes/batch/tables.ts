// The ledger's tables as kysely sees them: integers for masses and flags, ISO 8601 UTC texts for instants, JSON as text.
import type { Generated } from 'kysely';
import type { LaterReason, PersonCode } from '../odoo/messages.ts';
import type { EndedAs, PushKind, PushStatus } from './batch.ts';
import type { BatchAlarmCode, BatchState } from './messages.ts';

export interface BatchTable {
  id: string;
  line: string;
  order_id: number;
  order_name: string;
  plc_order_name: string;
  plc_name: string;
  plc_bom_code: string;
  plc_finished_goods: string;
  attempt: number;
  slot: number | null;
  queue_id: string | null;
  offered_at: string | null;
  state: BatchState;
  state_since: string;
  product_id: number;
  product_name: string;
  bom_code: string;
  unit_id: number;
  unit_name: string;
  unit_centi_kg: number;
  scheduled_start: string | null;
  planned_centi_kg: number;
  finished_centi_kg: number | null;
  carried_finished_centi_kg: number;
  last_read_at: string | null;
  last_changed_at: string | null;
  flag_cycles: number;
  implausible_cycles: number;
  watch_only: number;
  closes_failure: number;
  released: number;
  version: number;
  created_at: string;
  ended_at: string | null;
  ended_as: EndedAs | null;
  /** 1, 2, 3 ... without gaps in the order in which the line's batches ended: pages and totals of any size at once. */
  ended_seq: number | null;
  notes: string | null;
}

export interface ComponentTable {
  batch_id: string;
  equipment: number;
  name: string;
  move_id: number | null;
  product_id: number | null;
  unit_id: number | null;
  unit_name: string | null;
  unit_centi_kg: number | null;
  target_centi_kg: number;
  actual_centi_kg: number | null;
  carried_centi_kg: number;
}

export interface EventTable {
  seq: Generated<number>;
  batch_id: string;
  order_name: string;
  line: string;
  slot: number | null;
  at: string;
  actor: string;
  via: string;
  type: string;
  from_state: BatchState | null;
  to_state: BatchState;
  version: number;
  reason: string | null;
  data: string | null;
}

export interface OutboxTable {
  id: string;
  batch_id: string;
  kind: PushKind;
  status: PushStatus;
  payload: string;
  attempts: number;
  next_attempt_at: string;
  created_at: string;
  last_error: string | null;
  wait_reason: LaterReason | null;
  hold_code: PersonCode | null;
  hold_message: string | null;
  hold_deviations: string | null;
  accepted_by: string | null;
  settled_at: string | null;
}

/** PLC names of earlier attempts: blocks that still show them are left over, not unknown. */
export interface AttemptTable {
  batch_id: string;
  attempt: number;
  line: string;
  plc_name: string;
  slot: number | null;
  /** What this attempt alone had consumed at its last reading. */
  consumed_centi_kg: number;
}

export interface CommandTable {
  command_id: string;
  actor: string;
  /** The command without its id, as JSON: the same id with other words is refused. */
  request: string;
  reply: string;
  at: string;
}

export interface WatchedTable {
  seq: Generated<number>;
  line: string;
  at: string;
  kind: 'plc-write' | 'acknowledge' | 'odoo-push' | 'odoo-cancel';
  order_name: string | null;
  payload: string;
}

export interface AlarmTable {
  line: string;
  code: BatchAlarmCode;
  alarm_key: string;
  slot: number | null;
  order_name: string | null;
  since: string;
  message: string;
}

export interface WeighingTable {
  id: Generated<number>;
  line: string;
  plc: string;
  /** JSON of the record's words without its read flag: what makes two looks the same report. */
  content: string;
  slot: number;
  reported_order: string;
  reported_product_id: number;
  reported_centi_kg: number;
  /** JSON list. */
  doubts: string;
  read_at: string;
  /** When the PLC was told that it is read. */
  flagged_at: string | null;
  order_name: string;
  product_id: number;
  mass_centi_kg: number;
  status: 'held' | 'taken' | 'discarded';
  hold_code: string | null;
  hold_message: string | null;
  batch_id: string | null;
  taken_at: string | null;
  decided_by: string | null;
  decided_at: string | null;
  reason: string | null;
}

export interface BatchSchema {
  batch: BatchTable;
  batch_component: ComponentTable;
  batch_event: EventTable;
  batch_outbox: OutboxTable;
  batch_attempt: AttemptTable;
  batch_command: CommandTable;
  watched_write: WatchedTable;
  batch_alarm_state: AlarmTable;
  batch_weighing: WeighingTable;
}
