// The life of a simulated manufacturing order up to its closing: create, confirm, record, cancel, as measured on 15 to 19.
import { missingRecord, userError } from './python-fault.ts';
import type { BomRecord, MoveRecord, OdooDatabase, ProductionRecord, SimulatedSeries } from './records.ts';
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
  readonly companyId: number;
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
  /** Each company counts for itself, so two whose warehouses share a code have orders of one name. Mapped by company id. */
  readonly #lastNumbers = new Map<number, number>();
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
    for (const { name, companyId } of this.#db.productions.values()) {
      const number = Number(/(\d{5,})/.exec(name)?.[1] ?? 0);
      this.#lastNumbers.set(companyId, Math.max(this.#lastNumbers.get(companyId) ?? 0, number));
    }
  }

  #nextNumber(companyId: number): number {
    const number = (this.#lastNumbers.get(companyId) ?? 0) + 1;
    this.#lastNumbers.set(companyId, number);
    return number;
  }

  create(order: NewOrder): ProductionRecord {
    const number = this.#nextNumber(order.companyId);
    const production = this.#db.insert(this.#db.productions, {
      name: `WH/MO/${String(number).padStart(5, '0')}`,
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
      companyId: order.companyId,
      backorderSequence: 0,
      groupId: number,
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
      plannedQty: this.#db.rounded(unitFactor * order.productQty, unitId),
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

  /** The wizard *Update quantity to produce*: the components follow in proportion (measured on 17 and 19). */
  changeQuantity(id: number, quantity: number): MethodResult {
    const order = this.order(id);
    if (order.state === 'done' || order.state === 'cancel') {
      throw userError('You can only change the quantity of an open manufacturing order.');
    }
    if (!(quantity > 0)) throw userError('The quantity to produce must be positive!');
    const before = order.productQty;
    this.#db.update(order, { productQty: this.#db.rounded(quantity, order.unitId), writeDate: this.timestamp() });
    for (const move of this.openRawMoves(order)) {
      const plannedQty = this.#db.rounded((move.plannedQty * order.productQty) / before, move.unitId);
      const isReserved = this.picks && move.state === 'assigned' && !move.picked;
      this.#db.update(move, { plannedQty, ...(isReserved && { quantity: plannedQty }) });
    }
    for (const move of this.#db.finishedMoves(id)) this.#db.update(move, { plannedQty: order.productQty });
    this.refreshState(order);
    return { value: true };
  }

  unlink(ids: readonly number[]): MethodResult {
    const orders = ids.map((id) => this.order(id));
    if (orders.some(({ state }) => state === 'done')) {
      throw userError('Cannot delete a manufacturing order in done state.');
    }
    for (const order of orders) {
      for (const move of [...this.#db.rawMoves(order.id), ...this.#db.finishedMoves(order.id)]) {
        this.#db.remove(this.#db.moves, move);
      }
      this.#db.remove(this.#db.productions, order);
    }
    return done;
  }

  /** What the states of the components make of the order's: `waiting` while one waits for a pick or for stock. */
  reservationState(order: ProductionRecord): 'assigned' | 'confirmed' | 'waiting' | false {
    if (order.state === 'draft' || order.state === 'done' || order.state === 'cancel') return false;
    const states = this.openRawMoves(order).map(({ state }) => state);
    if (states.includes('waiting')) return 'waiting';
    return states.every((state) => state === 'assigned') ? 'assigned' : 'confirmed';
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
      this.#db.update(move, {
        quantity: this.#db.rounded(move.unitFactor * order.qtyProducing, move.unitId),
        picked: true,
      });
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
