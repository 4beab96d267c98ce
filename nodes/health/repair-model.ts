// Learns from finished repairs how long the next one will take: many simple views of the same history, weighed by how well each has done.
import { ForecastJudge, type ForecastTrace, type JudgeSettings, missEachSide } from './forecast-judge.ts';
import { KnownRepairs, type Likeness, type LikeRepairs, type Repair, type RepairQuestion } from './known-repairs.ts';
import { priorMinutes } from './repair-prior.ts';
import { mean, meanLog, quantile, type Row, upperBound, weightsOf } from './weighed-rows.ts';

export type { Repair, RepairQuestion } from './known-repairs.ts';

export interface RepairForecast {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  /** What to expect; the figure that the absolute error is measured on. */
  readonly expected: number;
  readonly basis: ForecastBasis;
  /** What `learn` needs to judge this forecast. */
  readonly trace: ForecastTrace;
}

export interface ForecastBasis extends LikeRepairs {
  readonly kind: 'history' | 'mixed' | 'prior';
  /** Repairs in the history. */
  readonly known: number;
}

export interface RepairModelSettings extends JudgeSettings {
  /** Half-lives of the views, in repairs: the history of a plant is never of one piece, and nobody knows beforehand where it breaks. */
  readonly halfLives: readonly number[];
  readonly alike: Likeness;
  /** The prior counts as so many repairs. */
  readonly priorRepairs: number;
  /** Repairs that are looked at. */
  readonly window: number;
}

/** Round numbers of the right order; the benchmark says how little depends on each. See the decision record. */
export const defaultRepairModel: RepairModelSettings = {
  halfLives: [4, 8, 16, 32, 64, 128, Number.POSITIVE_INFINITY],
  alike: { machine: 3, cause: 3, group: 1.5, shift: 1, continued: 3 },
  sharpness: 4,
  memory: 0.98,
  calibrationStep: 0.06,
  priorRepairs: 3,
  window: 1_000,
};

const leastForHistory = 20;
/** The prior as three repairs of which two thirds lie between; the original's table is off by about so much either way. */
const priorSpread: readonly (readonly [number, number])[] = [
  [0.4, 0.3],
  [1, 0.4],
  [2.5, 0.3],
];

/** Kinds of point that each half-life is judged by: median, mean of logarithms, mean. */
const pointKinds = 3;

export class RepairModel {
  readonly #settings: RepairModelSettings;
  readonly #judge: ForecastJudge;
  readonly #history: KnownRepairs;
  #total = 0;
  /** How much longer repairs take here than the prior says, on the log scale. */
  #priorError = 0;

  constructor(settings: RepairModelSettings = defaultRepairModel) {
    this.#settings = settings;
    this.#judge = new ForecastJudge(settings.halfLives.length * pointKinds, settings);
    this.#history = new KnownRepairs(settings.window);
  }

  get known(): number {
    return this.#total;
  }

  forecast(question: RepairQuestion): RepairForecast {
    const rows = this.#rows(question);
    const preference = this.#judge.preference();
    const points: number[] = [];
    const share = new Float64Array(rows.length);
    let expected = 0;
    this.#settings.halfLives.forEach((halfLife, view) => {
      const weights = weightsOf(rows, halfLife);
      const first = view * pointKinds;
      points.push(quantile(rows, weights, 0.5), meanLog(rows, weights), Math.log(mean(rows, weights)));
      let preferred = 0;
      for (let kind = 0; kind < pointKinds; kind += 1) {
        const wanted = preference[first + kind] ?? 0;
        preferred += wanted;
        expected += wanted * (points[first + kind] ?? 0);
      }
      for (let row = 0; row < rows.length; row += 1) share[row] = (share[row] ?? 0) + preferred * (weights[row] ?? 0);
    });
    const { margins } = this.#judge;
    const middle = quantile(rows, share, 0.5);
    const low = Math.min(middle, quantile(rows, share, missEachSide) - margins.low);
    const high = Math.max(middle, quantile(rows, share, 1 - missEachSide) + margins.high);
    return {
      p10: Math.exp(low),
      p50: Math.exp(middle),
      p90: Math.exp(high),
      expected: Math.exp(expected),
      basis: this.#basis(question),
      trace: { points, low, high, expected },
    };
  }

  /** Takes a finished repair; `before` is what was forecast for it at its beginning. */
  learn(repair: Repair, before: RepairForecast = this.forecast({ ...repair, healthIndex: null })): void {
    this.#judge.judge(repair.minutes, before.trace);
    const priorError = Math.log(repair.minutes) - Math.log(priorMinutes(repair.cause, repair.shift, null));
    this.#priorError += (priorError - this.#priorError) / Math.min(this.#total + this.#settings.priorRepairs, 100);
    this.#total += 1;
    this.#history.add(repair);
  }

  /** How the last forecasts did against what it took. */
  calibration(): ReturnType<ForecastJudge['calibration']> {
    return this.#judge.calibration();
  }

  /** The history and the prior, shortest first, each with how much it counts but for its age. */
  #rows(question: RepairQuestion): readonly Row[] {
    const { alike, priorRepairs } = this.#settings;
    const rows = this.#history.rows(question, alike);
    const trust = this.#total / (this.#total + priorRepairs);
    const prior =
      Math.log(priorMinutes(question.cause, question.shift, question.healthIndex)) + trust * this.#priorError;
    const priorShare = priorRepairs / (priorRepairs + this.#total);
    for (const [factor, weight] of priorSpread) {
      const log = prior + Math.log(factor);
      const row = { log, minutes: Math.exp(log), age: 0, weight: 0, prior: weight * priorShare };
      rows.splice(upperBound(rows, log), 0, row);
    }
    return rows;
  }

  #basis(question: RepairQuestion): ForecastBasis {
    const like = this.#history.like(question);
    const enough = this.#total >= leastForHistory && like.level !== 'none';
    return { ...like, kind: this.#total === 0 ? 'prior' : enough ? 'history' : 'mixed', known: this.#total };
  }
}
