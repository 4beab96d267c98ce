// Reads the settings of a task-clock node: numbers and switches that may come from environment variables.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import type { TaskSettings } from './task.ts';

/** The node's properties as Node-RED hands them over, environment variables already substituted. */
export interface TaskClockProperties {
  readonly task: unknown;
  readonly title: unknown;
  readonly interval: unknown;
  readonly intervalUnit: unknown;
  readonly enabled: unknown;
  readonly runAtStart: unknown;
  readonly timeout: unknown;
}

const secondsPerUnit: Readonly<Record<string, number>> = { seconds: 1, minutes: 60 };
/** Shorter than this only a test wants. */
const shortestIntervalSeconds = 0.05;
/** Timers hold 2^31 - 1 ms; a longer interval would fire at once. */
const longestIntervalSeconds = 24 * 24 * 3600;

/** Throws InvalidInput that names every property at fault. */
export function parseTaskSettings(properties: TaskClockProperties): TaskSettings {
  const faults: FieldFault[] = [];
  const number = (field: string, value: unknown, min: number, max: number): number => {
    const parsed = typeof value === 'number' ? value : Number.parseFloat(String(value));
    if (Number.isFinite(parsed) && parsed >= min && parsed <= max) return parsed;
    faults.push({ field, message: `"${String(value)}" is not a number from ${min} to ${max}` });
    return min;
  };
  const perUnit = secondsPerUnit[String(properties.intervalUnit)];
  if (perUnit === undefined) faults.push({ field: 'intervalUnit', message: 'must be "seconds" or "minutes"' });
  const enabled = parseSwitch(properties.enabled);
  if (enabled === undefined)
    faults.push({ field: 'enabled', message: `"${String(properties.enabled)}" is not true or false` });
  const settings: TaskSettings = {
    task: number('task', properties.task, 1, 99),
    title: String(properties.title ?? ''),
    intervalSeconds:
      number(
        'interval',
        properties.interval,
        shortestIntervalSeconds / (perUnit ?? 1),
        longestIntervalSeconds / (perUnit ?? 1),
      ) * (perUnit ?? 1),
    enabled: enabled ?? false,
    runAtStart: properties.runAtStart === true,
    timeoutSeconds: number('timeout', properties.timeout, 1, longestIntervalSeconds),
  };
  if (faults.length > 0) throw new InvalidInput(faults, 'The task clock');
  return settings;
}

/** An empty switch (its environment variable is not set) means on. */
function parseSwitch(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = String(value ?? '')
    .trim()
    .toLowerCase();
  if (['', 'true', '1', 'yes', 'on'].includes(text)) return true;
  if (['false', '0', 'no', 'off'].includes(text)) return false;
  return undefined;
}
