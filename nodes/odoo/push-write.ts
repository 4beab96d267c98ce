// The one atomic write that records a batch: absolute quantities on moves just seen to belong to the order.
import { type CentiKg, fromCentiKg, zeroMass } from '../core/mass.ts';
import type { OdooPushCommand } from './messages.ts';
import type { Values } from './odoo-port.ts';
import type { OrderMove } from './order-moves.ts';
import type { Expectation } from './push-expectation.ts';
import type { SeriesNames } from './version-table.ts';

/**
 * Values for `mrp.production.write`. `qty_producing` goes with the quantities: from 17 on closing an order whose
 * `qty_producing` is 0 replaces every recorded quantity by the plan, without a word (measured).
 */
export function recordValues(command: OdooPushCommand, expectation: Expectation, names: SeriesNames): Values {
  const commands = expectation.lines.flatMap(({ moves, actual }) =>
    moves.flatMap((move, index) => {
      // The whole mass on the first move of a product; further ones get nothing.
      const mass = index === 0 ? actual : zeroMass;
      const leaveAlone = !command.close && mass === 0 && move.consumed === 0;
      return leaveAlone ? [] : [[1, move.id, moveValues(move, mass, names)]];
    }),
  );
  const finished = command.finishedQuantityCentiKg;
  return {
    ...(finished > 0 && { qty_producing: fromCentiKg(finished, command.unit.centiKgPerUnit) }),
    ...(commands.length > 0 && { move_raw_ids: commands }),
  };
}

function moveValues(move: OrderMove, mass: CentiKg, names: SeriesNames): Values {
  return {
    [names.consumedQuantity]: fromCentiKg(mass, move.unit.centiKgPerUnit),
    ...(names.picked && { [names.picked]: true }),
    ...(names.manualConsumption && { [names.manualConsumption]: true }),
  };
}
