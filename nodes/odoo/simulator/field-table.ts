// Which fields the simulated models have in each series, and what they hold: Odoo's wire names over our records.
import type { Manufacturing } from './manufacturing.ts';
import type { MoveRecord, OdooDatabase, ProductionRecord, SimulatedSeries } from './records.ts';

/** A value before it goes out: many2one as the bare id, x2many as ids. */
export type RawValue = string | number | boolean | readonly number[];

export interface Field {
  readonly type: string;
  readonly relation?: string;
  value(record: { readonly id: number }): RawValue;
}

export interface Model {
  readonly records: ReadonlyMap<number, { readonly id: number }>;
  readonly fields: ReadonlyMap<string, Field>;
  displayName(id: number): string;
}

export type Models = ReadonlyMap<string, Model>;

export function buildModels(db: OdooDatabase, series: SimulatedSeries, life: Manufacturing): Models {
  return new Map<string, Model>([
    ['mrp.production', modelOf(db.productions, productionFields(db, series, life), (order) => order.name)],
    ['stock.move', modelOf(db.moves, moveFields(db, series), (move) => `Move ${move.id}`)],
    [
      'product.product',
      modelOf(
        db.products,
        {
          name: { type: 'char', value: (p) => p.name },
          default_code: { type: 'char', value: (p) => p.defaultCode },
          display_name: { type: 'char', value: (p) => productName(p) },
          uom_id: { type: 'many2one', relation: 'uom.uom', value: (p) => p.unitId },
          tracking: { type: 'selection', value: (p) => p.tracking },
          active: { type: 'boolean', value: () => true },
          ...(series >= 19 && { is_storable: { type: 'boolean', value: () => true } }),
          ...(series < 18 && { detailed_type: { type: 'selection', value: () => 'product' } }),
        },
        productName,
      ),
    ],
    [
      'mrp.bom',
      modelOf(
        db.boms,
        {
          code: { type: 'char', value: (bom) => bom.code },
          type: { type: 'selection', value: () => 'normal' },
          product_id: { type: 'many2one', relation: 'product.product', value: (bom) => bom.productId },
          product_qty: { type: 'float', value: (bom) => bom.quantity },
          product_uom_id: { type: 'many2one', relation: 'uom.uom', value: (bom) => bom.unitId },
          consumption: { type: 'selection', value: (bom) => bom.consumption },
        },
        (bom) => {
          const product = db.products.get(bom.productId);
          return `${bom.code ? `${bom.code}: ` : ''}${product ? productName(product) : ''}`;
        },
      ),
    ],
    [
      'stock.picking.type',
      modelOf(db.pickingTypes, { name: { type: 'char', value: (line) => line.name } }, (line) => line.name),
    ],
    [
      'uom.uom',
      modelOf(
        db.units,
        {
          name: { type: 'char', value: (unit) => unit.name },
          rounding: { type: 'float', value: (unit) => unit.rounding },
        },
        (unit) => unit.name,
      ),
    ],
    [
      'res.company',
      modelOf(db.companies, { name: { type: 'char', value: (company) => company.name } }, (company) => company.name),
    ],
  ]);
}

function productName(product: { readonly name: string; readonly defaultCode: string | false }): string {
  return product.defaultCode ? `[${product.defaultCode}] ${product.name}` : product.name;
}

function modelOf<Row extends { readonly id: number }>(
  records: ReadonlyMap<number, Row>,
  fields: Readonly<Record<string, { type: string; relation?: string; value(row: Row): RawValue }>>,
  displayName: (row: Row) => string,
): Model {
  const present = (record: { readonly id: number }): Row => {
    const row = records.get(record.id);
    if (!row) throw new RangeError(`record ${record.id} is gone`);
    return row;
  };
  const all: Array<[string, Field]> = Object.entries(fields).map(([name, field]) => [
    name,
    { ...field, value: (record) => field.value(present(record)) },
  ]);
  return {
    records,
    fields: new Map<string, Field>([
      ['id', { type: 'integer', value: (record) => record.id }],
      ['display_name', { type: 'char', value: (record) => displayName(present(record)) }],
      ...all,
    ]),
    displayName: (id) => {
      const row = records.get(id);
      return row ? displayName(row) : '';
    },
  };
}

function productionFields(db: OdooDatabase, series: SimulatedSeries, life: Manufacturing) {
  type Row = ProductionRecord;
  const planned = { type: 'datetime', value: (order: Row) => order.dateStart };
  return {
    name: { type: 'char', value: (order: Row) => order.name },
    state: { type: 'selection', value: (order: Row) => order.state },
    reservation_state: { type: 'selection', value: (order: Row) => life.reservationState(order) },
    company_id: { type: 'many2one', relation: 'res.company', value: (order: Row) => order.companyId },
    product_id: { type: 'many2one', relation: 'product.product', value: (order: Row) => order.productId },
    bom_id: { type: 'many2one', relation: 'mrp.bom', value: (order: Row) => order.bomId },
    product_uom_id: { type: 'many2one', relation: 'uom.uom', value: (order: Row) => order.unitId },
    picking_type_id: { type: 'many2one', relation: 'stock.picking.type', value: (order: Row) => order.pickingTypeId },
    product_qty: { type: 'float', value: (order: Row) => order.productQty },
    product_uom_qty: { type: 'float', value: (order: Row) => order.productQty },
    qty_producing: { type: 'float', value: (order: Row) => order.qtyProducing },
    qty_produced: { type: 'float', value: (order: Row) => order.qtyProduced },
    origin: { type: 'char', value: (order: Row) => order.origin },
    consumption: { type: 'selection', value: (order: Row) => order.consumption },
    is_locked: { type: 'boolean', value: () => true },
    write_date: { type: 'datetime', value: (order: Row) => order.writeDate },
    backorder_sequence: { type: 'integer', value: (order: Row) => order.backorderSequence },
    move_raw_ids: {
      type: 'one2many',
      relation: 'stock.move',
      value: (order: Row) => db.rawMoves(order.id).map((move) => move.id),
    },
    move_finished_ids: {
      type: 'one2many',
      relation: 'stock.move',
      value: (order: Row) => db.finishedMoves(order.id).map((move) => move.id),
    },
    move_byproduct_ids: { type: 'one2many', relation: 'stock.move', value: () => [] },
    // 14 to 16: planned start. 17+: `date_start`, which earlier series use for the actual start.
    ...(series >= 17 ? { date_start: planned } : { date_planned_start: planned }),
    ...(series < 17 && { date_start: { type: 'datetime', value: () => false as const } }),
    ...(series >= 19
      ? { lot_producing_ids: { type: 'many2many', relation: 'stock.lot', value: () => [] } }
      : { lot_producing_id: { type: 'many2one', relation: 'stock.lot', value: () => false as const } }),
    [series >= 19 ? 'production_group_id' : 'procurement_group_id']: {
      type: 'integer',
      value: (order: Row) => order.groupId,
    },
  };
}

function moveFields(db: OdooDatabase, series: SimulatedSeries) {
  type Row = MoveRecord;
  const quantity = { type: 'float', value: (move: Row) => move.quantity };
  return {
    state: { type: 'selection', value: (move: Row) => move.state },
    product_id: { type: 'many2one', relation: 'product.product', value: (move: Row) => move.productId },
    product_uom: { type: 'many2one', relation: 'uom.uom', value: (move: Row) => move.unitId },
    product_uom_qty: { type: 'float', value: (move: Row) => move.plannedQty },
    unit_factor: { type: 'float', value: (move: Row) => move.unitFactor },
    additional: { type: 'boolean', value: (move: Row) => !move.bomLine },
    has_tracking: {
      type: 'selection',
      value: (move: Row) => db.products.get(move.productId)?.tracking ?? 'none',
    },
    raw_material_production_id: {
      type: 'many2one',
      relation: 'mrp.production',
      value: (move: Row) => move.rawOrderId,
    },
    production_id: { type: 'many2one', relation: 'mrp.production', value: (move: Row) => move.finishedOrderId },
    ...(series >= 17
      ? { quantity, picked: { type: 'boolean', value: (move: Row) => move.picked } }
      : {
          quantity_done: quantity,
          reserved_availability: { type: 'float', value: (move: Row) => move.plannedQty },
        }),
    ...(series >= 16 && { manual_consumption: { type: 'boolean', value: (move: Row) => move.manualConsumption } }),
    ...(series < 19 && { name: { type: 'char', value: (move: Row) => `Move ${move.id}` } }),
  };
}
