// Reads the settings of an equipment-failures node: names of the equipment, and the zone of the PLC's clock.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { type PlantTime, plantTimeOf } from '../core/plant-time.ts';
import { settingText } from '../core/setting-text.ts';
import { type EquipmentNames, parseEquipmentNames } from './equipment-names.ts';

export interface EquipmentProperties {
  readonly names?: unknown;
  readonly timeZone?: unknown;
}

export interface EquipmentSettings {
  readonly names: EquipmentNames;
  /** The PLC's clock shows the time of this zone. */
  readonly plant: PlantTime;
}

/** Throws InvalidInput that names every property at fault. */
export function parseEquipmentSettings(
  properties: EquipmentProperties,
  environment: Readonly<Record<string, string | undefined>>,
): EquipmentSettings {
  const zone = settingText(properties.timeZone) || environment.TZ_PLANT?.trim() || 'Asia/Jakarta';
  const faults: FieldFault[] = [];
  const attempt = <Value>(read: () => Value, onFault: () => void): Value | undefined => {
    try {
      return read();
    } catch (thrown) {
      if (thrown instanceof InvalidInput) faults.push(...thrown.fields);
      else onFault();
      return undefined;
    }
  };
  const names = attempt(
    () => parseEquipmentNames(properties.names),
    () => faults.push({ field: 'names', message: 'must be lines of CODE = name' }),
  );
  const plant = attempt(
    () => plantTimeOf(zone),
    () => faults.push({ field: 'timeZone', message: `"${zone}" is no time zone such as Asia/Jakarta` }),
  );
  if (!names || !plant) throw new InvalidInput(faults, 'The setting of equipment-failures');
  return { names, plant };
}
