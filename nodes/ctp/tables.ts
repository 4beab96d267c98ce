// The problem log's tables as kysely sees them: instants that are sorted or summed as milliseconds UTC, flags as 0 or 1, JSON as text.
import type { Generated } from 'kysely';
import type { TransactionOptions } from '../store/store.ts';
import type { MachineStatus, ProblemStatus, Severity, TechnicianType } from './messages.ts';

export interface MachineTable {
  id: Generated<number>;
  name: string;
  /** Never changes: people are assigned to machines by it. */
  nickname: string;
  kind: string;
  description: string | null;
  retired: number;
  /** What the open problems say. */
  derived_status: MachineStatus;
  /** The worse of `derived_status` and what a person set. */
  status: MachineStatus;
  status_since_ms: number;
  manual_status: MachineStatus | null;
  manual_reason: string | null;
  manual_by: string | null;
  manual_at_ms: number | null;
  version: number;
}

/** A problem's machine never changes. */
export interface ProblemTable {
  id: Generated<number>;
  machine_id: number;
  /** When it was reported. */
  problem_ms: number;
  error_code: string | null;
  category: string | null;
  severity: Severity;
  problem_description: string;
  solution: string | null;
  technician_type: TechnicianType;
  technician_name: string | null;
  vendor_name: string | null;
  start_ms: number;
  response_ms: number | null;
  /** Null while it is open; kept by a void problem that had one. */
  end_ms: number | null;
  status: ProblemStatus;
  void_reason: string | null;
  /** JSON list of `SparePart`. */
  parts: string;
  /** What makes a second open problem the same as this one; null when neither code nor category is known. */
  same_kind: string | null;
  /** How often it has been opened: 1, and one more for each reopening. */
  opening: number;
  /** Where the clock of escalation began: its start, or the last reopening. */
  open_since_ms: number;
  /** Levels told in this opening. */
  escalated: number;
  /** Identity of who reported it. */
  created_by: string;
  created_ms: number;
  updated_ms: number;
  version: number;
}

/** Append-only. `problem_id` is null for what concerns the machine alone. */
export interface EventTable {
  seq: Generated<number>;
  problem_id: number | null;
  machine_id: number;
  at_ms: number;
  actor: string;
  via: string;
  type: string;
  reason: string | null;
  /** JSON object. */
  detail: string;
}

/** Append-only: one row whenever a machine's status, or one of its two causes, changed. */
export interface StatusHistoryTable {
  seq: Generated<number>;
  machine_id: number;
  /** 1, 2, 3 ... without gaps for each machine: totals and pages of any length at once. */
  nth: number;
  at_ms: number;
  status: MachineStatus;
  derived_status: MachineStatus;
  manual_status: MachineStatus | null;
  /** The problem whose change moved it; null for one that a person set. */
  problem_id: number | null;
  actor: string;
  reason: string | null;
}

/** One row for each time that a machine was in use; the first begins when it was added. */
export interface MachineLifeTable {
  machine_id: number;
  /** 1, 2, 3 ... for each machine. */
  nth: number;
  from_ms: number;
  /** Null while it is in use. */
  to_ms: number | null;
}

/** Outbox of what needs telling. `told_ms` is set when the notify node has stored it. */
export interface NoticeTable {
  id: Generated<number>;
  kind: string;
  problem_id: number;
  machine_id: number;
  dedupe_key: string;
  /** JSON of a `NotifyCommand`. */
  payload: string;
  created_ms: number;
  told_ms: number | null;
}

export interface CommandTable {
  command_id: string;
  actor: string;
  /** The command without its id and the SHA-256 of its files, as JSON: the same id with other words is refused. */
  request: string;
  reply: string;
  at_ms: number;
}

/** The plant's error codes and categories. */
export interface CodeTable {
  kind: 'error_code' | 'category';
  code: string;
  label: string;
  retired: number;
}

/** Append-only: who changed the plant's lists. */
export interface CodeEventTable {
  seq: Generated<number>;
  at_ms: number;
  actor: string;
  via: string;
  kind: CodeTable['kind'];
  code: string;
  /** `added` also for one that is renamed or taken back. */
  type: 'added' | 'retired';
  /** Null for a retired one. */
  label: string | null;
}

/** Every change moves the same counters and the same pages of the search index, so changes come one after the other. */
export const ctpTurns: TransactionOptions = { turns: 'ctp' };

export interface CtpSchema {
  ctp_machine: MachineTable;
  ctp_problem: ProblemTable;
  ctp_event: EventTable;
  ctp_status_history: StatusHistoryTable;
  ctp_machine_life: MachineLifeTable;
  ctp_notice: NoticeTable;
  ctp_command: CommandTable;
  ctp_code: CodeTable;
  ctp_code_event: CodeEventTable;
}
