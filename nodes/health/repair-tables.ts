// Tables of the stop history and the estimates, as kysely sees them: instants as ms UTC or ISO 8601 texts, durations in minutes.
import type { Generated } from 'kysely';
import type { StopClass } from './stop-classes.ts';

export interface RepairSchema {
  /** One stop of the past, whatever it was; those of class `repair` are what the estimate learns from. */
  repair_stop: {
    seq: Generated<number>;
    /** Recognises the same stop in another file or from another source. */
    fingerprint: string;
    machine: string;
    shift: string;
    order_name: string;
    cause: string;
    start_ms: number;
    end_ms: number;
    minutes: number;
    /** As it was classed when it came; the table `repair_cause` may know better by now. */
    class: StopClass;
    source: string;
    recorded_at: string;
  };
  /** What a plant says its causes are; other causes are classed by keywords. */
  repair_cause: { cause: string; class: StopClass; changed_at: string; changed_by: string };
  /** The stop that lasts, of each machine that reports its state. */
  repair_open_stop: { machine: string; cause: string; state: string; shift: string; start_ms: number };
  /** One row: every event of production up to this number was taken. */
  repair_position: { id: number; seq: number };
  repair_estimate: {
    id: string;
    /** Of the alarm that asked; null for a question of a person or program. */
    alarm_id: string | null;
    machine: string;
    at_ms: number;
    /** JSON of RepairEstimate. */
    estimate: string;
    /** What it took in the end. */
    actual_minutes: number | null;
  };
  repair_import: {
    id: string;
    name: string;
    status: 'running' | 'done' | 'failed';
    /** JSON of ImportReport. */
    report: string;
    started_at: string;
    actor: string;
    /** When its stops were taken back, and by whom. */
    undone_at: Generated<string | null>;
    undone_by: Generated<string | null>;
  };
  /** Every stop that a file holds, known before or not. */
  repair_import_stop: { import_id: string; fingerprint: string };
  /** `faults` is JSON. */
  repair_import_refusal: { import_id: string; line: number; reason: string; faults: string; raw: string };
  /** One row: how well the estimates did. */
  repair_calibration: {
    id: number;
    repairs: number;
    mean_absolute_error_minutes: number | null;
    coverage_percent: number | null;
    at: string;
  };
}
