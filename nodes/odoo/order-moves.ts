// Reads an order's moves with its state in one call each, and says what they show as masses.
import { type CentiKg, roundToCentiKg, zeroMass } from '../core/mass.ts';
import { type MassUnits, massUnit } from './mass-units.ts';
import type { MassUnit } from './messages.ts';
import { OdooError } from './odoo-error.ts';
import type { Domain, OdooPort, OdooRecord } from './odoo-port.ts';
import {
  flagOf,
  quantityOf,
  type Reference,
  referenceOf,
  requiredReference,
  requiredText,
  textOf,
} from './record-values.ts';
import { namesOf } from './version-table.ts';

export interface OrderMove {
  readonly id: number;
  readonly product: Reference;
  readonly unit: MassUnit;
  readonly planned: CentiKg;
  /** Recorded, or for a done move posted; a mere reservation counts as none. */
  readonly consumed: CentiKg;
  readonly state: string;
  readonly tracked: boolean;
}

/** A move in a unit that is no mass can't be written or compared. */
export class UnknownUnit extends OdooError {
  constructor(product: string, unit: string) {
    super('refused', `${product} is in "${unit}" in Odoo, which is no known mass.`, {
      hint: 'Set a unit of mass there, or name the unit in the settings.',
    });
  }
}

const openStates = ['confirmed', 'progress', 'to_close'] as const;

function fieldsOf(series: number): string[] {
  const names = namesOf(series);
  return [
    'raw_material_production_id',
    'production_id',
    'product_id',
    'product_uom',
    'product_uom_qty',
    'state',
    'has_tracking',
    names.consumedQuantity,
    ...(names.picked ? [names.picked] : []),
  ];
}

/** A quantity in the order's own unit, and what floats may add to it. */
export interface OrderedQuantity {
  readonly mass: CentiKg;
  readonly unit: MassUnit;
}

/**
 * The raw moves of an order that is open: ownership, openness and quantities from one moment.
 * Empty when the order is done, cancelled, a draft, missing or without components; with `ordered`, also when the order is not for
 * this quantity, to half a hundredth of a kilogram.
 */
export async function readOpenMoves(
  port: OdooPort,
  units: MassUnits,
  orderId: number,
  ordered?: OrderedQuantity,
): Promise<readonly OrderMove[]> {
  const path = 'raw_material_production_id.product_qty';
  const domain: Domain = [
    ['raw_material_production_id', '=', orderId],
    ['raw_material_production_id.state', 'in', openStates],
    ...(ordered
      ? ([
          [path, '>', (ordered.mass - 0.5) / ordered.unit.centiKgPerUnit],
          [path, '<', (ordered.mass + 0.5) / ordered.unit.centiKgPerUnit],
        ] as const)
      : []),
  ];
  const { series } = port.server;
  const records = await port.searchRead('stock.move', { domain, fields: fieldsOf(series), order: 'id' });
  return records
    .filter((record) => requiredReference(record, 'raw_material_production_id').id === orderId)
    .filter((record) => textOf(record, 'state') !== 'cancel')
    .map((record) => parseMove(record, series, units));
}

/** What a closed order consumed and made; undefined while it is not done. */
export interface DoneOrder {
  readonly raw: readonly OrderMove[];
  readonly finished: readonly OrderMove[];
}

/** Raw and finished moves of an order that is done, in one call. */
export async function readDoneOrder(port: OdooPort, units: MassUnits, orderId: number): Promise<DoneOrder | undefined> {
  const domain: Domain = [
    '|',
    '&',
    ['raw_material_production_id', '=', orderId],
    ['raw_material_production_id.state', '=', 'done'],
    '&',
    ['production_id', '=', orderId],
    ['production_id.state', '=', 'done'],
  ];
  const { series } = port.server;
  const records = await port.searchRead('stock.move', { domain, fields: fieldsOf(series), order: 'id' });
  if (records.length === 0) return undefined;
  // A component that was not consumed ends as a cancelled move; 15 and 16 leave cancelled remainders beside done ones.
  const done = records.filter((record) => textOf(record, 'state') === 'done');
  const isRaw = (record: OdooRecord) => referenceOf(record, 'raw_material_production_id')?.id === orderId;
  return {
    raw: done.filter(isRaw).map((record) => parseMove(record, series, units)),
    finished: done.filter((record) => !isRaw(record)).map((record) => parseMove(record, series, units)),
  };
}

/** State and quantity of an order, or undefined when it does not exist; the quantity is null in a unit that is no mass. */
export async function readOrderHead(
  port: OdooPort,
  units: MassUnits,
  orderId: number,
): Promise<{ readonly state: string; readonly quantity: CentiKg | null } | undefined> {
  const [order] = await port.read('mrp.production', [orderId], ['state', 'product_qty', 'product_uom_id']);
  if (!order) return undefined;
  const unit = massUnit(units, requiredReference(order, 'product_uom_id'));
  const quantity = unit ? roundToCentiKg(quantityOf(order, 'product_qty'), unit.centiKgPerUnit) : null;
  return { state: requiredText(order, 'state'), quantity };
}

/** The order's state, or undefined when it does not exist. */
export async function readOrderState(port: OdooPort, orderId: number): Promise<string | undefined> {
  const [order] = await port.read('mrp.production', [orderId], ['state']);
  return order && requiredText(order, 'state');
}

function parseMove(record: OdooRecord, series: number, units: MassUnits): OrderMove {
  const names = namesOf(series);
  const product = requiredReference(record, 'product_id');
  const unitReference = requiredReference(record, 'product_uom');
  const unit = massUnit(units, unitReference);
  if (!unit) throw new UnknownUnit(product.name, unitReference.name);
  const mass = (field: string): CentiKg => {
    const amount = quantityOf(record, field);
    if (Number.isSafeInteger(Math.round(amount * unit.centiKgPerUnit)))
      return roundToCentiKg(amount, unit.centiKgPerUnit);
    throw new OdooError('protocol', `Odoo's field ${field} of record ${record.id} is no mass.`);
  };
  const state = requiredText(record, 'state');
  const counts = state === 'done' || names.picked === null || flagOf(record, names.picked);
  return {
    id: record.id,
    product,
    unit,
    planned: mass('product_uom_qty'),
    consumed: counts ? mass(names.consumedQuantity) : zeroMass,
    state,
    tracked: (textOf(record, 'has_tracking') ?? 'none') !== 'none',
  };
}

/** Half of the step that Odoo keeps of one quantity, as a mass: what rounding may take or add. @param rounding the unit's own step */
export function roundingOf(unit: MassUnit, decimals: number, rounding = 0): number {
  return Math.floor(Number((unit.centiKgPerUnit * 0.5 * Math.max(10 ** -decimals, rounding)).toPrecision(12)));
}
