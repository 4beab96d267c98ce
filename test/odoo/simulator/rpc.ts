// Bare calls of the simulated Odoo's object service, as any client could make them: no rules of ours in between.

import { OdooSimulator } from '../../../nodes/odoo/simulator/odoo-simulator.ts';
import { PythonFault } from '../../../nodes/odoo/simulator/python-fault.ts';
import type { SimulatedSeries } from '../../../nodes/odoo/simulator/records.ts';

export class Rpc {
  readonly odoo: OdooSimulator;

  constructor(series: SimulatedSeries) {
    this.odoo = new OdooSimulator({ series });
  }

  call(model: string, method: string, args: readonly unknown[] = [], named: Record<string, unknown> = {}) {
    return this.odoo.service.execute({ model, method, args, named, rights: 'manufacturing' });
  }

  markDone(orderId: number, context: Record<string, unknown> = {}) {
    return this.call('mrp.production', 'button_mark_done', [[orderId]], { context });
  }

  /** Raw move ids of an order. */
  moves(orderId: number): readonly number[] {
    return this.odoo.db.rawMoves(orderId).map(({ id }) => id);
  }

  /** Records the same quantity on every component. */
  record(orderId: number, quantity: number, extra: Record<string, unknown> = {}) {
    const field = this.odoo.series >= 17 ? 'quantity' : 'quantity_done';
    const picked = this.odoo.series >= 17 ? { picked: true } : {};
    const commands = this.moves(orderId).map((id) => [1, id, { [field]: quantity, ...picked }]);
    return this.call('mrp.production', 'write', [[orderId], { move_raw_ids: commands, ...extra }]);
  }

  /** Sum of all postings of an order, in hundredths of a kilogram. */
  consumed(orderId: number): number {
    return [...this.odoo.order(orderId).consumedCentiKg.values()].reduce<number>((sum, mass) => sum + mass, 0);
  }

  state(orderId: number): string {
    return this.odoo.order(orderId).state;
  }
}

/** The fault that a call raises; throws when it raises none. */
export function faultOf(call: () => unknown): PythonFault {
  try {
    call();
  } catch (error) {
    if (error instanceof PythonFault) return error;
    throw error;
  }
  throw new Error('there was no fault');
}
