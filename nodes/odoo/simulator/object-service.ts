// `execute_kw` of the simulated Odoo: who may call what, one transaction for each call, methods by name.

import { Closing } from './closing.ts';
import { modelNamed } from './domain-filter.ts';
import { buildModels, type Models } from './field-table.ts';
import { Manufacturing, type MethodResult, type OrderEvent } from './manufacturing.ts';
import { missingRecord, PythonFault } from './python-fault.ts';
import { fieldsGet, read, search } from './record-methods.ts';
import type { OdooDatabase, SimulatedSeries } from './records.ts';
import { ProductionWizards } from './wizards.ts';
import { WriteMethods } from './write-methods.ts';

/** One call, whichever protocol it came by: `args` are positional (ids first for record methods), `named` by keyword. */
export interface ObjectCall {
  readonly model: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly named: Readonly<Record<string, unknown>>;
  /** `none` is an internal user without manufacturing rights. */
  readonly rights: 'manufacturing' | 'none';
}

export class ObjectService {
  readonly manufacturing: Manufacturing;
  readonly #db: OdooDatabase;
  readonly #series: SimulatedSeries;
  readonly #models: Models;
  readonly #writes: WriteMethods;
  readonly #wizards: ProductionWizards;
  readonly #closing: Closing;
  readonly #onEvent: (event: OrderEvent) => void;

  constructor(db: OdooDatabase, series: SimulatedSeries, now: () => Date, onEvent: (event: OrderEvent) => void) {
    this.#onEvent = onEvent;
    this.#db = db;
    this.#series = series;
    this.manufacturing = new Manufacturing(db, series, now);
    this.#models = buildModels(db, series, this.manufacturing);
    this.#closing = new Closing(db, series, this.manufacturing);
    this.#writes = new WriteMethods(db, series, this.#models, this.manufacturing);
    this.#wizards = new ProductionWizards(db, series, this.manufacturing, this.#closing);
  }

  /** Runs the call in a transaction of its own; a PythonFault rolls it back. */
  execute(call: ObjectCall): MethodResult {
    return this.transaction(() => this.#run(call));
  }

  /** Events are told after the commit; those of a rollback never. */
  transaction<Result>(work: () => Result): Result {
    this.manufacturing.takeEvents();
    const result = this.#db.transaction(work);
    for (const event of this.manufacturing.takeEvents()) this.#onEvent(event);
    return result;
  }

  #run(call: ObjectCall): MethodResult {
    const { model, method, args, named } = call;
    if (method.startsWith('_')) {
      throw new PythonFault('AccessError', `Private methods (such as '${model}.${method}') cannot be called remotely.`);
    }
    if (this.#wizards.knows(model)) {
      const values = method === 'create' ? valuesOf(args[0] ?? named.vals_list) : {};
      return this.#wizards.execute(model, method, idsOf(args[0] ?? named.ids), contextOf(named), values);
    }
    modelNamed(this.#models, model);
    const right = rightsQuestion(method, args, named);
    if (right !== undefined) return { value: call.rights === 'manufacturing' && this.#grants(model, right) };
    this.#checkRights(call);
    switch (method) {
      case 'search':
        return { value: search(this.#models, model, args[0] ?? named.domain, named) };
      case 'search_count':
        return { value: search(this.#models, model, args[0] ?? named.domain).length };
      case 'search_read': {
        const ids = search(this.#models, model, args[0] ?? named.domain, named);
        return { value: read(this.#models, model, ids, args[1] ?? named.fields) };
      }
      case 'read':
        return { value: read(this.#models, model, idsOf(args[0] ?? named.ids), args[1] ?? named.fields) };
      case 'fields_get':
        return { value: fieldsGet(this.#models, model, args[0] ?? named.allfields, args[1] ?? named.attributes) };
      case 'write':
        return { value: this.#writes.write(model, idsOf(args[0] ?? named.ids), args[1] ?? named.vals) };
      default:
        return this.#recordMethod(call, idsOf(args[0] ?? named.ids));
    }
  }

  #recordMethod(call: ObjectCall, ids: readonly number[]): MethodResult {
    if (call.model === 'mrp.production') {
      for (const id of ids) if (!this.#db.productions.has(id)) throw missingRecord(call.model, id);
      switch (call.method) {
        case 'action_confirm':
          return this.manufacturing.confirm(ids);
        case 'action_assign':
          return { value: true };
        case 'action_cancel':
          return this.manufacturing.cancel(ids);
        case 'unlink':
          return this.manufacturing.unlink(ids);
        case 'button_mark_done':
          return this.#closing.markDone(ids, contextOf(call.named));
        case 'set_qty_producing':
          if (this.#series >= 17) return this.manufacturing.setQtyProducing(ids);
          break;
        default:
      }
    }
    const { model, method } = call;
    throw new PythonFault(
      'AttributeError',
      this.#series >= 19
        ? `The method '${model}.${method}' does not exist`
        : `The method '${method}' does not exist on the model '${model}'`,
    );
  }

  #checkRights(call: ObjectCall): void {
    if (call.rights === 'manufacturing') return;
    const name = call.model === 'mrp.production' ? 'Manufacturing Order' : call.model;
    throw new PythonFault(
      'AccessError',
      `You are not allowed to access '${name}' (${call.model}) records.\n\nThis operation is allowed for the following groups:\n\t- Manufacturing/User`,
    );
  }

  /** A manufacturing user may read products and BoMs, and write orders and moves. */
  #grants(model: string, operation: string): boolean {
    return operation === 'read' || model === 'mrp.production' || model === 'stock.move';
  }
}

/** The operation that `check_access_rights` (to 18) or `has_access` (18+) asks about. */
function rightsQuestion(method: string, args: readonly unknown[], named: Readonly<Record<string, unknown>>) {
  if (method === 'check_access_rights') return String(args[0] ?? named.operation);
  if (method === 'has_access') return String(args[1] ?? named.operation);
  return undefined;
}

function idsOf(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value];
  return Array.isArray(value) ? value.filter((id) => typeof id === 'number') : [];
}

/** `create` takes one dict or a list of them; a wizard is made of the first. */
function valuesOf(given: unknown): Readonly<Record<string, unknown>> {
  const first: unknown = Array.isArray(given) ? given[0] : given;
  return typeof first === 'object' && first !== null ? (first as Readonly<Record<string, unknown>>) : {};
}

function contextOf(named: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { context } = named;
  return typeof context === 'object' && context !== null ? (context as Readonly<Record<string, unknown>>) : {};
}
