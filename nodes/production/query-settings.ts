// What the editor gave a production-oee node, as checked settings.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { settingText } from '../core/setting-text.ts';
import type { QuerySettings } from './production-queries.ts';

/** Properties of the node as a flow holds them: numbers may be texts, empty means the default. */
export interface QueryProperties {
  readonly reasonMinutes?: unknown;
  readonly windowMinutes?: unknown;
  readonly periodSeconds?: unknown;
}

export interface OeeNodeSettings extends QuerySettings {
  /** How often views and windows go out; 0: only when asked. */
  readonly periodMs: number;
}

/** Throws InvalidInput with every wrong property. */
export function parseQuerySettings(properties: QueryProperties): OeeNodeSettings {
  const faults: FieldFault[] = [];
  const number = (field: keyof QueryProperties, fallback: number, least: number, most: number): number => {
    const text = settingText(properties[field]);
    const value = text === '' ? fallback : Number(text);
    if (value >= least && value <= most) return value;
    faults.push({ field, message: `must be a number from ${least} to ${most}` });
    return fallback;
  };
  const settings = {
    reasonAfterMs: number('reasonMinutes', 5, 0.5, 1440) * 60_000,
    windowMs: number('windowMinutes', 30, 1, 1440) * 60_000,
    periodMs: number('periodSeconds', 10, 0, 3600) * 1000,
  };
  if (faults.length > 0) throw new InvalidInput(faults, 'The setting of production-oee');
  return settings;
}
