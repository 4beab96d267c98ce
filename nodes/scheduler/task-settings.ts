// Reads the settings of a task-clock node: numbers and switches that may come from environment variables.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { settingSwitch, settingText } from '../core/setting-text.ts';
import type { TaskSettings } from './task.ts';

/** The node's properties as Node-RED hands them over, environment variables already substituted. */
export interface TaskClockProperties {
  readonly task: unknown;
  readonly title: unknown;
  /** Name of the line that it works for, as in its ledger; empty where there is only one. */
  readonly line?: unknown;
  readonly interval: unknown;
  /** What holds when the interval names a variable that is not set. */
  readonly intervalUnset?: unknown;
  readonly intervalUnit: unknown;
  readonly enabled: unknown;
  readonly runAtStart: unknown;
  readonly timeout: unknown;
  /** Missing in nodes of before: the usual number. */
  readonly failuresToAlarm?: unknown;
}

/**
 * By unit: its seconds, and the limits in it. Shorter than 50 ms (60 ms in minutes, which is the round figure) only a test
 * wants; timers hold 2^31 - 1 ms, so that more than 24 days would fire at once.
 */
const units = {
  seconds: { seconds: 1, least: 0.05, most: 24 * 24 * 3600 },
  minutes: { seconds: 60, least: 0.001, most: 24 * 24 * 60 },
} as const;
const usualInterval = '60';
const usualTimeout = '600';

/** One failure may be a peer that restarts; three in a row are a condition. */
const usualFailuresToAlarm = '3';

/** Throws InvalidInput that names every property at fault, with the limits in the unit that was entered. */
export function parseTaskSettings(properties: TaskClockProperties): TaskSettings {
  const faults: FieldFault[] = [];
  const number = (field: string, text: string, least: number, most: number, unit = ''): number => {
    const value = text === '' ? Number.NaN : Number(text);
    if (value >= least && value <= most) return value;
    faults.push({ field, message: `"${text}" is not a number from ${least} to ${most}${unit}` });
    return least;
  };
  const unitName = settingText(properties.intervalUnit) || 'seconds';
  const isKnownUnit = unitName === 'seconds' || unitName === 'minutes';
  if (!isKnownUnit) faults.push({ field: 'intervalUnit', message: 'must be "seconds" or "minutes"' });
  const unit = units[isKnownUnit ? unitName : 'seconds'];
  const enabled = settingSwitch(properties.enabled, true);
  if (enabled === undefined)
    faults.push({ field: 'enabled', message: `"${settingText(properties.enabled)}" is not true or false` });
  const interval = settingText(properties.interval, properties.intervalUnset) || usualInterval;
  const settings: TaskSettings = {
    task: number('task', settingText(properties.task), 1, 99),
    title: settingText(properties.title),
    line: settingText(properties.line),
    intervalSeconds: number('interval', interval, unit.least, unit.most, ` ${unitName}`) * unit.seconds,
    enabled: enabled ?? false,
    runAtStart: settingSwitch(properties.runAtStart, false) === true,
    timeoutSeconds: number('timeout', settingText(properties.timeout) || usualTimeout, 1, units.seconds.most),
    failuresToAlarm: Math.trunc(
      number('failuresToAlarm', settingText(properties.failuresToAlarm) || usualFailuresToAlarm, 1, 100),
    ),
  };
  if (faults.length > 0) throw new InvalidInput(faults, 'The setting of task-clock');
  return settings;
}
