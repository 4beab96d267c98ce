// What the editor gave a health-trigger node, as checked settings.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { FieldReader } from '../core/field-reader.ts';
import { settingText } from '../core/setting-text.ts';
import { defaultFlood } from './alarm-desk.ts';
import type { HealthSettings } from './component-judge.ts';
import { defaultModel } from './index-model.ts';
import { readModel } from './model-parser.ts';
import { defaultTrigger } from './trigger.ts';

/** Properties of the node as a flow holds them: numbers may be texts, empty means the default; times in the unit of the name. */
export interface HealthTriggerProperties {
  threshold?: number | string;
  hysteresis?: number | string;
  smoothingSeconds?: number | string;
  onDelaySeconds?: number | string;
  onSamples?: number | string;
  offDelaySeconds?: number | string;
  offSamples?: number | string;
  coolDownMinutes?: number | string;
  reAlarmMinutes?: number | string;
  floodAlarms?: number | string;
  floodMinutes?: number | string;
  latch?: boolean;
  /** JSON of an IndexModel; empty: the default. */
  model?: string;
}

/** Throws InvalidInput with every wrong property. */
export function parseHealthTriggerSettings(properties: HealthTriggerProperties): HealthSettings {
  const faults: FieldFault[] = [];
  type NumberField = Exclude<keyof HealthTriggerProperties, 'latch' | 'model'>;
  const number = (field: NumberField, fallback: number, least: number, most: number): number => {
    const text = settingText(properties[field]);
    if (text === '') return fallback;
    const value = Number(text);
    if (Number.isFinite(value) && value >= least && value <= most) return value;
    faults.push({ field, message: `must be a number from ${least} to ${most}` });
    return fallback;
  };
  const ms = (field: NumberField, fallbackMs: number, unitMs: number) =>
    number(field, fallbackMs / unitMs, 0, (7 * 24 * 3_600_000) / unitMs) * unitMs;
  const samples = (field: NumberField, fallback: number) => Math.round(number(field, fallback, 1, 1_000));
  const settings: HealthSettings = {
    model: modelOf(properties.model, faults),
    trigger: {
      threshold: number('threshold', defaultTrigger.threshold, 0, 100),
      hysteresis: number('hysteresis', defaultTrigger.hysteresis, 0, 100),
      smoothingMs: ms('smoothingSeconds', defaultTrigger.smoothingMs, 1_000),
      onDelayMs: ms('onDelaySeconds', defaultTrigger.onDelayMs, 1_000),
      onSamples: samples('onSamples', defaultTrigger.onSamples),
      offDelayMs: ms('offDelaySeconds', defaultTrigger.offDelayMs, 1_000),
      offSamples: samples('offSamples', defaultTrigger.offSamples),
      coolDownMs: ms('coolDownMinutes', defaultTrigger.coolDownMs, 60_000),
      reAlarmMs: ms('reAlarmMinutes', defaultTrigger.reAlarmMs, 60_000),
      latch: properties.latch ?? defaultTrigger.latch,
    },
    flood: {
      alarms: Math.round(number('floodAlarms', defaultFlood.alarms, 0, 1_000)),
      windowMs: ms('floodMinutes', defaultFlood.windowMs, 60_000),
    },
  };
  if (settings.trigger.threshold + settings.trigger.hysteresis > 100) {
    faults.push({
      field: 'hysteresis',
      message: 'must leave threshold + hysteresis at 100 or below, or no alarm ever ends',
    });
  }
  if (faults.length > 0) throw new InvalidInput(faults, 'The setting of health-trigger');
  return settings;
}

function modelOf(text: string | undefined, faults: FieldFault[]) {
  const json = settingText(text);
  if (json === '') return defaultModel;
  try {
    return readModel(new FieldReader(JSON.parse(json), 'model.', faults));
  } catch {
    faults.push({ field: 'model', message: 'must be JSON' });
    return defaultModel;
  }
}
