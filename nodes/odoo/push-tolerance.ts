// Where what was made and consumed lies too far from the plan to be posted without a person.
import { type CentiKg, centiKg, formatKg } from '../core/mass.ts';
import type { Deviation, OdooPushCommand } from './messages.ts';
import type { Expectation } from './push-expectation.ts';
import type { SyncSettings } from './sync-settings.ts';

/**
 * Every deviation beyond the tolerance. A closed order's consumption is compared with what its finished quantity
 * needs by the plan; of an open one (a batch that failed half-way) only more than the whole plan is too much.
 */
export function deviationsOf(
  command: OdooPushCommand,
  expectation: Expectation,
  settings: SyncSettings,
): readonly Deviation[] {
  const deviations: Deviation[] = [];
  const { plannedQuantityCentiKg, finishedQuantityCentiKg, close } = command;
  if (close && isBeyond(plannedQuantityCentiKg, finishedQuantityCentiKg, settings.quantityTolerancePercent, settings)) {
    deviations.push({
      what: 'finished-quantity',
      expectedCentiKg: plannedQuantityCentiKg,
      actualCentiKg: finishedQuantityCentiKg,
    });
  }
  for (const { equipment, planned, actual, unplanned } of expectation.lines) {
    const expected = close ? share(planned, finishedQuantityCentiKg, plannedQuantityCentiKg) : planned;
    const counts = close || actual > expected;
    if (counts && isBeyond(expected, actual, settings.consumptionTolerancePercent, settings)) {
      deviations.push({
        ...(equipment !== undefined && { equipment }),
        what: unplanned && actual > 0 ? 'unplanned-consumption' : 'consumption',
        expectedCentiKg: expected,
        actualCentiKg: actual,
      });
    }
  }
  return deviations;
}

function isBeyond(expected: CentiKg, actual: CentiKg, percent: number, settings: SyncSettings): boolean {
  const allowed = Math.max(settings.toleranceFloorCentiKg, (expected * percent) / 100);
  return Math.abs(actual - expected) > allowed;
}

/** `planned` x `finished` / `whole`, rounded to a hundredth of a kilogram, exact in its integers. */
export function share(planned: CentiKg, finished: CentiKg, whole: CentiKg): CentiKg {
  if (whole === 0) return planned;
  const twice = (2n * BigInt(planned) * BigInt(finished) + BigInt(whole)) / (2n * BigInt(whole));
  return centiKg(Number(twice));
}

/** The deviations as one sentence for a person. */
export function describeDeviations(deviations: readonly Deviation[]): string {
  return deviations
    .map(({ equipment, what, expectedCentiKg, actualCentiKg }) => {
      const subject = what === 'finished-quantity' ? 'finished' : `equipment ${equipment ?? '(none)'}`;
      return `${subject}: ${formatKg(actualCentiKg)} kg instead of ${formatKg(expectedCentiKg)} kg`;
    })
    .join('; ');
}
