// The one atomic write that records a batch: absolute quantities on moves just seen to belong to the order.
import { type CentiKg, centiKg, fromCentiKg, sumMass, zeroMass } from '../core/mass.ts';
import type { OdooPushCommand } from './messages.ts';
import type { Values } from './odoo-port.ts';
import type { OrderMove } from './order-moves.ts';
import type { Expectation, ProductLine } from './push-expectation.ts';
import type { SeriesNames } from './version-table.ts';

/**
 * Values for `mrp.production.write`. `qty_producing` goes with the quantities: from 17 on closing an order whose
 * `qty_producing` is 0 replaces every recorded quantity by the plan, without a word (measured).
 */
export function recordValues(command: OdooPushCommand, expectation: Expectation, names: SeriesNames): Values {
  const commands = expectation.lines
    // A component that no silo gives and that somebody added and recorded by hand is theirs.
    .filter((line) => !isByHand(line))
    .flatMap(({ moves, actual }) => {
      const masses = splitByPlan(
        actual,
        moves.map(({ planned }) => planned),
      );
      return moves.flatMap((move, index) => {
        const mass = masses[index] ?? zeroMass;
        const leaveAlone = !command.close && mass === 0 && move.consumed === 0;
        return leaveAlone ? [] : [[1, move.id, moveValues(move, mass, names)]];
      });
    });
  const finished = command.finishedQuantityCentiKg;
  return {
    ...(finished > 0 && { qty_producing: fromCentiKg(finished, command.unit.centiKgPerUnit) }),
    ...(commands.length > 0 && { move_raw_ids: commands }),
  };
}

/** True for a component that was neither fetched nor belongs to any equipment. */
export function isByHand(line: ProductLine): boolean {
  return line.unplanned && line.equipment === undefined;
}

/**
 * `total` in the proportion of the plans, exact in its sum; what does not divide goes to the first lines. Without any plan the first
 * line gets all.
 */
export function splitByPlan(total: CentiKg, plans: readonly CentiKg[]): readonly CentiKg[] {
  const whole = sumMass(plans);
  if (whole <= 0) return plans.map((_, index) => (index === 0 ? total : zeroMass));
  const parts = plans.map((plan) => Number((BigInt(total) * BigInt(plan)) / BigInt(whole)));
  let rest = total - parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part, index) => {
    const takes = rest > 0 && (plans[index] ?? 0) > 0 ? 1 : 0;
    rest -= takes;
    return centiKg(part + takes);
  });
}

function moveValues(move: OrderMove, mass: CentiKg, names: SeriesNames): Values {
  return {
    [names.consumedQuantity]: fromCentiKg(mass, move.unit.centiKgPerUnit),
    ...(names.picked && { [names.picked]: true }),
    ...(names.manualConsumption && { [names.manualConsumption]: true }),
  };
}
