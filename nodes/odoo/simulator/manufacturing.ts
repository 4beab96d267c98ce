// The life of a simulated manufacturing order up to its closing: create, confirm, record, cancel, as measured on 15 to 19.
import { missingRecord, userError } from './python-fault.ts';
import {
  type BomRecord,
  type MoveRecord,
  type OdooDatabase,
  type ProductionRecord,
  roundQuantity,
  type SimulatedSeries,
} from './records.ts';
/** What a method returns; `hasNone` marks a result that XML-RPC can't carry. */
export interface MethodResult {
  readonly value: unknown;
  readonly hasNone?: boolean;
}

export const done: MethodResult = { value: true };

export interface NewOrder {
  readonly bom: BomRecord;
  readonly quantity: number;
  readonly unitId: number;
  readonly origin: string | false;
  readonly dateStart: string;
  readonly pickingTypeId: number;
  readonly createBackorder: 'ask' | 'always' | 'never';
  /** False as 15 behaves without its onchange: the order has no components. */
  readonly explode: boolean;
}

/** What happened to an order, told after the commit. */
export interface OrderEvent {
  readonly event: 'order-confirmed' | 'order-done' | 'order-cancelled';
  readonly orderId: number;
  readonly orderName: string;
}

export class Manufacturing {
  readonly #db: OdooDatabase;
  readonly #series: SimulatedSeries;
  readonly #now: () => Date;
  #lastNumber = 0;
  /** Of the running transaction; a rollback drops them. */
  #events: OrderEvent[] = [];

  constructor(db: OdooDatabase, series: SimulatedSeries, now: () => Date) {
    this.#db = db;
    this.#series = series;
    this.#now = now;
  }

  /** From 17 on a quantity counts as consumed only when `picked`. */
  get picks(): boolean {
    return this.#series >= 17;
  }

  tell(event: OrderEvent['event'], order: ProductionRecord): void {
    this.#events.push({ event, orderId: order.id, orderName: order.name });
  }

  takeEvents(): readonly OrderEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Numbers of orders go on after the highest that is there. */
  continueNumbers(): void {
    for (const { name } of this.#db.productions.values()) {
      this.#lastNumber = Math.max(this.#lastNumber, Number(/(\d{5,})/.exec(name)?.[1] ?? 0));
    }
  }

  create(order: NewOrder): ProductionRecord {
    this.#lastNumber += 1;
    const production = this.#db.insert(this.#db.productions, {
      name: `WH/MO/${String(this.#lastNumber).padStart(5, '0')}`,
      state: 'draft',
      productId: order.bom.productId,
      bomId: order.bom.id,
      unitId: order.unitId,
      productQty: order.quantity,
      qtyProducing: 0,
      qtyProduced: 0,
      dateStart: order.dateStart,
      writeDate: this.timestamp(),
      origin: order.origin,
      consumption: order.bom.consumption,
      createBackorder: order.createBackorder,
      pickingTypeId: order.pickingTypeId,
      backorderSequence: 0,
      groupId: this.#lastNumber,
      closedTimes: 0,
    });
    for (const line of order.explode ? order.bom.lines : []) {
      this.addMove(production, line.productId, line.unitId, line.quantity / order.bom.quantity, true);
    }
    this.#db.insertMove({
      ...this.emptyMove(production.productId, production.unitId),
      finishedOrderId: production.id,
      plannedQty: order.quantity,
    });
    return production;
  }

  addMove(order: ProductionRecord, productId: number, unitId: number, unitFactor: number, bomLine: boolean) {
    return this.#db.insertMove({
      ...this.emptyMove(productId, unitId),
      rawOrderId: order.id,
      plannedQty: roundQuantity(unitFactor * order.productQty),
      unitFactor,
      bomLine,
    });
  }

  emptyMove(productId: number, unitId: number): Omit<MoveRecord, 'id'> {
    return {
      rawOrderId: false,
      finishedOrderId: false,
      productId,
      unitId,
      plannedQty: 0,
      quantity: 0,
      picked: false,
      manualConsumption: false,
      state: 'draft',
      unitFactor: 0,
      bomLine: false,
    };
  }

  order(id: number): ProductionRecord {
    const found = this.#db.productions.get(id);
    if (!found) throw missingRecord('mrp.production', id);
    return found;
  }

  confirm(ids: readonly number[]): MethodResult {
    for (const order of ids.map((id) => this.order(id))) {
      if (order.state !== 'draft') continue;
      for (const move of this.#db.rawMoves(order.id)) {
        // Confirming reserves: from 17 on the reservation is in the same field as the consumption.
        this.#db.update(move, { state: 'assigned', ...(this.picks && { quantity: move.plannedQty }) });
      }
      for (const move of this.#db.finishedMoves(order.id)) this.#db.update(move, { state: 'confirmed' });
      this.#db.update(order, { state: 'confirmed', writeDate: this.timestamp() });
      this.tell('order-confirmed', order);
    }
    return done;
  }

  cancel(ids: readonly number[]): MethodResult {
    for (const order of ids.map((id) => this.order(id))) {
      if (order.state === 'done') {
        if (this.#series >= 19) throw userError('You cannot cancel a manufacturing order that is already done.');
        continue;
      }
      for (const move of [...this.#db.rawMoves(order.id), ...this.#db.finishedMoves(order.id)]) {
        if (move.state !== 'done') this.#db.update(move, { state: 'cancel', quantity: 0 });
      }
      this.#db.update(order, { state: 'cancel', writeDate: this.timestamp() });
      this.tell('order-cancelled', order);
    }
    return done;
  }

  /** 17+, public; returns None. */
  setQtyProducing(ids: readonly number[]): MethodResult {
    for (const order of ids.map((id) => this.order(id))) this.applyPlan(order);
    return { value: null, hasNone: true };
  }

  /** What the immediate-production wizard and "set quantities" do: consumption becomes what the BoM says. */
  takePlan(ids: readonly number[], wholeOrder: boolean): void {
    for (const order of ids.map((id) => this.order(id))) {
      if (wholeOrder) this.#db.update(order, { qtyProducing: order.productQty });
      this.applyPlan(order);
    }
  }

  /** Sets every component that no person fixed to what the BoM says for `qtyProducing`. */
  applyPlan(order: ProductionRecord): void {
    for (const move of this.openRawMoves(order)) {
      if (move.manualConsumption) continue;
      this.#db.update(move, { quantity: roundQuantity(move.unitFactor * order.qtyProducing), picked: true });
    }
    this.refreshState(order);
  }

  /** States between confirmed and done follow from what is recorded. */
  refreshState(order: ProductionRecord): void {
    if (order.state === 'draft' || order.state === 'done' || order.state === 'cancel') return;
    const recorded = this.openRawMoves(order).some((move) => this.consumed(move) !== 0);
    const state =
      order.qtyProducing >= order.productQty
        ? 'to_close'
        : recorded || order.qtyProducing > 0
          ? 'progress'
          : 'confirmed';
    this.#db.update(order, { state, writeDate: this.timestamp() });
  }

  openRawMoves(order: ProductionRecord): MoveRecord[] {
    return this.#db.rawMoves(order.id).filter((move) => move.state !== 'done' && move.state !== 'cancel');
  }

  consumed(move: MoveRecord): number {
    return this.picks && !move.picked ? 0 : move.quantity;
  }

  timestamp(): string {
    return this.#now().toISOString().slice(0, 19).replace('T', ' ');
  }
}
