// Reads the settings of an odoo-simulator node; they may come from environment variables.
import { type FieldFault, InvalidInput } from '../../core/errors.ts';
import { settingText } from '../../core/setting-text.ts';
import { type SimulatedSeries, simulatedSeries } from './records.ts';

/** The node's properties as Node-RED hands them over, environment variables already substituted. */
export interface SimulatorProperties {
  readonly host?: unknown;
  readonly port?: unknown;
  /** What holds when the port names a variable that is not set. */
  readonly portUnset?: unknown;
  readonly series?: unknown;
  readonly secondsPerOrder?: unknown;
  readonly openOrders?: unknown;
  readonly seed?: unknown;
  readonly keepOrders?: unknown;
}

export interface SimulatorSettings {
  readonly host: string;
  readonly port: number;
  readonly series: SimulatedSeries;
  /** A planner enters an order this often; 0 for never. */
  readonly secondsPerOrder: number;
  /** The planner waits while so many orders are open. */
  readonly openOrders: number;
  readonly seed: number;
  readonly keepOrders: boolean;
}

/**
 * Undefined when the port is empty, or a variable that is not set and no port is named for that case: the simulator stays
 * off because a real Odoo is configured. Throws InvalidInput that names every property at fault.
 */
export function parseSimulatorSettings(properties: SimulatorProperties): SimulatorSettings | undefined {
  const port = settingText(properties.port, properties.portUnset);
  if (port === '') return undefined;
  const faults: FieldFault[] = [];
  const number = (field: keyof SimulatorProperties, fallback: number, min: number, max: number): number => {
    const text = field === 'port' ? port : settingText(properties[field]);
    const value = text === '' ? fallback : Number(text);
    if (!(value >= min && value <= max))
      faults.push({ field, message: `"${text}" is no number from ${min} to ${max}` });
    return value;
  };
  const seriesText = settingText(properties.series) || '17';
  const series = simulatedSeries.find((known) => String(known) === seriesText);
  if (!series) faults.push({ field: 'series', message: `must be one of ${simulatedSeries.join(', ')}` });
  const settings = {
    host: settingText(properties.host) || '127.0.0.1',
    port: Math.trunc(number('port', 0, 0, 65_535)),
    secondsPerOrder: number('secondsPerOrder', 6, 0, 86_400),
    openOrders: number('openOrders', 20, 1, 1000),
    seed: Math.trunc(number('seed', 1, 0, 4_294_967_295)),
    keepOrders: properties.keepOrders !== false,
  };
  if (faults.length > 0 || !series) throw new InvalidInput(faults, 'The Odoo simulator');
  return { ...settings, series };
}
