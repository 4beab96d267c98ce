// The repairs that a forecast looks back on: how alike each is to the one that is asked about, and how many are.
import { causeGroup } from './stop-classes.ts';
import { type Row, upperBound } from './weighed-rows.ts';

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

/** How much more a repair counts that shares machine, cause, group of causes, shift, or a repair just before. */
export interface Likeness {
  readonly machine: number;
  readonly cause: number;
  readonly group: number;
  readonly shift: number;
  readonly continued: number;
}

/** The narrowest set of alike repairs that is large enough. */
export interface LikeRepairs {
  readonly level: 'cause-machine' | 'cause' | 'group-machine' | 'machine' | 'all' | 'none';
  readonly stops: number;
}

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

const leastForLevel = 5;
/** The machine has just been under repair. */
const continuedWithinMs = 5 * 60_000;

export class KnownRepairs {
  readonly #most: number;
  /** In the order in which they ended. */
  #known: Known[] = [];
  /** The same, shortest first. */
  #sorted: Known[] = [];

  /** @param most repairs that are kept: the last ones */
  constructor(most: number) {
    this.#most = most;
  }

  add(repair: Repair): void {
    const { machine, shift, cause, minutes, startMs, endMs } = repair;
    const log = Math.log(minutes);
    const continued = this.#isContinued(machine, startMs);
    const known: Known = { machine, shift, cause, group: causeGroup(cause), continued, log, minutes, endMs };
    this.#known.push(known);
    this.#sorted.splice(upperBound(this.#sorted, log), 0, known);
    if (this.#known.length > this.#most) {
      const oldest = this.#known.shift();
      if (oldest) this.#sorted.splice(this.#sorted.indexOf(oldest), 1);
    }
  }

  /** Shortest first. */
  rows(question: RepairQuestion, alike: Likeness): Row[] {
    const group = causeGroup(question.cause);
    const continued = this.#isContinued(question.machine, question.startMs);
    const age = new Map(this.#known.map((known, index) => [known, this.#known.length - 1 - index]));
    return this.#sorted.map((known) => ({
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
  }

  like({ machine, cause }: RepairQuestion): LikeRepairs {
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
    return { level, stops };
  }

  #isContinued(machine: string, startMs: number): boolean {
    return this.#known
      .slice(-50)
      .some((known) => known.machine === machine && Math.abs(startMs - known.endMs) <= continuedWithinMs);
  }
}
