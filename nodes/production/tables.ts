// The tables of intake and counting as kysely sees them: counts are integers, `_ms` columns ms UTC, other instants ISO 8601 UTC.
import type { Generated } from 'kysely';

/** Machines that may send, and what is known of them. */
export interface MachineTable {
  id: string;
  name: string;
  /** Always empty: which machines work the same shifts is said by the shift calendar. */
  machine_group: string;
  /** The counter returns to 0 when it would reach this: 65536, 4294967296, 10000 for four digits; null: it never rolls over. */
  counter_modulus: number | null;
  /** More than this can't be true; null: the tracker's own limit. */
  max_per_hour: number | null;
  /** Pieces per hour of running time at ideal speed; null: unknown, then effectiveness is undefined. */
  ideal_per_hour: number | null;
  shift_target: number | null;
  /** 1, or 0 once it is taken out of service. */
  active: number;
  updated_at: string;
  updated_by: string;
}

/** What one machine's counter said last and what has been counted; one row a machine. */
export interface CounterTable {
  machine: string;
  /** Increases with every change; a writer that saw another one starts anew. */
  epoch: number;
  last_production: number | null;
  last_defects: number | null;
  last_source_ms: number | null;
  last_sequence: number | null;
  /** 0 where the arrival stood in for the source's clock. */
  last_clock_trusted: number;
  last_arrived_ms: number | null;
  order_name: string;
  total_production: number;
  total_defects: number;
  messages: number;
  duplicates: number;
  late: number;
  /** When it said last how it was; null: never, or since then a last will said that it is gone. */
  heard_ms: number | null;
  /** When it was heard again after its last silence. */
  silent_until_ms: number | null;
  /** Its newest marks (`packLine`); null: counted before there were any, or not yet. */
  marks: string | null;
}

/** Readings that were counted, in the order of their source, some to a row: what late ones are judged by. */
export interface MarkTable {
  machine: string;
  /** Marks of an earlier era say nothing about those of this one. */
  era: number;
  start_ms: number;
  body: string;
}

/** Counts of one minute, hour or plant day; tables production_minute, production_hour, production_day. */
export interface SpanTable {
  machine: string;
  /** Start of the minute, of the plant's hour or of the plant's day. */
  start_ms: number;
  production: number;
  defects: number;
  /** Of `production`: made while nobody heard the machine. */
  unheard: number;
}

/** One shift of one machine; shift is empty for what was made outside every shift, then the span is the plant's day. */
export interface ShiftTotalTable {
  machine: string;
  shift_date: string;
  shift: string;
  start_ms: number;
  end_ms: number;
  production: number;
  defects: number;
  closed_at: string | null;
  revision: number;
  /** Revision of the closing record that was sent last; null before the first. */
  announced_revision: number | null;
  /** Of `production`: made while nobody heard the machine. */
  unheard: number;
  /** 1 where nothing is known of it: it ended without a message, and nothing was booked into it since. */
  silent: number;
}

/** Machines in use: from when on, and up to when each shift of theirs that ended has its record. */
export interface AttendanceTable {
  machine: string;
  /** The tracker that counts it. */
  line: string;
  closed_ms: number;
}

/** Counts of one order on one machine; order_name is empty for what was made without one. */
export interface OrderTotalTable {
  machine: string;
  order_name: string;
  production: number;
  defects: number;
  first_ms: number;
  last_ms: number;
}

/** Counts that a person added or took away; they are in every total, and these rows say who and why. */
export interface CorrectionTable {
  id: string;
  machine: string;
  shift_date: string;
  shift: string;
  booked_ms: number;
  order_name: string;
  production: number;
  defects: number;
  actor: string;
  reason: string;
  at: string;
}

/** Append-only. */
export interface ProductionEventTable {
  seq: Generated<number>;
  machine: string;
  at: string;
  type: string;
  actor: string;
  reason: string | null;
  /** JSON. */
  detail: string;
}

/** Messages that were refused, with their text, until a person replays or dismisses them. */
export interface QuarantineTable {
  id: Generated<number>;
  source: string;
  machine: string | null;
  code: string;
  message: string;
  raw: string;
  /** 1 where the text was longer than is kept; such a one can't be replayed. */
  raw_cut: number;
  arrived_ms: number;
  /** When it was sent and whether its clock was believed, as the intake found it; null for a text that was no reading. */
  source_ms: number | null;
  clock_trusted: number | null;
  status: 'waiting' | 'replayed' | 'dismissed';
  attempts: number;
  decided_by: string | null;
  decided_at: string | null;
  reason: string | null;
}

/** How often something was refused, by plant day; counts also what the quarantine had no room for. */
export interface RefusalCountTable {
  day: string;
  code: string;
  count: number;
}

/** Ids of messages without a counter that were booked: the window in which a second delivery is recognised. */
export interface SeenMessageTable {
  machine: string;
  message_id: string;
  seen_ms: number;
}

/** Messages as they came, for as long as the tracker is told to keep them. */
export interface RawMessageTable {
  id: Generated<number>;
  machine: string;
  source_ms: number;
  arrived_ms: number;
  raw: string;
}

/** Who folds the journal of a line; the epoch changes with every taking over. */
export interface OwnerTable {
  line: string;
  /** Number of the line: first digits of its journal's sequence. */
  number: number;
  epoch: number;
  folded_seq: number;
}

/** What arrived and is acknowledged but not booked yet; one row for each group commit, gone within a moment. */
export interface JournalTable {
  seq: number;
  body: string;
}

export interface ProductionCommandTable {
  command_id: string;
  actor: string;
  request: string;
  reply: string;
  at: string;
}

export interface IntakeSchema {
  production_machine: MachineTable;
  production_counter: CounterTable;
  production_mark: MarkTable;
  production_minute: SpanTable;
  production_hour: SpanTable;
  production_day: SpanTable;
  production_shift: ShiftTotalTable;
  production_attendance: AttendanceTable;
  production_order: OrderTotalTable;
  production_correction: CorrectionTable;
  production_event: ProductionEventTable;
  production_quarantine: QuarantineTable;
  production_refusal_count: RefusalCountTable;
  production_seen: SeenMessageTable;
  production_message: RawMessageTable;
  production_owner: OwnerTable;
  production_journal: JournalTable;
  production_command: ProductionCommandTable;
}
