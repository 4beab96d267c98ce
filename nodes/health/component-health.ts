// One component as the page Health and the routes show it, and as the registry lists it.
import { adviceFor } from './advice.ts';
import type { ComponentRecord } from './component-registry.ts';
import type { StateRecord } from './health-store.ts';
import type { ComponentHealth, RegisteredComponent, RepairEstimate } from './messages.ts';
import { newTriggerState, type TriggerSettings } from './trigger.ts';

/** @param estimate of the alarm that stands, where one was made */
export function componentHealth(
  one: Pick<ComponentRecord, 'machine' | 'component' | 'rpn'>,
  record: StateRecord | undefined,
  settings: Pick<TriggerSettings, 'threshold' | 'hysteresis'>,
  estimate: RepairEstimate | null = null,
): ComponentHealth {
  const state = record?.state ?? newTriggerState;
  const band = record?.band ?? 'unknown';
  return {
    machine: one.machine,
    component: one.component,
    rpn: one.rpn,
    index: state.index,
    smoothed: state.index === null || state.smoothed === null ? null : Math.round(state.smoothed * 100) / 100,
    band,
    at: record?.at ?? null,
    calculated_at: isoOf(record?.calculatedMs ?? null),
    threshold: settings.threshold,
    hysteresis: settings.hysteresis,
    alarm: state.shown,
    alarm_since: state.shown === 'normal' ? null : new Date(state.shownSinceMs).toISOString(),
    inputs: record?.inputs ?? [],
    advice: adviceFor(one.component, band),
    auto_prediction: {
      triggered: state.alarm !== null,
      trigger_threshold: settings.threshold,
      prediction_result: state.alarm === null ? null : estimate,
    },
  };
}

function isoOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

export function registeredComponent(one: ComponentRecord): RegisteredComponent {
  const { machine, component, rpn, retired, model, version, changedAt, changedBy } = one;
  return { machine, component, rpn, retired, model, version, changed_at: changedAt, changed_by: changedBy };
}
