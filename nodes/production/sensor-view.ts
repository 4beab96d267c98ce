// The newest messages under the original's field names, for its sensor routes.
import type { SeenReading } from './count-reads.ts';
import type { MachineState } from './messages.ts';

/** One row of the original's `machine_logs`, with the machine that it belongs to; null: not in the message. */
export interface SensorRow {
  readonly machine_id: string;
  readonly machine_status: string | null;
  readonly performance_rate: number | null;
  readonly quality_rate: number | null;
  readonly availability_rate: number | null;
  readonly cumulative_production: number | null;
  readonly cumulative_defects: number | null;
  readonly interval_production: number | null;
  readonly interval_defects: number | null;
  readonly error_message: string | null;
  readonly failure_reason: string | null;
  /** By the source's clock. */
  readonly timestamp: string;
  readonly arrived_at: string;
}

export function sensorRow(seen: SeenReading): SensorRow {
  return {
    machine_id: seen.machine,
    machine_status: statusText(seen.state),
    performance_rate: seen.performanceRate,
    quality_rate: seen.qualityRate,
    availability_rate: seen.availabilityRate,
    cumulative_production: seen.cumulativeProduction,
    cumulative_defects: seen.cumulativeDefects,
    interval_production: seen.intervalProduction,
    interval_defects: seen.intervalDefects,
    error_message: seen.errorMessage,
    failure_reason: seen.failureReason,
    timestamp: new Date(seen.sourceMs).toISOString(),
    arrived_at: new Date(seen.arrivedMs).toISOString(),
  };
}

/** A message as it was kept; what it doesn't say, or says in another shape, is null. */
export function sensorRowOfRaw(message: {
  readonly machine: string;
  readonly source_ms: number;
  readonly arrived_ms: number;
  readonly raw: string;
}): SensorRow {
  const fields = fieldsOf(message.raw);
  const number = (name: string) => {
    const value = fields[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
  const text = (name: string) => {
    const value = fields[name];
    return typeof value === 'string' ? value : null;
  };
  return {
    machine_id: message.machine,
    machine_status: text('machine_status'),
    performance_rate: number('performance_rate'),
    quality_rate: number('quality_rate'),
    availability_rate: number('availability_rate'),
    cumulative_production: number('cumulative_production'),
    cumulative_defects: number('cumulative_defects'),
    interval_production: number('interval_production'),
    interval_defects: number('interval_defects'),
    error_message: text('error_message'),
    failure_reason: text('failure_reason'),
    timestamp: new Date(message.source_ms).toISOString(),
    arrived_at: new Date(message.arrived_ms).toISOString(),
  };
}

function fieldsOf(raw: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(raw);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    // Kept as it came: a message of another format has no field of these names.
    return {};
  }
}

/** As the original writes it: the first letter a capital. */
function statusText(state: MachineState | null): string | null {
  return state === null ? null : `${state.charAt(0).toUpperCase()}${state.slice(1)}`;
}
