// Where what was made and consumed lies too far from the plan to be posted without a person.
import { type CentiKg, centiKg, formatKg } from '../core/mass.ts';
import type { Deviation, OdooPushCommand } from './messages.ts';
import type { Expectation } from './push-expectation.ts';
import type { SyncSettings } from './sync-settings.ts';

/**
 * Every deviation beyond the tolerance. A closed order's consumption is measured against the plan, as long as what was finished is
 * itself near the plan: liquids that are sprayed on raise the output without a kilogram more from any silo. A batch that made much
 * less or more is measured against what its finished quantity needs; so is every batch where the settings say `finished`. Of an
 * order that stays open (a batch that failed half-way) only more than the whole plan is too much.
 */
export function deviationsOf(
  command: OdooPushCommand,
  expectation: Expectation,
  settings: SyncSettings,
): readonly Deviation[] {
  const deviations: Deviation[] = [];
  const { plannedQuantityCentiKg, finishedQuantityCentiKg, close } = command;
  const isFarOff =
    close && isBeyond(plannedQuantityCentiKg, finishedQuantityCentiKg, settings.quantityTolerancePercent, settings);
  const byFinished = close && (isFarOff || settings.toleranceBase === 'finished');
  if (isFarOff) {
    deviations.push({
      what: 'finished-quantity',
      expectedCentiKg: plannedQuantityCentiKg,
      actualCentiKg: finishedQuantityCentiKg,
    });
  }
  for (const { equipment, planned, actual, unplanned } of expectation.lines) {
    const expected = byFinished ? share(planned, finishedQuantityCentiKg, plannedQuantityCentiKg) : planned;
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

/** Mapped by what deviates, where no equipment has part in it. */
const subjects: ReadonlyMap<Deviation['what'], string> = new Map([
  ['finished-quantity', 'finished'],
  ['order-quantity', 'ordered'],
]);

/** The deviations as one sentence for a person. */
export function describeDeviations(deviations: readonly Deviation[]): string {
  return deviations
    .map(({ equipment, what, expectedCentiKg, actualCentiKg }) => {
      const subject = subjects.get(what) ?? `equipment ${equipment ?? '(none)'}`;
      return `${subject}: ${formatKg(actualCentiKg)} kg instead of ${formatKg(expectedCentiKg)} kg`;
    })
    .join('; ');
}
