// Repairs of a plant by walk-forward: every one is forecast from what had ended before it began, beside simple forecasts on the same rows.
import { plantTimeOf } from '../../../nodes/core/plant-time.ts';
import type { Repair, RepairModelSettings } from '../../../nodes/health/repair-model.ts';
import { replay } from '../../../nodes/health/repair-replay.ts';
import { classByKeyword, type StopClass } from '../../../nodes/health/stop-classes.ts';
import { plantColumns } from '../../../nodes/health/stop-row.ts';
import { OpenedFile } from '../../../nodes/health/stops/opened-file.ts';
import { quantileOf } from './engines.ts';

export interface ClassedStop extends Repair {
  readonly class: StopClass;
}

/** The stops of a file in the plant's shape, through the importer's own reader; the same stop twice counts once. */
export async function readStops(
  text: string,
): Promise<{ readonly stops: readonly ClassedStop[]; readonly refused: number }> {
  const file = await OpenedFile.open(
    { csv: text, mapping: plantColumns },
    {
      plant: plantTimeOf('Asia/Jakarta'),
      nowMs: Date.now(),
      breathe: async () => {},
      registered: async () => undefined,
    },
  );
  const reader = file.reader();
  const stops = new Map<string, ClassedStop>();
  let refused = 0;
  for (const row of file.layout.rows()) {
    const reading = reader.read(row.cells);
    if (reading.kind === 'refused') refused += 1;
    if (reading.kind !== 'stop') continue;
    const { machine, shift, cause, startMs, endMs, minutes } = reading.stop;
    const stop = { machine, shift, cause, startMs, endMs, minutes, class: classByKeyword(cause) };
    stops.set(`${machine}|${cause}|${startMs}|${endMs}`, stop);
  }
  return { stops: [...stops.values()], refused };
}

/** One repair with every forecast's absolute error, in minutes. */
export interface Judged {
  readonly repair: Repair;
  readonly model: number;
  readonly median: number;
  readonly globalMean: number;
  readonly causeMedian: number;
  readonly inside: boolean;
  readonly below: boolean;
  readonly width: number;
}

/** Simple forecasts need something to begin with; the same rows are left out for all. */
export const warmUp = 30;

export function walkForward(repairs: readonly Repair[], settings?: RepairModelSettings): Judged[] {
  const judged: Judged[] = [];
  /** Minutes of the history, and mapped by cause. */
  const all: number[] = [];
  const byCause = new Map<string, number[]>();
  let seen = 0;
  for (const { repair, forecast, history } of replay(repairs, settings)) {
    for (; seen < history.length; seen += 1) {
      const past = history[seen];
      if (!past) continue;
      all.push(past.minutes);
      byCause.set(past.cause, [...(byCause.get(past.cause) ?? []), past.minutes]);
    }
    if (seen < warmUp) continue;
    const { minutes } = repair;
    const error = (expected: number) => Math.abs(minutes - expected);
    // What is shown to people is rounded to a tenth of a minute; so is what is judged.
    const low = Math.floor(forecast.p10 * 10) / 10;
    const high = Math.ceil(forecast.p90 * 10) / 10;
    judged.push({
      repair,
      model: error(forecast.expected),
      median: error(forecast.p50),
      globalMean: error(all.reduce((sum, value) => sum + value, 0) / all.length),
      causeMedian: error(quantileOf(byCause.get(repair.cause) ?? all, 0.5)),
      inside: minutes >= low && minutes <= high,
      below: minutes < low,
      width: high - low,
    });
  }
  return judged;
}

export interface RepairFigures {
  readonly repairs: number;
  readonly model: number;
  readonly median: number;
  readonly globalMean: number;
  readonly causeMedian: number;
  readonly coverage: number;
  readonly below: number;
  readonly medianWidth: number;
}

export function repairFigures(judged: readonly Judged[]): RepairFigures {
  const mean = (of: (one: Judged) => number) => judged.reduce((sum, one) => sum + of(one), 0) / judged.length;
  return {
    repairs: judged.length,
    model: mean((one) => one.model),
    median: mean((one) => one.median),
    globalMean: mean((one) => one.globalMean),
    causeMedian: mean((one) => one.causeMedian),
    coverage: 100 * mean((one) => (one.inside ? 1 : 0)),
    below: 100 * mean((one) => (one.below ? 1 : 0)),
    medianWidth: quantileOf(
      judged.map((one) => one.width),
      0.5,
    ),
  };
}
