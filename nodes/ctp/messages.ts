// Messages of the CTP room (node ctp-problem-log): machines, problems and what is told of them. Field names on the wire are the
// original's; instants are ISO 8601 UTC, and a text without offset that comes in is the plant's wall clock.
import type { Attachment } from '../attachments/messages.ts';

export type { CtpCommand } from './command-messages.ts';
export type {
  CtpStatistics,
  Kpi,
  ParetoRow,
  StatisticsBucket,
  TechnicianRow,
  VendorRow,
} from './statistics-messages.ts';

export const machineStatuses = ['active', 'maintenance', 'cleaning', 'offline'] as const;
export type MachineStatus = (typeof machineStatuses)[number];

/** stop: the machine stands; slow: it runs below its rate; minor: it runs. */
export const severities = ['stop', 'slow', 'minor'] as const;
export type Severity = (typeof severities)[number];

/** `reopened` is open again after having been completed; `void` was a mistake and counts nowhere, with its reason. */
export const problemStatuses = ['ongoing', 'completed', 'reopened', 'void'] as const;
export type ProblemStatus = (typeof problemStatuses)[number];

export const technicianTypes = ['lokal', 'vendor', 'none'] as const;
export type TechnicianType = (typeof technicianTypes)[number];

export const photoRoles = ['before', 'after'] as const;
export type PhotoRole = (typeof photoRoles)[number];

/** Why a problem arose; the plant's list is configuration, these are the first data. */
export const firstCategories = [
  'mechanical',
  'electrical',
  'laser',
  'processor',
  'software',
  'material',
  'cleaning',
  'utility',
  'other',
] as const;

export interface SparePart {
  readonly name: string;
  /** Pieces; more than 0, at most three decimals are refused: whole pieces only. */
  readonly quantity: number;
}

export interface CtpMachine {
  readonly id: number;
  readonly name: string;
  /** Used in addresses of pages: lower-case letters, digits, hyphens. */
  readonly nickname: string;
  readonly kind: string;
  readonly description: string | null;
  /** The worse of what the open problems say and what a person set. */
  readonly status: MachineStatus;
  /** From the start of the problem that makes it so, where that was entered later. */
  readonly status_since: string;
  /** Set when a person set it; null while it is derived alone. */
  readonly manual_status: {
    readonly status: MachineStatus;
    readonly reason: string;
    readonly by: string;
    readonly at: string;
  } | null;
  /** Worst severity among open problems; null when there is none. */
  readonly open_severity: Severity | null;
  readonly open_problems: number;
  /** Start of the earliest open problem of that severity. */
  readonly open_since: string | null;
  readonly retired: boolean;
  readonly version: number;
}

export interface CtpProblem {
  readonly id: number;
  readonly machine_id: number;
  readonly machine_nickname: string;
  readonly machine_name: string;
  /** When it was reported. */
  readonly problem_date: string;
  readonly error_code: string | null;
  readonly category: string | null;
  readonly severity: Severity;
  readonly problem_description: string;
  readonly solution: string | null;
  readonly technician_type: TechnicianType;
  readonly technician_name: string | null;
  readonly vendor_name: string | null;
  readonly start_time: string;
  /** The technician arrived. */
  readonly response_time: string | null;
  readonly end_time: string | null;
  readonly status: ProblemStatus;
  readonly void_reason: string | null;
  readonly parts: readonly SparePart[];
  readonly photos: readonly Attachment[];
  readonly documents: readonly Attachment[];
  /** Hours from start to end, or to now while open; not clipped to shifts. Null for void. */
  readonly downtime_hours: number | null;
  readonly created_by: string;
  readonly created_at: string;
  readonly updated_at: string;
  /** Sent back with a change; a change of an older version is answered with 409 and the current problem. */
  readonly version: number;
}

/** A past problem that resembles what is typed. */
export type SimilarProblem = CtpProblem & {
  /** Whether the same code stayed away from the machine for a week after the repair; null when that can't be said. */
  readonly repair_held: boolean | null;
};

export interface CtpProblemEvent {
  readonly seq: number;
  readonly problem_id: number | null;
  readonly machine_id: number;
  readonly at: string;
  readonly actor: string;
  /** Such as `reported`, `corrected`, `completed`, `reopened`, `voided`, `photo-added`, `photo-hidden`, `machine-status`, `escalated`. */
  readonly type: string;
  readonly reason: string | null;
  /** Each corrected field with what it was and what it is; the SHA-256 of files; never a secret. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Every filter is optional; names as in the original. Newest first. */
export interface ProblemFilter {
  readonly machine_id?: number;
  readonly machine_nickname?: string;
  /** Plant dates `YYYY-MM-DD` or instants, on start_time; the end date is inclusive when it is a date. */
  readonly start_date?: string;
  readonly end_date?: string;
  readonly status?: ProblemStatus | 'open';
  readonly technician_type?: TechnicianType;
  readonly year?: number;
  readonly month?: number;
  readonly severity?: Severity;
  readonly search?: string;
  /** 1 to 100, default 25. */
  readonly limit?: number;
  /** Opaque, from the reply before. */
  readonly cursor?: string;
}

export interface ProblemPage {
  readonly data: readonly CtpProblem[];
  readonly total: number;
  /** False where `total` is a floor ("more than 1,000 found"). */
  readonly total_exact: boolean;
  readonly next_cursor: string | null;
}

/** What a person may write of a problem; absent fields stay, null empties where the field may be empty. */
export interface ProblemFields {
  readonly error_code?: string | null;
  readonly category?: string | null;
  readonly severity?: Severity;
  readonly problem_description?: string;
  readonly solution?: string | null;
  readonly technician_type?: TechnicianType;
  readonly technician_name?: string | null;
  readonly vendor_name?: string | null;
  readonly start_time?: string;
  readonly response_time?: string | null;
  readonly end_time?: string | null;
  readonly parts?: readonly SparePart[];
}

export interface PlantCode {
  readonly kind: 'error_code' | 'category';
  readonly code: string;
  readonly label: string;
  readonly retired: boolean;
}

/** One entry of a machine's status history, newest first: what it was from then on, and both of its causes. */
export interface StatusChange {
  readonly seq: number;
  readonly machine_id: number;
  readonly at: string;
  readonly status: MachineStatus;
  readonly derived_status: MachineStatus;
  readonly manual_status: MachineStatus | null;
  /** The problem whose change caused it; null where a person set it. */
  readonly problem_id: number | null;
  readonly actor: string;
  readonly reason: string | null;
}

/** One card of the page Log CTP and of the wall screen. */
export interface CtpCard {
  readonly machine: CtpMachine;
  /**
   * Seconds of downtime, overlaps once, inside planned time: today and this month of the plant's calendar. Null while the shift
   * calendar has a wrong setting: nobody knows what was planned.
   */
  readonly downtime_today_s: number | null;
  readonly downtime_month_s: number | null;
  /** Open problems, worst first, at most 20; `machine.open_problems` counts all of them. */
  readonly open: readonly Pick<
    CtpProblem,
    'id' | 'severity' | 'error_code' | 'problem_description' | 'start_time' | 'response_time' | 'technician_name'
  >[];
}

/** Topic `ctp/board`. The widget counts running time from `at`, not from the tablet's clock. */
export interface CtpBoard {
  readonly at: string;
  readonly cards: readonly CtpCard[];
  readonly recent: readonly CtpProblem[];
}

/** Second output, topic `ctp/event`, one message for each event that was committed. */
export type CtpEventMessage = CtpProblemEvent & { readonly problem: CtpProblem | null; readonly machine: CtpMachine };

/** What needs telling, third output, topic `ctp/notify`: the payload is a NotifyCommand with a dedupe key, ready for the node notify. */
export type CtpNotice =
  | 'ctp_problem_new'
  | 'ctp_problem_reopened'
  | 'ctp_problem_moved'
  | 'ctp_problem_resolved'
  | 'ctp_problem_escalated';
