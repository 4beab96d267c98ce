// What the model says of a repair and of itself, as the messages say it: minutes with one decimal, and sentences of what it is based on.
import type { AskedRepair } from './asked-repair.ts';
import { nameOfCause } from './cause-names.ts';
import { basisOf } from './estimate-basis.ts';
import type { Calibration, RepairEstimate } from './messages.ts';
import type { RepairModel } from './repair-model.ts';
import { causeOfComponent } from './repair-prior.ts';

/** @param asked completed from what production knows; @param machineName for the sentences */
export function estimateOf(
  model: RepairModel,
  asked: AskedRepair,
  machineName: string,
  id: string,
  now: Date,
): RepairEstimate {
  const { machine, component, shift, healthIndex, production, defects } = asked;
  const cause = asked.cause ?? causeOfComponent(component);
  const forecast = model.forecast({ machine, shift, cause, startMs: now.getTime(), healthIndex });
  const { coverage, repairs, meanAbsoluteError } = model.calibration();
  const name = nameOfCause(cause);
  const isAssumed = asked.cause === null;
  return {
    id,
    machine,
    component,
    cause,
    cause_name: isAssumed ? { id: `${name.id} (dugaan)`, 'en-US': `${name['en-US']} (assumed)` } : name,
    at: now.toISOString(),
    p10_minutes: oneDecimal(forecast.p10),
    p50_minutes: oneDecimal(forecast.p50),
    p90_minutes: oneDecimal(forecast.p90),
    mean_minutes: oneDecimal(forecast.expected),
    basis: basisOf({
      forecast: forecast.basis,
      machine: machineName,
      cause,
      causeAssumed: isAssumed,
      shift,
      healthIndex,
      production,
      defects,
      coverage,
      meanError: meanAbsoluteError,
      judged: repairs,
    }),
  };
}

export function calibrationOf(model: RepairModel): Calibration {
  const { repairs, meanAbsoluteError, coverage } = model.calibration();
  return {
    repairs,
    mean_absolute_error_minutes: meanAbsoluteError === null ? null : oneDecimal(meanAbsoluteError),
    coverage_percent: coverage === null ? null : oneDecimal(coverage * 100),
  };
}

function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10;
}
