// What a push says an order consumed, laid beside the order's own moves: by product, with equipment that was not planned.
import { type CentiKg, sumMass, zeroMass } from '../core/mass.ts';
import { type EquipmentRule, equipmentOf } from './equipment-rule.ts';
import { groupBy } from './group-by.ts';
import type { OdooPushCommand } from './messages.ts';
import type { OrderMove } from './order-moves.ts';
import type { Reference } from './record-values.ts';

/** One product of the order with everything known about it. */
export interface ProductLine {
  readonly productId: number;
  readonly equipment: number | undefined;
  /** Moves of the order for this product; empty when it has none. */
  readonly moves: readonly OrderMove[];
  /** Planned when the order was fetched; for a component added since, what Odoo plans now. */
  readonly planned: CentiKg;
  readonly actual: CentiKg;
  /** True for consumption of equipment that the fetched order did not name. */
  readonly unplanned: boolean;
}

export interface Expectation {
  readonly lines: readonly ProductLine[];
  /** Masses whose equipment no move of the order belongs to. */
  readonly homeless: readonly { readonly equipment: number; readonly actual: CentiKg }[];
}

export function expectationOf(command: OdooPushCommand, moves: readonly OrderMove[], rule: EquipmentRule): Expectation {
  const movesOfProduct = groupBy(moves, (move) => move.product.id);
  const named = groupBy(command.components, (component) => component.productId);
  // Components that are in the order now and were not when it was fetched.
  const added = new Map([...movesOfProduct].filter(([productId]) => !named.has(productId)));
  const lines: ProductLine[] = [...named].map(([productId, components]) => {
    const equipment = components[0]?.equipment;
    // A planner who replaces a component by another product of the same silo means what the silo gave.
    const moves = movesOfProduct.get(productId) ?? takeReplacement(added, equipment, rule);
    return {
      productId: moves[0]?.product.id ?? productId,
      equipment,
      moves,
      planned: sumMass(components.map((component) => component.plannedCentiKg)),
      actual: sumMass(components.map((component) => component.actualCentiKg)),
      unplanned: false,
    };
  });

  const extra = new Map(
    command.unplanned.filter((one) => one.actualCentiKg > 0).map((one) => [one.equipment, one.actualCentiKg]),
  );
  for (const [productId, ownMoves] of added) {
    const equipment = equipmentOfDisplay(rule, ownMoves[0]?.product);
    const actual = equipment === undefined ? undefined : extra.get(equipment);
    if (equipment !== undefined) extra.delete(equipment);
    lines.push({
      productId,
      equipment,
      moves: ownMoves,
      planned: sumMass(ownMoves.map((move) => move.planned)),
      actual: actual ?? zeroMass,
      unplanned: true,
    });
  }
  return { lines, homeless: [...extra].map(([equipment, actual]) => ({ equipment, actual })) };
}

/** Takes the moves of a product that belongs to `equipment` out of those that were added; nothing where there are none or several. */
function takeReplacement(
  added: Map<number, readonly OrderMove[]>,
  equipment: number | undefined,
  rule: EquipmentRule,
): readonly OrderMove[] {
  if (equipment === undefined) return [];
  const candidates = [...added].filter(([, moves]) => equipmentOfDisplay(rule, moves[0]?.product) === equipment);
  const [only, second] = candidates;
  if (only === undefined || second !== undefined) return [];
  added.delete(only[0]);
  return only[1];
}

/** Odoo displays a product as `[reference] name`. */
function equipmentOfDisplay(rule: EquipmentRule, product: Reference | undefined): number | undefined {
  if (!product) return undefined;
  const [, reference = null, name = product.name] = /^\[([^\]]*)\] (.*)$/.exec(product.name) ?? [];
  return equipmentOf(rule, { reference, name }).equipment ?? undefined;
}
