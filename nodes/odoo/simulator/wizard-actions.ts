// The wizards that closing an order may ask for, as the action dicts a client gets.
import type { MoveRecord, ProductionRecord } from './records.ts';

export interface WizardAction {
  readonly type: 'ir.actions.act_window';
  readonly name: string;
  readonly res_model: string;
  readonly view_mode: 'form';
  readonly target: 'new';
  readonly context: Readonly<Record<string, unknown>>;
}

function wizard(name: string, model: string, context: Readonly<Record<string, unknown>>): WizardAction {
  return { type: 'ir.actions.act_window', name, res_model: model, view_mode: 'form', target: 'new', context };
}

export interface ComponentIssue {
  readonly order: ProductionRecord;
  readonly move: MoveRecord;
  readonly expected: number;
  readonly consumed: number;
}

/** 14 to 16, when nothing was recorded. */
export function immediateProduction(ids: readonly number[], context: object): WizardAction {
  return wizard('Immediate Production?', 'mrp.immediate.production', { ...context, default_mo_ids: [...ids] });
}

export function consumptionWarning(
  ids: readonly number[],
  issues: readonly ComponentIssue[],
  context: object,
): WizardAction {
  const lines = issues.map(({ order, move, expected, consumed }) => [
    0,
    0,
    {
      mrp_production_id: order.id,
      product_id: move.productId,
      consumption: order.consumption,
      product_uom_id: move.unitId,
      product_consumed_qty_uom: consumed,
      product_expected_qty_uom: expected,
    },
  ]);
  return wizard('Consumption Warning', 'mrp.consumption.warning', {
    ...context,
    default_mrp_production_ids: [...ids],
    default_mrp_consumption_warning_line_ids: lines,
  });
}

export function backorderQuestion(
  ids: readonly number[],
  backorderIds: readonly number[],
  context: object,
): WizardAction {
  return wizard('You produced less than initial demand', 'mrp.production.backorder', {
    ...context,
    default_mrp_production_ids: [...ids],
    default_mrp_production_backorder_line_ids: backorderIds.map((id) => [
      0,
      0,
      { mrp_production_id: id, to_backorder: true },
    ]),
  });
}
