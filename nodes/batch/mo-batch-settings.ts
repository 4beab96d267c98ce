// What the editor or an environment variable gave a mo-batch node, as checked settings.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { isUnset, settingText, watchesOnly } from '../core/setting-text.ts';
import { defaultSettings, type LedgerSettings } from './settings.ts';

/** Properties of the node as a flow holds them: numbers may be texts, empty means the default. */
export interface MoBatchProperties {
  line?: string;
  slots?: number | string;
  queueLimit?: number | string;
  failedCycles?: number | string;
  quarantineCycles?: number | string;
  overdueMinutes?: number | string;
  watchOnly?: boolean | string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws InvalidInput with every wrong property. SHOPFLOOR_WATCH_ONLY=true wins over the node's own switch. */
export function parseMoBatchSettings(
  properties: MoBatchProperties,
  environment: Environment = process.env,
): LedgerSettings {
  const faults: FieldFault[] = [];
  const whole = (field: keyof MoBatchProperties & keyof LedgerSettings, fallback: number, largest: number): number => {
    const given = properties[field];
    if (isUnset(given)) return fallback;
    const value = Number(given);
    if (Number.isInteger(value) && value >= 1 && value <= largest) return value;
    faults.push({ field, message: `must be a whole number from 1 to ${largest}` });
    return fallback;
  };
  const line = settingText(properties.line) || defaultSettings.line;
  if (line.length > 64) faults.push({ field: 'line', message: 'must be at most 64 characters' });
  const slots = whole('slots', defaultSettings.slots, 10);
  const settings: LedgerSettings = {
    line,
    slots,
    queueLimit: Math.min(slots, whole('queueLimit', slots, 10)),
    failedCycles: whole('failedCycles', defaultSettings.failedCycles, 100),
    quarantineCycles: whole('quarantineCycles', defaultSettings.quarantineCycles, 100),
    overdueMinutes: whole('overdueMinutes', defaultSettings.overdueMinutes, 10_080),
    watchOnly: watchesOnly(properties.watchOnly, environment),
  };
  if (faults.length > 0) throw new InvalidInput(faults, 'The setting of mo-batch');
  return settings;
}
