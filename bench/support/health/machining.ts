// The AI4I set: the failure rules that its authors published, as inputs of the index; a check of the rules' way through the index, no proof.

import { csvRows } from '../../../nodes/health/csv-rows.ts';
import { readIndex } from '../../../nodes/health/health-index.ts';
import type { IndexModel, InputRule } from '../../../nodes/health/index-model.ts';

/** Overstrain limits in minutes x Nm by product quality (Matzka 2020). */
const overstrain: Readonly<Record<string, number>> = { L: 11_000, M: 12_000, H: 13_000 };

/** An input that is healthy at 0 and failed at 1: a rule that holds or not. */
const rule = (name: string): InputRule => ({
  name,
  weight: 0,
  worstOf: true,
  required: true,
  scale: { kind: 'range', healthy: 0, failed: 1 },
});
const model: IndexModel = {
  rpnWeight: 1,
  rpnCeiling: 1000,
  staleAfterMs: 60_000,
  inputs: ['heat-dissipation', 'power', 'overstrain'].map(rule),
};

export interface MachiningFigures {
  readonly rows: number;
  readonly failures: number;
  readonly precision: number;
  readonly recall: number;
}

export function judgeMachining(text: string, threshold: number): MachiningFigures {
  const rows = csvRows(text);
  const header = rows.next();
  if (header.done) throw new Error('The file is empty.');
  const names = header.value.cells.map((name) => name.trim());
  let [count, failures, alarms, hits] = [0, 0, 0, 0];
  for (const { cells } of rows) {
    const number = (name: string) => Number(cells[names.indexOf(name)]);
    const speed = number('Rotational speed [rpm]');
    const torque = number('Torque [Nm]');
    const watt = torque * speed * ((2 * Math.PI) / 60);
    const cooling = number('Process temperature [K]') - number('Air temperature [K]');
    const limit = overstrain[cells[names.indexOf('Type')] ?? ''] ?? Number.POSITIVE_INFINITY;
    const values: Readonly<Record<string, boolean>> = {
      'heat-dissipation': cooling < 8.6 && speed < 1380,
      power: watt < 3_500 || watt > 9_000,
      overstrain: number('Tool wear [min]') * torque > limit,
    };
    const reading = readIndex(
      model,
      1,
      1,
      (name) => ({ value: values[name] ? 1 : 0, quality: 'good', planned: false, atMs: 0 }),
      0,
    );
    const isAlarm = reading.kind === 'value' && reading.index < threshold;
    const isFailure = number('Machine_failure') === 1;
    count += 1;
    failures += isFailure ? 1 : 0;
    alarms += isAlarm ? 1 : 0;
    hits += isAlarm && isFailure ? 1 : 0;
  }
  return { rows: count, failures, precision: hits / alarms, recall: hits / failures };
}
