// Closes simulated orders: traps, wizards, backorders and the stock that moves, as measured on Odoo 15 to 19.
import { done, type Manufacturing, type MethodResult } from './manufacturing.ts';
import { userError } from './python-fault.ts';
import type { MoveRecord, OdooDatabase, ProductionRecord, SimulatedSeries } from './records.ts';
import {
  backorderQuestion,
  type ComponentIssue,
  consumptionWarning,
  immediateProduction,
  type WizardAction,
} from './wizard-actions.ts';

export class Closing {
  readonly #db: OdooDatabase;
  readonly #series: SimulatedSeries;
  readonly #life: Manufacturing;

  constructor(db: OdooDatabase, series: SimulatedSeries, life: Manufacturing) {
    this.#db = db;
    this.#series = series;
    this.#life = life;
  }

  markDone(ids: readonly number[], context: Readonly<Record<string, unknown>>): MethodResult {
    const toBackorder = idsIn(context.mo_ids_to_backorder);
    const all = ids.map((id) => this.#life.order(id));
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
    if (this.#life.picks) {
      for (const order of untouched) {
        // The trap: a forgotten qty_producing closes the order with the plan instead of what was recorded.
        this.#db.update(order, { qtyProducing: order.productQty });
        this.#life.applyPlan(order);
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
    const recorded = untouched.some((order) => this.#life.openRawMoves(order).some((move) => move.quantity !== 0));
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
    for (const move of orders.flatMap((order) => this.#life.openRawMoves(order))) {
      if (move.manualConsumption && !move.picked) this.#db.update(move, { picked: true });
    }
  }

  #consumptionQuestion(orders: readonly ProductionRecord[], context: Readonly<Record<string, unknown>>) {
    if (context.skip_consumption || (!this.#life.picks && context.skip_immediate)) return undefined;
    const issues = orders.flatMap((order) => (order.consumption === 'flexible' ? [] : this.#issues(order)));
    const ids = orders.map((order) => order.id);
    return issues.length > 0 ? consumptionWarning(ids, issues, context) : undefined;
  }

  #issues(order: ProductionRecord): ComponentIssue[] {
    const moves = order.state === 'cancel' ? this.#db.rawMoves(order.id) : this.#life.openRawMoves(order);
    return moves.flatMap((move) => {
      const expected = this.#db.rounded(
        move.unitFactor * (order.state === 'cancel' ? order.productQty : order.qtyProducing),
        move.unitId,
      );
      const consumed = this.#life.consumed(move);
      return this.#db.rounded(expected - consumed, move.unitId) === 0 ? [] : [{ order, move, expected, consumed }];
    });
  }

  #backorderQuestion(orders: readonly ProductionRecord[], context: Readonly<Record<string, unknown>>) {
    if (context.skip_backorder) return undefined;
    const short = orders.filter(
      (order) =>
        order.state !== 'cancel' &&
        order.qtyProducing < order.productQty &&
        (!this.#life.picks || order.createBackorder === 'ask'),
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
    return this.#life.picks && order.createBackorder === 'always' && !context.skip_backorder;
  }

  #refuseMissingLots(order: ProductionRecord): void {
    const tracked = this.#life
      .openRawMoves(order)
      .filter((move) => this.#life.consumed(move) > 0)
      .map((move) => move.productId);
    // 19 creates the lot of a finished product by itself.
    if (this.#series < 19) tracked.push(order.productId);
    const missing = tracked.map((id) => this.#db.products.get(id)).find((product) => product?.tracking === 'lot');
    if (missing) throw userError(`You need to supply a Lot/Serial Number for product:\n${missing.name}`);
  }

  #splitBackorder(order: ProductionRecord): void {
    const family = order.name.replace(/-\d{3}$/, '');
    const sequence = Math.max(1, order.backorderSequence);
    const rest = this.#db.rounded(order.productQty - order.qtyProducing, order.unitId);
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
    for (const move of this.#life.openRawMoves(order)) {
      this.#life.addMove(backorder, move.productId, move.unitId, move.unitFactor, move.bomLine);
      this.#db.update(move, { plannedQty: this.#db.rounded(move.unitFactor * order.qtyProducing, move.unitId) });
    }
    this.#db.insertMove({
      ...this.#life.emptyMove(order.productId, order.unitId),
      finishedOrderId: backorder.id,
      plannedQty: rest,
    });
    this.#db.update(order, {
      name: `${family}-${String(sequence).padStart(3, '0')}`,
      productQty: order.qtyProducing,
      backorderSequence: sequence,
    });
    this.#life.confirm([backorder.id]);
  }

  /** Moves stock: every consumed component and the finished product, once. */
  #post(order: ProductionRecord): void {
    for (const move of this.#life.openRawMoves(order)) {
      const consumed = this.#life.consumed(move);
      if (consumed === 0) {
        this.#db.update(move, { state: 'cancel', quantity: 0 });
        continue;
      }
      this.#postMove(move, order.id, 'consumed', consumed);
      if (!this.#life.picks) this.#splitRest(order, move, consumed);
    }
    for (const move of this.#db.finishedMoves(order.id)) {
      this.#db.update(move, { quantity: this.#db.rounded(order.qtyProducing, order.unitId), picked: true });
      this.#postMove(move, order.id, 'produced', move.quantity);
    }
    this.#db.update(order, {
      state: 'done',
      qtyProduced: order.qtyProducing,
      // 15 and 16 forget the plan.
      ...(!this.#life.picks && { productQty: order.qtyProducing }),
      closedTimes: order.closedTimes + 1,
      writeDate: this.#life.timestamp(),
    });
    this.#life.tell('order-done', order);
  }

  #postMove(move: MoveRecord, orderId: number, kind: 'consumed' | 'produced', quantity: number): void {
    this.#db.update(move, { state: 'done', quantity });
    this.#db.insert(this.#db.postings, { orderId, moveId: move.id, productId: move.productId, kind, quantity });
  }

  /** 15 and 16: the plan is overwritten by the actual, and what was not consumed stays as a cancelled extra move. */
  #splitRest(order: ProductionRecord, move: MoveRecord, consumed: number): void {
    const rest = this.#db.rounded(move.plannedQty - consumed, move.unitId);
    this.#db.update(move, { plannedQty: consumed });
    if (rest <= 0) return;
    this.#db.insertMove({
      ...this.#life.emptyMove(move.productId, move.unitId),
      rawOrderId: order.id,
      plannedQty: rest,
      state: 'cancel',
    });
  }
}

function idsIn(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.filter((id) => typeof id === 'number') : [];
}
