// Compares what Odoo shows when read back with what the PLC delivered, within the rounding of Odoo's units.
import { type CentiKg, sumMass } from '../core/mass.ts';
import type { Deviation, OdooPushCommand } from './messages.ts';
import { type DoneOrder, type OrderMove, roundingOf } from './order-moves.ts';
import { expectationOf } from './push-expectation.ts';
import type { SyncSettings } from './sync-settings.ts';

/** Differences between a done order and the command; empty when they say the same. Expected is what the PLC delivered. */
export function compareDone(command: OdooPushCommand, done: DoneOrder, settings: SyncSettings): readonly Deviation[] {
  const deviations = [...compareConsumption(command, done.raw, settings)];
  const made = total(done.finished, (move) => move.consumed);
  const rounding = total(done.finished, (move) => roundingOf(move.unit, settings.decimals));
  if (Math.abs(made - command.finishedQuantityCentiKg) > rounding) {
    deviations.push({
      what: 'finished-quantity',
      expectedCentiKg: command.finishedQuantityCentiKg,
      actualCentiKg: made as CentiKg,
    });
  }
  return deviations;
}

/** Differences between what is recorded on these raw moves and the command. */
export function compareConsumption(
  command: OdooPushCommand,
  moves: readonly OrderMove[],
  settings: SyncSettings,
): readonly Deviation[] {
  const { lines, homeless } = expectationOf(command, moves, settings.equipmentRule);
  const deviations: Deviation[] = [];
  for (const { equipment, moves: own, actual, unplanned } of lines) {
    const shown = sumMass(own.map((move) => move.consumed));
    const rounding = Math.max(0, ...own.map((move) => roundingOf(move.unit, settings.decimals)));
    if (Math.abs(shown - actual) <= rounding) continue;
    deviations.push({
      ...(equipment !== undefined && { equipment }),
      what: unplanned ? 'unplanned-consumption' : 'consumption',
      expectedCentiKg: actual,
      actualCentiKg: shown,
    });
  }
  for (const { equipment, actual } of homeless) {
    deviations.push({
      equipment,
      what: 'unplanned-consumption',
      expectedCentiKg: actual,
      actualCentiKg: 0 as CentiKg,
    });
  }
  return deviations;
}

function total(moves: readonly OrderMove[], measure: (move: OrderMove) => number): number {
  return moves.reduce((sum, move) => sum + measure(move), 0);
}
