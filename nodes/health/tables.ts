// The health room's tables as kysely sees them: instants as ms UTC or ISO 8601 texts, whole objects as JSON texts.
import type { Generated } from 'kysely';
import type { HealthBand } from './messages.ts';

export interface HealthSchema {
  health_component: {
    machine: string;
    component: string;
    rpn: number;
    retired: number;
    /** JSON of an IndexModel; null: the machine's, or else the node's. */
    model: string | null;
    version: number;
    changed_at: string;
    changed_by: string;
  };
  health_machine: {
    machine: string;
    model: string | null;
    /** JSON of the latest ProductionWindow, for what an estimate is based on. */
    last_window: string | null;
    window_ms: number;
  };
  /** `component` is empty for an input of the whole machine. */
  health_input: {
    machine: string;
    component: string;
    name: string;
    value: number | null;
    quality: 'good' | 'bad' | 'stale';
    planned: number;
    at_ms: number;
  };
  health_state: {
    machine: string;
    component: string;
    /** JSON of a TriggerState. */
    state: string;
    /** JSON of ComponentHealth's inputs. */
    inputs: string;
    band: HealthBand;
    at: string;
    /** When an index was last calculated; null: never. */
    calculated_ms: number | null;
    due_ms: number;
  };
  health_transition: {
    seq: Generated<number>;
    transition: string;
    alarm_id: string;
    machine: string;
    component: string;
    state: string;
    at_ms: number;
    /** JSON of HealthAlarm. */
    alarm: string;
  };
  /** What has not left the node yet. */
  health_outbox: { seq: Generated<number>; topic: string; payload: string };
  health_rollup: {
    machine: string;
    component: string;
    grain: 'minute' | 'hour';
    bucket_ms: number;
    samples: number;
    unknown: number;
    total: number;
    least: number | null;
    most: number | null;
    smoothed: number | null;
  };
  health_event: {
    seq: Generated<number>;
    at: string;
    actor: string;
    type: string;
    machine: string;
    component: string;
    detail: string;
  };
  health_command: { command_id: string; actor: string; request: string; reply: string; at: string };
}
