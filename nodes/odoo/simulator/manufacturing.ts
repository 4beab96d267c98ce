// The life of a simulated manufacturing order: confirm, record, close, backorder, cancel, as measured on Odoo 15 to 19.
import { missingRecord, userError } from './python-fault.ts';
import {
  type BomRecord,
  type MoveRecord,
  type OdooDatabase,
  type ProductionRecord,
  roundQuantity,
  type SimulatedSeries,
} from './records.ts';
import {
  backorderQuestion,
  type ComponentIssue,
  consumptionWarning,
  immediateProduction,
  type WizardAction,
} from './wizard-actions.ts';

/** What a method returns; `hasNone` marks a result that XML-RPC can't carry. */
export interface MethodResult {
  readonly value: unknown;
  readonly hasNone?: boolean;
}

const done: MethodResult = { value: true };

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

export class Manufacturing {
  readonly #db: OdooDatabase;
  readonly #series: SimulatedSeries;
  readonly #now: () => Date;
  #lastNumber = 0;

  constructor(db: OdooDatabase, series: SimulatedSeries, now: () => Date) {
    this.#db = db;
    this.#series = series;
    this.#now = now;
  }

  /** From 17 on a quantity counts as consumed only when `picked`. */
  get #picks(): boolean {
    return this.#series >= 17;
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
      writeDate: this.#timestamp(),
      origin: order.origin,
      consumption: order.bom.consumption,
      createBackorder: order.createBackorder,
      pickingTypeId: order.pickingTypeId,
      backorderSequence: 0,
      groupId: this.#lastNumber,
      closedTimes: 0,
    });
    for (const line of order.explode ? order.bom.lines : []) {
      this.#addMove(production, line.productId, line.unitId, line.quantity / order.bom.quantity, true);
    }
    this.#db.insertMove({
      ...this.#emptyMove(production.productId, production.unitId),
      finishedOrderId: production.id,
      plannedQty: order.quantity,
    });
    return production;
  }

  #addMove(order: ProductionRecord, productId: number, unitId: number, unitFactor: number, bomLine: boolean) {
    return this.#db.insertMove({
      ...this.#emptyMove(productId, unitId),
      rawOrderId: order.id,
      plannedQty: roundQuantity(unitFactor * order.productQty),
      unitFactor,
      bomLine,
    });
  }

  #emptyMove(productId: number, unitId: number): Omit<MoveRecord, 'id'> {
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
        this.#db.update(move, { state: 'assigned', ...(this.#picks && { quantity: move.plannedQty }) });
      }
      for (const move of this.#db.finishedMoves(order.id)) this.#db.update(move, { state: 'confirmed' });
      this.#db.update(order, { state: 'confirmed', writeDate: this.#timestamp() });
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
      this.#db.update(order, { state: 'cancel', writeDate: this.#timestamp() });
    }
    return done;
  }

  /** 17+, public; returns None. */
  setQtyProducing(ids: readonly number[]): MethodResult {
    for (const order of ids.map((id) => this.order(id))) this.#applyPlan(order);
    return { value: null, hasNone: true };
  }

  /** What the immediate-production wizard and "set quantities" do: consumption becomes what the BoM says. */
  takePlan(ids: readonly number[], wholeOrder: boolean): void {
    for (const order of ids.map((id) => this.order(id))) {
      if (wholeOrder) this.#db.update(order, { qtyProducing: order.productQty });
      this.#applyPlan(order);
    }
  }

  /** Sets every component that no person fixed to what the BoM says for `qtyProducing`. */
  #applyPlan(order: ProductionRecord): void {
    for (const move of this.#openRawMoves(order)) {
      if (move.manualConsumption) continue;
      this.#db.update(move, { quantity: roundQuantity(move.unitFactor * order.qtyProducing), picked: true });
    }
    this.refreshState(order);
  }

  /** States between confirmed and done follow from what is recorded. */
  refreshState(order: ProductionRecord): void {
    if (order.state === 'draft' || order.state === 'done' || order.state === 'cancel') return;
    const recorded = this.#openRawMoves(order).some((move) => this.#consumed(move) !== 0);
    const state =
      order.qtyProducing >= order.productQty
        ? 'to_close'
        : recorded || order.qtyProducing > 0
          ? 'progress'
          : 'confirmed';
    this.#db.update(order, { state, writeDate: this.#timestamp() });
  }

  #openRawMoves(order: ProductionRecord): MoveRecord[] {
    return this.#db.rawMoves(order.id).filter((move) => move.state !== 'done' && move.state !== 'cancel');
  }

  #consumed(move: MoveRecord): number {
    return this.#picks && !move.picked ? 0 : move.quantity;
  }

  markDone(ids: readonly number[], context: Readonly<Record<string, unknown>>): MethodResult {
    const toBackorder = idsIn(context.mo_ids_to_backorder);
    const all = ids.map((id) => this.order(id));
    if (all.some((order) => order.state === 'done' && toBackorder.includes(order.id))) {
      throw userError('The operation cannot be completed: The quantity to produce must be positive!');
    }
    const orders = all.filter((order) => order.state !== 'done');
    const question = this.#questionBefore(orders, context);
    if (question) return { value: question };
    const closing = orders.filter((order) => order.state !== 'cancel');
    for (const order of closing) this.#refuseMissingLots(order);
    const short = closing.filter((order) => order.qtyProducing < order.productQty);
    const backorders = short.filter(
      (order) => toBackorder.includes(order.id) || this.#alwaysBackorders(order, context),
    );
    for (const order of backorders) this.#splitBackorder(order);
    for (const order of closing) this.#post(order);
    if (backorders.length === 0) return done;
    // The nested None is what XML-RPC can't marshal after the commit.
    const action = {
      type: 'ir.actions.act_window',
      res_model: 'mrp.production',
      view_mode: 'form',
      context: { mo_ids_to_backorder: null },
    };
    return { value: action, hasNone: true };
  }

  #questionBefore(orders: readonly ProductionRecord[], context: Readonly<Record<string, unknown>>) {
    const untouched = orders.filter((order) => order.qtyProducing === 0 && order.state !== 'cancel');
    if (this.#picks) {
      for (const order of untouched) {
        // The trap: a forgotten qty_producing closes the order with the plan instead of what was recorded.
        this.#db.update(order, { qtyProducing: order.productQty });
        this.#applyPlan(order);
      }
    } else {
      const question = this.#immediate(untouched, context);
      if (question) return question;
      if (orders.some((order) => order.state === 'cancel')) throw this.#nothingToProduce();
    }
    if (this.#series >= 19) this.#pickManual(orders);
    return this.#consumptionQuestion(orders, context) ?? this.#backorderQuestion(orders, context);
  }

  #immediate(
    untouched: readonly ProductionRecord[],
    context: Readonly<Record<string, unknown>>,
  ): WizardAction | undefined {
    if (untouched.length === 0) return undefined;
    const recorded = untouched.some((order) => this.#openRawMoves(order).some((move) => move.quantity !== 0));
    if (recorded || context.skip_immediate) throw this.#nothingToProduce();
    return immediateProduction(
      untouched.map((order) => order.id),
      context,
    );
  }

  #nothingToProduce() {
    return userError('The quantity to produce must be positive!');
  }

  /** 19 takes a manual quantity as picked even when the flag was forgotten; 17 does not. */
  #pickManual(orders: readonly ProductionRecord[]): void {
    for (const move of orders.flatMap((order) => this.#openRawMoves(order))) {
      if (move.manualConsumption && !move.picked) this.#db.update(move, { picked: true });
    }
  }

  #consumptionQuestion(orders: readonly ProductionRecord[], context: Readonly<Record<string, unknown>>) {
    if (context.skip_consumption || (!this.#picks && context.skip_immediate)) return undefined;
    const issues = orders.flatMap((order) => (order.consumption === 'flexible' ? [] : this.#issues(order)));
    const ids = orders.map((order) => order.id);
    return issues.length > 0 ? consumptionWarning(ids, issues, context) : undefined;
  }

  #issues(order: ProductionRecord): ComponentIssue[] {
    const moves = order.state === 'cancel' ? this.#db.rawMoves(order.id) : this.#openRawMoves(order);
    return moves.flatMap((move) => {
      const expected = roundQuantity(
        move.unitFactor * (order.state === 'cancel' ? order.productQty : order.qtyProducing),
      );
      const consumed = this.#consumed(move);
      return roundQuantity(expected - consumed) === 0 ? [] : [{ order, move, expected, consumed }];
    });
  }

  #backorderQuestion(orders: readonly ProductionRecord[], context: Readonly<Record<string, unknown>>) {
    if (context.skip_backorder) return undefined;
    const short = orders.filter(
      (order) =>
        order.state !== 'cancel' &&
        order.qtyProducing < order.productQty &&
        (!this.#picks || order.createBackorder === 'ask'),
    );
    const ids = orders.map((order) => order.id);
    return short.length > 0
      ? backorderQuestion(
          ids,
          short.map((order) => order.id),
          context,
        )
      : undefined;
  }

  #alwaysBackorders(order: ProductionRecord, context: Readonly<Record<string, unknown>>): boolean {
    return this.#picks && order.createBackorder === 'always' && !context.skip_backorder;
  }

  #refuseMissingLots(order: ProductionRecord): void {
    const tracked = this.#openRawMoves(order)
      .filter((move) => this.#consumed(move) > 0)
      .map((move) => move.productId);
    // 19 creates the lot of a finished product by itself.
    if (this.#series < 19) tracked.push(order.productId);
    const missing = tracked.map((id) => this.#db.products.get(id)).find((product) => product?.tracking === 'lot');
    if (missing) throw userError(`You need to supply a Lot/Serial Number for product:\n${missing.name}`);
  }

  #splitBackorder(order: ProductionRecord): void {
    const family = order.name.replace(/-\d{3}$/, '');
    const sequence = Math.max(1, order.backorderSequence);
    const rest = roundQuantity(order.productQty - order.qtyProducing);
    const { id: _id, ...copy } = order;
    const backorder = this.#db.insert(this.#db.productions, {
      ...copy,
      name: `${family}-${String(sequence + 1).padStart(3, '0')}`,
      state: 'draft',
      productQty: rest,
      qtyProducing: 0,
      qtyProduced: 0,
      backorderSequence: sequence + 1,
      closedTimes: 0,
    });
    for (const move of this.#openRawMoves(order)) {
      this.#addMove(backorder, move.productId, move.unitId, move.unitFactor, move.bomLine);
      this.#db.update(move, { plannedQty: roundQuantity(move.unitFactor * order.qtyProducing) });
    }
    this.#db.insertMove({
      ...this.#emptyMove(order.productId, order.unitId),
      finishedOrderId: backorder.id,
      plannedQty: rest,
    });
    this.#db.update(order, {
      name: `${family}-${String(sequence).padStart(3, '0')}`,
      productQty: order.qtyProducing,
      backorderSequence: sequence,
    });
    this.confirm([backorder.id]);
  }

  /** Moves stock: every consumed component and the finished product, once. */
  #post(order: ProductionRecord): void {
    for (const move of this.#openRawMoves(order)) {
      const consumed = this.#consumed(move);
      if (consumed === 0) {
        this.#db.update(move, { state: 'cancel', quantity: 0 });
        continue;
      }
      this.#postMove(move, order.id, 'consumed', consumed);
      if (!this.#picks) this.#splitRest(order, move, consumed);
    }
    for (const move of this.#db.finishedMoves(order.id)) {
      this.#db.update(move, { quantity: roundQuantity(order.qtyProducing), picked: true });
      this.#postMove(move, order.id, 'produced', move.quantity);
    }
    this.#db.update(order, {
      state: 'done',
      qtyProduced: order.qtyProducing,
      // 15 and 16 forget the plan.
      ...(!this.#picks && { productQty: order.qtyProducing }),
      closedTimes: order.closedTimes + 1,
      writeDate: this.#timestamp(),
    });
  }

  #postMove(move: MoveRecord, orderId: number, kind: 'consumed' | 'produced', quantity: number): void {
    this.#db.update(move, { state: 'done', quantity });
    this.#db.insert(this.#db.postings, { orderId, moveId: move.id, productId: move.productId, kind, quantity });
  }

  /** 15 and 16: the plan is overwritten by the actual, and what was not consumed stays as a cancelled extra move. */
  #splitRest(order: ProductionRecord, move: MoveRecord, consumed: number): void {
    const rest = roundQuantity(move.plannedQty - consumed);
    this.#db.update(move, { plannedQty: consumed });
    if (rest <= 0) return;
    this.#db.insertMove({
      ...this.#emptyMove(move.productId, move.unitId),
      rawOrderId: order.id,
      plannedQty: rest,
      state: 'cancel',
    });
  }

  #timestamp(): string {
    return this.#now().toISOString().slice(0, 19).replace('T', ' ');
  }
}

function idsIn(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.filter((id) => typeof id === 'number') : [];
}
