// Rows of the problem log as replies show them: the original's names, instants as ISO 8601 UTC.
import type { Selectable } from 'kysely';
import type { Attachment } from '../attachments/messages.ts';
import type { CtpMachine, CtpProblem, CtpProblemEvent, StatusChange } from './messages.ts';
import type { OpenSummary } from './open-problems.ts';
import { derivedStatus, type MachineRow, type Problem } from './problem.ts';
import type { EventTable, StatusHistoryTable } from './tables.ts';

export function problemView(
  problem: Problem,
  machine: Pick<MachineRow, 'nickname' | 'name'>,
  files: readonly Attachment[],
  nowMs: number,
): CtpProblem {
  return {
    id: problem.id,
    machine_id: problem.machine_id,
    machine_nickname: machine.nickname,
    machine_name: machine.name,
    problem_date: iso(problem.problem_ms),
    error_code: problem.error_code,
    category: problem.category,
    severity: problem.severity,
    problem_description: problem.problem_description,
    solution: problem.solution,
    technician_type: problem.technician_type,
    technician_name: problem.technician_name,
    vendor_name: problem.vendor_name,
    start_time: iso(problem.start_ms),
    response_time: isoOrNull(problem.response_ms),
    end_time: isoOrNull(problem.end_ms),
    status: problem.status,
    void_reason: problem.void_reason,
    parts: problem.parts,
    photos: files.filter(({ kind }) => kind === 'photo'),
    documents: files.filter(({ kind }) => kind === 'document'),
    downtime_hours: downtimeHours(problem, nowMs),
    created_by: problem.created_by,
    created_at: iso(problem.created_ms),
    updated_at: iso(problem.updated_ms),
    version: problem.version,
  };
}

/** (end - start) in hours, to now while it is open, rounded to seconds; none for a void one. */
function downtimeHours({ status, start_ms, end_ms }: Problem, nowMs: number): number | null {
  if (status === 'void') return null;
  const seconds = Math.round(Math.max(0, (end_ms ?? nowMs) - start_ms) / 1000);
  return Math.round((seconds / 3600) * 10_000) / 10_000;
}

export function machineView(machine: MachineRow, open: OpenSummary): CtpMachine {
  const { manual_status, manual_reason, manual_by, manual_at_ms } = machine;
  return {
    id: machine.id,
    name: machine.name,
    nickname: machine.nickname,
    kind: machine.kind,
    description: machine.description,
    status: machine.status,
    status_since: iso(statusSinceMs(machine, open)),
    manual_status:
      manual_status === null || manual_reason === null || manual_by === null || manual_at_ms === null
        ? null
        : { status: manual_status, reason: manual_reason, by: manual_by, at: iso(manual_at_ms) },
    open_severity: open.severity,
    open_problems: open.problems,
    open_since: isoOrNull(open.sinceMs),
    retired: machine.retired === 1,
    version: machine.version,
  };
}

/** A stop that was entered late had begun before its entry. */
function statusSinceMs({ status, status_since_ms, manual_status }: MachineRow, { kinds }: OpenSummary): number {
  if (status === 'active' || manual_status !== null) return status_since_ms;
  const causes = kinds.filter((kind) => derivedStatus([kind]) === status);
  return Math.min(status_since_ms, ...causes.map(({ openSinceMs }) => openSinceMs));
}

export function eventOf(row: Selectable<EventTable>): CtpProblemEvent {
  return {
    seq: row.seq,
    problem_id: row.problem_id,
    machine_id: row.machine_id,
    at: iso(row.at_ms),
    actor: row.actor,
    type: row.type,
    reason: row.reason,
    detail: JSON.parse(row.detail) as Readonly<Record<string, unknown>>,
  };
}

export function statusChangeOf(row: Selectable<StatusHistoryTable>): StatusChange {
  const { at_ms, nth: _nth, ...rest } = row;
  return { ...rest, at: iso(at_ms) };
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}
