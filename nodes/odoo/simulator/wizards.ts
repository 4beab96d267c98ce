// The wizards of an order, those of closing it among them: created with the action's context, or empty and without effect.
import type { Closing } from './closing.ts';
import type { Manufacturing, MethodResult } from './manufacturing.ts';
import { missingRecord, PythonFault, userError } from './python-fault.ts';
import type { OdooDatabase, SimulatedSeries, WizardRecord } from './records.ts';

type Context = Readonly<Record<string, unknown>>;

const models: ReadonlyMap<string, readonly string[]> = new Map([
  ['mrp.immediate.production', ['process']],
  ['mrp.consumption.warning', ['action_confirm', 'action_set_qty']],
  ['mrp.production.backorder', ['action_backorder', 'action_close_mo']],
  ['change.production.qty', ['change_prod_qty']],
]);

export class ProductionWizards {
  readonly #db: OdooDatabase;
  readonly #series: SimulatedSeries;
  readonly #manufacturing: Manufacturing;
  readonly #closing: Closing;

  constructor(db: OdooDatabase, series: SimulatedSeries, manufacturing: Manufacturing, closing: Closing) {
    this.#db = db;
    this.#series = series;
    this.#manufacturing = manufacturing;
    this.#closing = closing;
  }

  knows(model: string): boolean {
    return models.has(model) && !(model === 'mrp.immediate.production' && this.#series >= 17);
  }

  execute(model: string, method: string, ids: readonly number[], context: Context, values: Context): MethodResult {
    if (method === 'create') {
      const wizard = this.#db.insert<WizardRecord>(this.#db.wizards, { model, context, values, used: false });
      return { value: wizard.id };
    }
    if (!models.get(model)?.includes(method) || (method === 'action_set_qty' && this.#series === 15)) {
      throw new PythonFault('AttributeError', `The method '${method}' does not exist on the model '${model}'`);
    }
    const [id = 0] = ids;
    const wizard = this.#db.wizards.get(id);
    if (!wizard || wizard.model !== model) throw missingRecord(model, id);
    if (model === 'change.production.qty') return this.#changeQuantity(wizard);
    const orderIds = ordersOf(wizard, context);
    // A wizard made without the action's context has no orders: it says true and does nothing.
    if (orderIds.length === 0) return { value: true };
    if (method === 'action_backorder' && wizard.used) {
      throw userError('The operation cannot be completed: The quantity to produce must be positive!');
    }
    this.#db.update(wizard, { used: true });
    return this.#closing.markDone(orderIds, { ...context, ...this.#answer(method, orderIds, wizard) });
  }

  #changeQuantity({ values = {} }: WizardRecord): MethodResult {
    return this.#manufacturing.changeQuantity(Number(values.mo_id), Number(values.product_qty));
  }

  #answer(method: string, orderIds: readonly number[], wizard: WizardRecord): Context {
    if (method === 'action_confirm') return { skip_consumption: true };
    if (method === 'action_close_mo') return { skip_backorder: true };
    if (method === 'action_backorder') return { skip_backorder: true, mo_ids_to_backorder: [...orderIds] };
    // process, action_set_qty: replace by the plan
    this.#manufacturing.takePlan(orderIds, wizard.model === 'mrp.immediate.production');
    return { skip_consumption: true };
  }
}

function ordersOf(wizard: WizardRecord, context: Context): readonly number[] {
  const named = wizard.model === 'mrp.immediate.production' ? 'default_mo_ids' : 'default_mrp_production_ids';
  const ids = wizard.context[named];
  const wanted = Array.isArray(ids) && context[named] !== undefined ? ids : [];
  return wanted.filter((id) => typeof id === 'number');
}
