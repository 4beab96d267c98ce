// Stops as the original's downtime pages and routes show them: events with a severity, and figures by component and severity.
import { ShopfloorError } from '../core/errors.ts';
import type { MachineState } from './messages.ts';
import { type Severity, severityOf, shortestStopMs } from './state-accounts.ts';
import type { StopTally } from './state-reads.ts';
import type { SpanRow } from './state-records.ts';

/** The original's pseudo-components, by state; what it doesn't name is the machine's own. */
const componentOfState: Partial<Readonly<Record<MachineState, string>>> = {
  maintenance: 'Maintenance',
  error: 'System',
  stopped: 'Operator',
  idle: 'Material Supply',
};
const otherComponent = 'Machine';
const stopStates: readonly MachineState[] = [
  'error',
  'maintenance',
  'stopped',
  'idle',
  'setup',
  'changeover',
  'downtime',
];

export interface DowntimeEvent {
  readonly id: number;
  readonly machine_id: string;
  readonly component: string;
  readonly status: MachineState;
  readonly severity: Severity;
  readonly reason: string | null;
  readonly reason_by: string | null;
  readonly planned: boolean;
  readonly start_time: string;
  /** Null while it lasts. */
  readonly end_time: string | null;
  readonly duration_minutes: number;
  readonly ongoing: boolean;
}

export interface DowntimeFigures {
  readonly count: number;
  readonly total_minutes: number;
  readonly average_minutes: number | null;
}

export interface DowntimeStatistics extends DowntimeFigures {
  readonly from: string;
  readonly to: string;
  /** Stops that still last; their minutes so far are in the totals. */
  readonly ongoing: number;
  readonly by_component: Readonly<Record<string, DowntimeFigures>>;
  readonly by_severity: Readonly<Record<string, DowntimeFigures>>;
  readonly by_reason: readonly (DowntimeFigures & { readonly reason: string | null })[];
  /** Maintenance is preventive, everything else a reaction. */
  readonly preventive: DowntimeFigures;
  readonly reactive: DowntimeFigures;
}

export function componentOf(state: MachineState): string {
  return componentOfState[state] ?? otherComponent;
}

/** The states that stand for a component's name, in any letter case; 404 for a name that stands for none. */
export function statesOfComponent(component: string | undefined): readonly MachineState[] {
  if (component === undefined) return [];
  const states = stopStates.filter((state) => componentOf(state).toLowerCase() === component.trim().toLowerCase());
  if (states.length > 0) return states;
  const names = [...new Set(stopStates.map(componentOf))].join(', ');
  throw new ShopfloorError('component-unknown', 404, `There is no component ${component}; there are ${names}.`);
}

export function downtimeEvent(row: SpanRow, nowMs: number): DowntimeEvent {
  const durationMs = (row.end_ms ?? nowMs) - row.start_ms;
  return {
    id: row.id,
    machine_id: row.machine,
    component: componentOf(row.state),
    status: row.state,
    severity: severityOf(row.state, durationMs),
    reason: row.reason ?? row.words,
    reason_by: row.reason_by,
    planned: row.planned === 1,
    start_time: new Date(row.start_ms).toISOString(),
    end_time: row.end_ms === null ? null : new Date(row.end_ms).toISOString(),
    duration_minutes: minutes(durationMs),
    ongoing: row.end_ms === null,
  };
}

/** @param open stops that began in the window and still last */
export function downtimeStatistics(
  tallies: readonly StopTally[],
  open: readonly SpanRow[],
  window: { readonly fromMs: number; readonly toMs: number; readonly nowMs: number },
): DowntimeStatistics {
  const lasting = open
    .map((row) => ({ row, ms: window.nowMs - row.start_ms }))
    .filter(({ ms }) => ms >= shortestStopMs)
    .map(({ row, ms }) => ({
      state: row.state,
      reason: row.reason ?? '',
      severity: severityOf(row.state, ms),
      count: 1,
      ms,
    }));
  const all = [...tallies, ...lasting];
  return {
    from: new Date(window.fromMs).toISOString(),
    to: new Date(window.toMs).toISOString(),
    ...figures(all),
    ongoing: lasting.length,
    by_component: by(all, ({ state }) => componentOf(state)),
    by_severity: by(all, ({ severity }) => severity),
    by_reason: Object.entries(by(all, ({ reason }) => reason))
      .map(([reason, figure]) => ({ reason: reason || null, ...figure }))
      .sort((left, right) => right.total_minutes - left.total_minutes),
    preventive: figures(all.filter(({ state }) => state === 'maintenance')),
    reactive: figures(all.filter(({ state }) => state !== 'maintenance')),
  };
}

function by(tallies: readonly StopTally[], keyOf: (tally: StopTally) => string): Record<string, DowntimeFigures> {
  const keys = [...new Set(tallies.map(keyOf))].sort((left, right) => left.localeCompare(right));
  return Object.fromEntries(keys.map((key) => [key, figures(tallies.filter((tally) => keyOf(tally) === key))]));
}

function figures(tallies: readonly StopTally[]): DowntimeFigures {
  const count = tallies.reduce((sum, tally) => sum + tally.count, 0);
  const ms = tallies.reduce((sum, tally) => sum + tally.ms, 0);
  return { count, total_minutes: minutes(ms), average_minutes: count > 0 ? minutes(ms / count) : null };
}

/** Two decimals. */
function minutes(ms: number): number {
  return Math.round(ms / 600) / 100;
}
