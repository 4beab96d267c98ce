// The settings of the order rules, as domain values and as the editor's text fields.
import { InvalidInput } from '../core/errors.ts';
import { type CentiKg, centiKg, roundToCentiKg } from '../core/mass.ts';
import { settingText } from '../core/setting-text.ts';
import { defaultEquipmentRule, type EquipmentRule, parseEquipmentRule } from './equipment-rule.ts';
import { defaultMassUnits, type MassUnits, parseMassUnits } from './mass-units.ts';
import type { Domain } from './odoo-port.ts';
import type { PlcNamePolicy } from './plc-names.ts';

export interface SyncSettings {
  readonly equipmentRule: EquipmentRule;
  readonly massUnits: MassUnits;
  readonly namePolicy: PlcNamePolicy;
  /** Joined by "and" to "confirmed": the orders of this line. */
  readonly extraDomain: Domain;
  /** Only orders of this company, by its name or id; null for every company that the login sees. */
  readonly company: string | null;
  /** Orders planned to start later than so many days from now are not fetched yet; 0 for no such limit. */
  readonly horizonDays: number;
  /** `warn` lets an order in whose components are not reserved, and says so; `refuse` keeps it out. */
  readonly stockPolicy: 'warn' | 'refuse';
  /** Orders read in one call of a fetch; more calls follow only while the queue is not full. */
  readonly scanLimit: number;
  /** Largest planned mass for one silo or tank. */
  readonly maximumComponentCentiKg: CentiKg;
  /** Largest quantity of one order: what the PLC's double word and its plausibility limit hold. */
  readonly maximumOrderCentiKg: CentiKg;
  /** How far consumption of one component may lie from what it is measured against, in percent of that. */
  readonly consumptionTolerancePercent: number;
  /** `plan`: the component's planned mass. `finished`: its share of what was finished, which liquids can raise above the plan. */
  readonly toleranceBase: 'plan' | 'finished';
  /** How far the finished quantity may lie from the order's, in percent. */
  readonly quantityTolerancePercent: number;
  /** A smaller difference never counts, whatever its percentage: scatter of a small dose. */
  readonly toleranceFloorCentiKg: CentiKg;
  /** Decimals of a quantity that this Odoo keeps; 2 unless its decimal precision was changed. */
  readonly decimals: number;
}

export const defaultSyncSettings: SyncSettings = {
  equipmentRule: defaultEquipmentRule,
  massUnits: defaultMassUnits,
  namePolicy: 'short-key',
  extraDomain: [],
  company: null,
  horizonDays: 7,
  stockPolicy: 'warn',
  scanLimit: 200,
  maximumComponentCentiKg: centiKg(500_000),
  maximumOrderCentiKg: centiKg(1_000_000_000),
  consumptionTolerancePercent: 5,
  toleranceBase: 'plan',
  quantityTolerancePercent: 5,
  toleranceFloorCentiKg: centiKg(200),
  decimals: 2,
};

/** What the editor stores; every field may be absent or empty. */
export interface SyncProperties {
  readonly equipmentPattern?: string;
  readonly equipmentMapping?: string;
  readonly massUnits?: string;
  readonly namePolicy?: string;
  readonly extraDomain?: string;
  readonly company?: string;
  readonly horizonDays?: string | number;
  readonly stockPolicy?: string;
  readonly scanLimit?: string | number;
  readonly maximumComponentKg?: string | number;
  readonly consumptionTolerancePercent?: string | number;
  readonly toleranceBase?: string;
  readonly quantityTolerancePercent?: string | number;
  readonly toleranceFloorKg?: string | number;
  readonly decimals?: string | number;
}

/** Throws InvalidInput that names the field. */
export function parseSyncSettings(properties: SyncProperties): SyncSettings {
  const defaults = defaultSyncSettings;
  const number = (field: keyof SyncProperties, fallback: number, minimum: number, maximum: number): number => {
    const text = settingText(properties[field]);
    if (text === '') return fallback;
    const value = Number(text);
    if (Number.isFinite(value) && value >= minimum && value <= maximum) return value;
    throw refused(field, `"${text}" is no number from ${minimum} to ${maximum}`);
  };
  const whole = (field: keyof SyncProperties, fallback: number, minimum: number, maximum: number): number => {
    const value = number(field, fallback, minimum, maximum);
    if (Number.isInteger(value)) return value;
    throw refused(field, 'must be a whole number');
  };
  /** The first choice is the default. */
  const choice = <Choice extends string>(
    field: keyof SyncProperties,
    choices: readonly [Choice, ...Choice[]],
  ): Choice => {
    const text = settingText(properties[field]);
    const found = text === '' ? choices[0] : choices.find((one) => one === text);
    if (found !== undefined) return found;
    throw refused(field, `"${text}" is neither ${choices.join(' nor ')}`);
  };
  const kg = (field: keyof SyncProperties, fallback: CentiKg, maximumKg: number) =>
    roundToCentiKg(number(field, fallback / 100, 0, maximumKg));
  return {
    equipmentRule: parseEquipmentRule(properties),
    massUnits: parseMassUnits(properties.massUnits),
    namePolicy: choice('namePolicy', ['short-key', 'refuse']),
    company: settingText(properties.company) || null,
    horizonDays: number('horizonDays', defaults.horizonDays, 0, 3650),
    stockPolicy: choice('stockPolicy', ['warn', 'refuse']),
    extraDomain: parseDomain(settingText(properties.extraDomain)),
    scanLimit: whole('scanLimit', defaults.scanLimit, 10, 1000),
    maximumComponentCentiKg: kg('maximumComponentKg', defaults.maximumComponentCentiKg, 10_000_000),
    maximumOrderCentiKg: defaults.maximumOrderCentiKg,
    consumptionTolerancePercent: number('consumptionTolerancePercent', defaults.consumptionTolerancePercent, 0, 100),
    toleranceBase: choice('toleranceBase', ['plan', 'finished']),
    quantityTolerancePercent: number('quantityTolerancePercent', defaults.quantityTolerancePercent, 0, 100),
    toleranceFloorCentiKg: kg('toleranceFloorKg', defaults.toleranceFloorCentiKg, 1000),
    decimals: whole('decimals', defaults.decimals, 0, 6),
  };
}

/** A domain as JSON, such as `[["picking_type_id.name", "ilike", "line 1"]]`. */
function parseDomain(text: string): Domain {
  if (text.trim() === '') return [];
  const example = 'must be a JSON list such as [["picking_type_id", "=", 3]]';
  let domain: unknown;
  try {
    domain = JSON.parse(text);
  } catch {
    throw refused('extraDomain', example);
  }
  const isTerm = (term: unknown) =>
    term === '&' ||
    term === '|' ||
    term === '!' ||
    (Array.isArray(term) && term.length === 3 && typeof term[0] === 'string');
  if (!Array.isArray(domain) || !domain.every(isTerm)) throw refused('extraDomain', example);
  return domain;
}

function refused(field: string, message: string): InvalidInput {
  return new InvalidInput([{ field, message }], 'A setting');
}
