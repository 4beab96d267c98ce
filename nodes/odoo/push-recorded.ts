// Tells what the plant recorded in Odoo itself from what a person recorded there while the batch ran.
import { sumMass } from '../core/mass.ts';
import type { Deviation, OdooPushCommand } from './messages.ts';
import type { Expectation, ProductLine } from './push-expectation.ts';

/**
 * Components whose recorded consumption is neither nothing, nor what is to be written, nor what an earlier try for this batch may
 * have written. Expected is what the plant delivered, actual what Odoo shows.
 */
export function recordedByHand(command: OdooPushCommand, { lines }: Expectation): readonly Deviation[] {
  return lines.flatMap((line) => {
    const shown = sumMass(line.moves.map((move) => move.consumed));
    if (shown === 0 || shown === line.actual || isOurs(command, line, shown)) return [];
    return [
      {
        ...(line.equipment !== undefined && { equipment: line.equipment }),
        what: 'consumption' as const,
        expectedCentiKg: line.actual,
        actualCentiKg: shown,
      },
    ];
  });
}

function isOurs(command: OdooPushCommand, { equipment }: ProductLine, shown: number): boolean {
  const recorded = command.recorded ?? [];
  return recorded.some((one) => one.equipment === equipment && one.actualCentiKg === shown);
}
