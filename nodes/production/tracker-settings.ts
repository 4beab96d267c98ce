// What the editor or an environment variable gave a cumulative-tracker node, as checked settings.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { isUnset, settingSwitch, settingText } from '../core/setting-text.ts';

/** Properties of the node as a flow holds them: numbers may be texts, empty means the default. */
export interface TrackerProperties {
  readonly line?: string;
  readonly unknownMachine?: string;
  readonly spanning?: string;
  readonly maxPerHour?: number | string;
  readonly gapMinutes?: number | string;
  readonly countFirst?: boolean | string;
  readonly countAfterReset?: boolean | string;
  readonly closeDelaySeconds?: number | string;
  readonly graceHours?: number | string;
  readonly dedupeHours?: number | string;
  readonly rawDays?: number | string;
  readonly minuteDays?: number | string;
  readonly silenceSeconds?: number | string;
}

export interface TrackerSettings {
  /** Trackers of different lines keep different journals; of one line, the newest counts. */
  readonly line: string;
  /** What happens to a message of a machine that nobody registered. */
  readonly unknownMachine: 'quarantine' | 'accept';
  readonly spanning: 'later' | 'pro-rata';
  /** For machines without a limit of their own; null: none. */
  readonly maxPerHour: number | null;
  readonly gapMs: number;
  readonly countFirst: boolean;
  readonly countAfterReset: boolean;
  /** A shift closes this long after its end, so that its last message is not late. */
  readonly closeDelayMs: number;
  readonly graceMs: number;
  readonly dedupeMs: number;
  /** 0: messages are not kept. */
  readonly rawMs: number;
  readonly minuteMs: number;
  /** Longer without a message, and nobody knows what the machine did. */
  readonly silenceMs: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The original's machine makes 72,000 pieces an hour; nearly three times that is a fault of the counter. */
const defaultMaxPerHour = 200_000;

/** Throws InvalidInput with every wrong property. */
export function parseTrackerSettings(properties: TrackerProperties): TrackerSettings {
  const faults: FieldFault[] = [];
  const number = (field: keyof TrackerProperties, fallback: number, least: number, most: number): number => {
    const given = properties[field];
    if (isUnset(given)) return fallback;
    const value = Number(given);
    if (value >= least && value <= most) return value;
    faults.push({ field, message: `must be a number from ${least} to ${most}` });
    return fallback;
  };
  const choice = <Choice extends string>(
    field: keyof TrackerProperties,
    choices: readonly [Choice, ...Choice[]],
  ): Choice => {
    const given = properties[field];
    if (isUnset(given)) return choices[0];
    const found = choices.find((one) => one === given);
    if (found === undefined) faults.push({ field, message: `must be one of ${choices.join(', ')}` });
    return found ?? choices[0];
  };
  const line = settingText(properties.line) || 'plant';
  if (line.length > 64) faults.push({ field: 'line', message: 'must be at most 64 characters' });
  const maxPerHour = Math.floor(number('maxPerHour', defaultMaxPerHour, 0, 1e9));
  const settings: TrackerSettings = {
    line,
    unknownMachine: choice('unknownMachine', ['quarantine', 'accept']),
    spanning: choice('spanning', ['later', 'pro-rata']),
    maxPerHour: maxPerHour === 0 ? null : maxPerHour,
    gapMs: number('gapMinutes', 5, 0.1, 1440) * 60_000,
    countFirst: settingSwitch(properties.countFirst, false) ?? false,
    countAfterReset: settingSwitch(properties.countAfterReset, true) ?? false,
    closeDelayMs: number('closeDelaySeconds', 30, 0, 3600) * 1000,
    graceMs: number('graceHours', 24, 0, 720) * hourMs,
    dedupeMs: number('dedupeHours', 48, 1, 720) * hourMs,
    rawMs: number('rawDays', 0, 0, 3650) * dayMs,
    minuteMs: number('minuteDays', 35, 1, 3650) * dayMs,
    silenceMs: number('silenceSeconds', 60, 1, 86_400) * 1000,
  };
  if (faults.length > 0) throw new InvalidInput(faults, 'The setting of cumulative-tracker');
  return settings;
}
