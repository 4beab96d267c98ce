// Compares what Odoo shows when read back with what the PLC delivered, to the hundredth of a kilogram.
import { type CentiKg, sumMass } from '../core/mass.ts';
import type { Deviation, OdooPushCommand } from './messages.ts';
import type { DoneOrder, OrderMove } from './order-moves.ts';
import { expectationOf } from './push-expectation.ts';
import { isByHand } from './push-write.ts';
import type { SyncSettings } from './sync-settings.ts';

/** Differences between a done order and the command; empty when they say the same. Expected is what the PLC delivered. */
export function compareDone(command: OdooPushCommand, done: DoneOrder, settings: SyncSettings): readonly Deviation[] {
  const deviations = [...compareConsumption(command, done.raw, settings)];
  const made = sumMass(done.finished.map((move) => move.consumed));
  if (made !== command.finishedQuantityCentiKg) {
    deviations.push({
      what: 'finished-quantity',
      expectedCentiKg: command.finishedQuantityCentiKg,
      actualCentiKg: made,
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
  for (const line of lines) {
    const { equipment, moves: own, actual, unplanned } = line;
    const shown = sumMass(own.map((move) => move.consumed));
    if (shown === actual || isByHand(line)) continue;
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
