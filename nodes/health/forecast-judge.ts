// Judges forecasts by what the repairs took: which points to prefer, how far the interval's ends must move, how well all of it did.
import { tolerance } from './weighed-rows.ts';

export interface JudgeSettings {
  /** How sharply the better points are preferred. */
  readonly sharpness: number;
  /** Share of an old judgement that is left after one more repair. */
  readonly memory: number;
  /** How far an interval's end moves after a miss, on the log scale. */
  readonly calibrationStep: number;
}

/** What judging a forecast takes; log minutes. */
export interface ForecastTrace {
  /** Each of the points that it was mixed from. */
  readonly points: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly expected: number;
}

/** P10 to P90. */
export const missEachSide = 0.1;
const judgedRepairs = 200;

export class ForecastJudge {
  readonly #settings: JudgeSettings;
  /** Recent errors in minutes, one for each point. */
  readonly #losses: number[];
  #lossScale = 0;
  #low = 0;
  #high = 0;
  #judged: { readonly error: number; readonly inside: boolean }[] = [];

  constructor(points: number, settings: JudgeSettings) {
    this.#settings = settings;
    this.#losses = Array<number>(points).fill(0);
  }

  /** How far the interval's ends lie outside those of the history, on the log scale. */
  get margins(): { readonly low: number; readonly high: number } {
    return { low: this.#low, high: this.#high };
  }

  /** Shares of the points, larger for those whose recent errors were smaller. */
  preference(): readonly number[] {
    const least = Math.min(...this.#losses);
    const scale = Math.max(this.#lossScale, tolerance);
    const raw = this.#losses.map((loss) => Math.exp((-this.#settings.sharpness * (loss - least)) / scale));
    const sum = raw.reduce((total, value) => total + value, 0);
    return raw.map((value) => value / sum);
  }

  judge(minutes: number, { points, low, high, expected }: ForecastTrace): void {
    const { memory, calibrationStep } = this.#settings;
    const log = Math.log(minutes);
    const errors = points.map((point) => Math.abs(Math.exp(point) - minutes));
    errors.forEach((error, point) => {
      this.#losses[point] = memory * (this.#losses[point] ?? 0) + (1 - memory) * error;
    });
    const average = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    this.#lossScale = memory * this.#lossScale + (1 - memory) * average;
    const isBelow = log < low - tolerance;
    const isAbove = log > high + tolerance;
    this.#low += calibrationStep * ((isBelow ? 1 : 0) - missEachSide);
    this.#high += calibrationStep * ((isAbove ? 1 : 0) - missEachSide);
    this.#judged.push({ error: Math.abs(Math.exp(expected) - minutes), inside: !isBelow && !isAbove });
    if (this.#judged.length > judgedRepairs) this.#judged.shift();
  }

  /** How the last forecasts did against what it took. */
  calibration(): {
    readonly repairs: number;
    readonly meanAbsoluteError: number | null;
    readonly coverage: number | null;
  } {
    const repairs = this.#judged.length;
    if (repairs === 0) return { repairs, meanAbsoluteError: null, coverage: null };
    return {
      repairs,
      meanAbsoluteError: this.#judged.reduce((sum, { error }) => sum + error, 0) / repairs,
      coverage: this.#judged.filter(({ inside }) => inside).length / repairs,
    };
  }
}
