// `write` on orders and moves: atomic with its x2many commands, rounded, refused and not refused as measured.
import type { Models } from './field-table.ts';
import type { Manufacturing } from './manufacturing.ts';
import { missingRecord, PythonFault, userError } from './python-fault.ts';
import type { MoveRecord, OdooDatabase, ProductionRecord, SimulatedSeries } from './records.ts';

type Values = Readonly<Record<string, unknown>>;

export class WriteMethods {
  readonly #db: OdooDatabase;
  readonly #series: SimulatedSeries;
  readonly #models: Models;
  readonly #manufacturing: Manufacturing;

  constructor(db: OdooDatabase, series: SimulatedSeries, models: Models, manufacturing: Manufacturing) {
    this.#db = db;
    this.#series = series;
    this.#models = models;
    this.#manufacturing = manufacturing;
  }

  write(model: string, ids: readonly number[], values: unknown): true {
    if (!isValues(values)) throw new PythonFault('TypeError', 'write() takes a dict of values');
    for (const id of ids) {
      if (model === 'mrp.production') this.#writeOrder(this.#manufacturing.order(id), values);
      else if (model === 'stock.move') this.#writeMove(this.#move(id), values);
      else throw new PythonFault('AccessError', `You are not allowed to modify '${model}' records.`);
    }
    return true;
  }

  #move(id: number): MoveRecord {
    const move = this.#db.moves.get(id);
    if (!move) throw missingRecord('stock.move', id);
    return move;
  }

  #writeOrder(order: ProductionRecord, values: Values): void {
    for (const [field, value] of Object.entries(values)) {
      this.#checkField('mrp.production', field);
      if (field === 'qty_producing') this.#writeQtyProducing(order, quantityOf(value));
      else if (field === 'product_qty')
        this.#db.update(order, { productQty: this.#db.rounded(quantityOf(value), order.unitId) });
      else if (field === 'move_raw_ids') this.#runCommands(order, value);
    }
    this.#manufacturing.refreshState(order);
  }

  /** On a done order this succeeds and moves stock: `is_locked` protects only the form. */
  #writeQtyProducing(order: ProductionRecord, quantity: number): void {
    const rounded = this.#db.rounded(quantity, order.unitId);
    if (order.state === 'done') {
      for (const move of this.#db.finishedMoves(order.id)) this.#changeDoneMove(move, rounded, order.id);
      this.#db.update(order, { qtyProduced: rounded });
    }
    this.#db.update(order, { qtyProducing: rounded });
  }

  #runCommands(order: ProductionRecord, commands: unknown): void {
    if (!Array.isArray(commands)) throw new PythonFault('ValueError', 'Wrong value for mrp.production.move_raw_ids');
    for (const command of commands) {
      const [code, id, values]: readonly unknown[] = Array.isArray(command) ? command : [];
      // A move of another order is changed all the same: Odoo does not check whose it is.
      if (code === 1 && typeof id === 'number' && isValues(values)) this.#writeMove(this.#move(id), values);
      else if (code === 0 && isValues(values)) this.#addComponent(order, values);
      else if (code === 2 && typeof id === 'number') this.#deleteMove(this.#move(id));
      else throw new PythonFault('ValueError', `Wrong command ${JSON.stringify(command)}`);
    }
  }

  #writeMove(move: MoveRecord, values: Values): void {
    for (const field of Object.keys(values)) this.#checkField('stock.move', field);
    const written = this.#series >= 17 ? values.quantity : values.quantity_done;
    if (written !== undefined) this.#writeQuantity(move, this.#db.rounded(quantityOf(written), move.unitId));
    if (typeof values.picked === 'boolean') this.#db.update(move, { picked: values.picked });
    if (typeof values.manual_consumption === 'boolean') {
      this.#db.update(move, { manualConsumption: values.manual_consumption });
    }
    if (move.rawOrderId) this.#manufacturing.refreshState(this.#manufacturing.order(move.rawOrderId));
  }

  #writeQuantity(move: MoveRecord, quantity: number): void {
    if (quantity < 0 && this.#series === 15) throw userError('You can not enter negative quantities.');
    if (quantity < 0 && this.#series === 19) throw userError('Please enter a positive quantity.');
    if (move.state === 'cancel') {
      throw userError('You cannot change a cancelled stock move, create a new line instead.');
    }
    if (move.state === 'done') this.#changeDoneMove(move, quantity, move.rawOrderId || move.finishedOrderId || 0);
    else this.#db.update(move, { quantity });
  }

  #changeDoneMove(move: MoveRecord, quantity: number, orderId: number): void {
    const difference = this.#db.rounded(quantity - move.quantity, move.unitId);
    if (difference === 0) return;
    this.#db.update(move, { quantity });
    this.#db.insert(this.#db.postings, {
      orderId,
      moveId: move.id,
      productId: move.productId,
      kind: 'changed-after-done',
      quantity: difference,
    });
  }

  #addComponent(order: ProductionRecord, values: Values): void {
    const productId = values.product_id;
    const product = typeof productId === 'number' ? this.#db.products.get(productId) : undefined;
    if (!product) throw new PythonFault('ValueError', 'A component needs a product_id');
    if (this.#series === 15 && (values.location_id === undefined || values.location_dest_id === undefined)) {
      throw userError('The operation cannot be completed: missing mandatory field "Source Location"');
    }
    const unitId = typeof values.product_uom === 'number' ? values.product_uom : product.unitId;
    const move = this.#db.insertMove({
      rawOrderId: order.id,
      finishedOrderId: false,
      productId: product.id,
      unitId,
      plannedQty: this.#db.rounded(quantityOf(values.product_uom_qty ?? 0), unitId),
      quantity: 0,
      picked: false,
      manualConsumption: false,
      state: 'assigned',
      unitFactor: 0,
      bomLine: false,
    });
    const { quantity, quantity_done, picked } = values;
    this.#writeMove(move, {
      ...(quantity !== undefined && { quantity }),
      ...(quantity_done !== undefined && { quantity_done }),
      ...(picked !== undefined && { picked }),
    });
  }

  #deleteMove(move: MoveRecord): void {
    if (this.#series < 17) throw userError('You can only delete draft (or cancelled) moves.');
    this.#db.remove(this.#db.moves, move);
  }

  #checkField(model: string, field: string): void {
    if (this.#models.get(model)?.fields.has(field)) return;
    throw new PythonFault('ValueError', `Invalid field '${field}' on model '${model}'`);
  }
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Odoo takes `'12.5'` as well as 12.5. */
function quantityOf(value: unknown): number {
  const quantity = typeof value === 'string' ? Number.parseFloat(value) : value;
  if (typeof quantity !== 'number' || !Number.isFinite(quantity)) {
    throw new PythonFault('ValueError', `could not convert string to float: '${String(value)}'`);
  }
  return quantity;
}
