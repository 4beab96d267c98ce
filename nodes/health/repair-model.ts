// Learns from finished repairs how long the next one will take: many simple views of the same history, weighed by how well each has done.
import { priorMinutes } from './repair-prior.ts';
import { causeGroup } from './stop-classes.ts';

/** One finished repair. */
export interface Repair {
  readonly machine: string;
  readonly shift: string;
  readonly cause: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly minutes: number;
}

export interface RepairQuestion {
  readonly machine: string;
  readonly shift: string | null;
  readonly cause: string;
  readonly startMs: number;
  readonly healthIndex: number | null;
}

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

export interface ForecastBasis {
  readonly kind: 'history' | 'mixed' | 'prior';
  /** Repairs of the level. */
  readonly stops: number;
  readonly level: 'cause-machine' | 'cause' | 'group-machine' | 'machine' | 'all' | 'none';
  /** Repairs in the history. */
  readonly known: number;
}

interface ForecastTrace {
  /** Log minutes of each view's point. */
  readonly points: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly expected: number;
}

export interface RepairModelSettings {
  /** Half-lives of the views, in repairs: the history of a plant is never of one piece, and nobody knows beforehand where it breaks. */
  readonly halfLives: readonly number[];
  /** How much more a repair counts that shares machine, cause, group of causes, shift, or a repair just before. */
  readonly alike: {
    readonly machine: number;
    readonly cause: number;
    readonly group: number;
    readonly shift: number;
    readonly continued: number;
  };
  /** How sharply the better views are preferred. */
  readonly sharpness: number;
  /** Share of an old judgement that is left after one more repair. */
  readonly memory: number;
  /** How far an interval's end moves after a miss, on the log scale. */
  readonly calibrationStep: number;
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

/** P10 to P90. */
const missEachSide = 0.1;
const leastForLevel = 5;
const leastForHistory = 20;
/** The machine has just been under repair. */
const continuedWithinMs = 5 * 60_000;
/** The prior as three repairs of which two thirds lie between; the original's table is off by about so much either way. */
const priorSpread: readonly (readonly [number, number])[] = [
  [0.4, 0.3],
  [1, 0.4],
  [2.5, 0.3],
];
const judgedRepairs = 200;
/** Rounding of logarithms must not make a hit a miss. */
const tolerance = 1e-9;

interface Known {
  readonly machine: string;
  readonly shift: string;
  readonly cause: string;
  readonly group: string;
  readonly continued: boolean;
  readonly log: number;
  readonly minutes: number;
  readonly endMs: number;
}

/** Kinds of point that each half-life is judged by: median, mean of logarithms, mean. */
const pointKinds = 3;

export class RepairModel {
  readonly #settings: RepairModelSettings;
  /** In the order in which they ended. */
  #known: Known[] = [];
  /** The same, shortest first. */
  #sorted: Known[] = [];
  #total = 0;
  readonly #losses: number[];
  #lossScale = 0;
  #low = 0;
  #high = 0;
  /** How much longer repairs take here than the prior says, on the log scale. */
  #priorError = 0;
  #judged: { readonly error: number; readonly inside: boolean }[] = [];

  constructor(settings: RepairModelSettings = defaultRepairModel) {
    this.#settings = settings;
    this.#losses = Array<number>(settings.halfLives.length * pointKinds).fill(0);
  }

  get known(): number {
    return this.#total;
  }

  forecast(question: RepairQuestion): RepairForecast {
    const { halfLives } = this.#settings;
    const prior = this.#prior(question);
    const rows = this.#rows(question, prior);
    const preference = this.#preference();
    const points: number[] = [];
    const share = new Float64Array(rows.length);
    let expected = 0;
    halfLives.forEach((_, view) => {
      const weights = this.#weights(rows, view);
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
    const middle = quantile(rows, share, 0.5);
    const low = Math.min(middle, quantile(rows, share, missEachSide) - this.#low);
    const high = Math.max(middle, quantile(rows, share, 1 - missEachSide) + this.#high);
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
    this.#judge(repair, before.trace);
    const log = Math.log(repair.minutes);
    const priorError = log - Math.log(priorMinutes(repair.cause, repair.shift, null));
    this.#priorError += (priorError - this.#priorError) / Math.min(this.#total + this.#settings.priorRepairs, 100);
    this.#total += 1;
    const known: Known = {
      machine: repair.machine,
      shift: repair.shift,
      cause: repair.cause,
      group: causeGroup(repair.cause),
      continued: this.#isContinued(repair.machine, repair.startMs),
      log,
      minutes: repair.minutes,
      endMs: repair.endMs,
    };
    this.#known.push(known);
    this.#sorted.splice(upperBound(this.#sorted, log), 0, known);
    if (this.#known.length > this.#settings.window) {
      const oldest = this.#known.shift();
      if (oldest) this.#sorted.splice(this.#sorted.indexOf(oldest), 1);
    }
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

  #judge(repair: Repair, { points, low, high, expected }: ForecastTrace): void {
    const { memory, calibrationStep } = this.#settings;
    const log = Math.log(repair.minutes);
    const errors = points.map((point) => Math.abs(Math.exp(point) - repair.minutes));
    errors.forEach((error, view) => {
      this.#losses[view] = memory * (this.#losses[view] ?? 0) + (1 - memory) * error;
    });
    const average = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    this.#lossScale = memory * this.#lossScale + (1 - memory) * average;
    const isBelow = log < low - tolerance;
    const isAbove = log > high + tolerance;
    this.#low += calibrationStep * ((isBelow ? 1 : 0) - missEachSide);
    this.#high += calibrationStep * ((isAbove ? 1 : 0) - missEachSide);
    this.#judged.push({ error: Math.abs(Math.exp(expected) - repair.minutes), inside: !isBelow && !isAbove });
    if (this.#judged.length > judgedRepairs) this.#judged.shift();
  }

  /** Shares of the points, larger for those whose recent errors were smaller. */
  #preference(): readonly number[] {
    const least = Math.min(...this.#losses);
    const scale = Math.max(this.#lossScale, tolerance);
    const raw = this.#losses.map((loss) => Math.exp((-this.#settings.sharpness * (loss - least)) / scale));
    const sum = raw.reduce((total, value) => total + value, 0);
    return raw.map((value) => value / sum);
  }

  #prior(question: RepairQuestion): number {
    const trust = this.#total / (this.#total + this.#settings.priorRepairs);
    return Math.log(priorMinutes(question.cause, question.shift, question.healthIndex)) + trust * this.#priorError;
  }

  /** The history and the prior, shortest first, each with how much it counts but for its age. */
  #rows(question: RepairQuestion, prior: number): readonly Row[] {
    const { alike, priorRepairs } = this.#settings;
    const group = causeGroup(question.cause);
    const continued = this.#isContinued(question.machine, question.startMs);
    const age = new Map(this.#known.map((known, index) => [known, this.#known.length - 1 - index]));
    const rows: Row[] = this.#sorted.map((known) => ({
      log: known.log,
      minutes: known.minutes,
      age: age.get(known) ?? 0,
      weight:
        (1 + (known.machine === question.machine ? alike.machine : 0)) *
        (1 + (known.cause === question.cause ? alike.cause : 0) + (known.group === group ? alike.group : 0)) *
        (1 + (known.shift === question.shift ? alike.shift : 0)) *
        (1 + (known.continued === continued ? alike.continued : 0)),
      prior: 0,
    }));
    const priorShare = priorRepairs / (priorRepairs + this.#total);
    for (const [factor, weight] of priorSpread) {
      const log = prior + Math.log(factor);
      const row = { log, minutes: Math.exp(log), age: 0, weight: 0, prior: weight * priorShare };
      rows.splice(upperBound(rows, log), 0, row);
    }
    return rows;
  }

  /** Weights of the rows in one view; they sum to 1. */
  #weights(rows: readonly Row[], view: number): Float64Array {
    const halfLife = this.#settings.halfLives[view] ?? Number.POSITIVE_INFINITY;
    const weights = new Float64Array(rows.length);
    let sum = 0;
    let prior = 0;
    rows.forEach((row, index) => {
      weights[index] = row.weight * 2 ** (-row.age / halfLife);
      sum += weights[index] ?? 0;
      prior += row.prior;
    });
    rows.forEach((row, index) => {
      const own = sum > 0 ? ((weights[index] ?? 0) / sum) * (1 - prior) : 0;
      weights[index] = own + (sum > 0 ? row.prior : row.prior / prior);
    });
    return weights;
  }

  #isContinued(machine: string, startMs: number): boolean {
    return this.#known
      .slice(-50)
      .some((known) => known.machine === machine && Math.abs(startMs - known.endMs) <= continuedWithinMs);
  }

  #basis({ machine, cause }: RepairQuestion): ForecastBasis {
    const group = causeGroup(cause);
    const count = (fits: (known: Known) => boolean) => this.#known.filter(fits).length;
    const levels = [
      ['cause-machine', count((known) => known.cause === cause && known.machine === machine)],
      ['cause', count((known) => known.cause === cause)],
      ['group-machine', count((known) => known.group === group && known.machine === machine)],
      ['machine', count((known) => known.machine === machine)],
      ['all', this.#known.length],
    ] as const;
    const [level, stops] = levels.find(([, found]) => found >= leastForLevel) ?? ['none', this.#known.length];
    const kind = this.#total === 0 ? 'prior' : this.#total >= leastForHistory && level !== 'none' ? 'history' : 'mixed';
    return { kind, stops, level, known: this.#total };
  }
}

interface Row {
  readonly log: number;
  readonly minutes: number;
  readonly age: number;
  readonly weight: number;
  readonly prior: number;
}

function quantile(rows: readonly Row[], weights: Float64Array, share: number): number {
  let sum = 0;
  for (let index = 0; index < rows.length; index += 1) {
    sum += weights[index] ?? 0;
    if (sum >= share - tolerance) return rows[index]?.log ?? 0;
  }
  return rows.at(-1)?.log ?? 0;
}

function meanLog(rows: readonly Row[], weights: Float64Array): number {
  return rows.reduce((sum, row, index) => sum + row.log * (weights[index] ?? 0), 0);
}

function mean(rows: readonly Row[], weights: Float64Array): number {
  return rows.reduce((sum, row, index) => sum + row.minutes * (weights[index] ?? 0), 0);
}

/** Where `log` belongs in a list that is sorted by log. */
function upperBound(sorted: readonly { readonly log: number }[], log: number): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle]?.log ?? 0) <= log) from = middle + 1;
    else to = middle;
  }
  return from;
}
