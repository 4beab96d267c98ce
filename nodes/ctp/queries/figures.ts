// Figures of a stretch of time, made of the problems that touch it: counts, sums of repair and response, downtime by owner.
import type { Interval } from '../../core/intervals.ts';
import { severities, technicianTypes } from '../messages.ts';
import { attributed, type Claim } from './attribution.ts';
import type { FactTable } from './read-tables.ts';

/** What downtime and counts are split by. `total` has the empty key. */
export const dimensions = ['total', 'error_code', 'category', 'technician'] as const;
export type Dimension = (typeof dimensions)[number];

/** All additive, so that days make months and months years. Milliseconds where the name says so. */
export interface Measures {
  /** Problems that began in the stretch. */
  problems: number;
  /** Those of them that are completed, and the sum of their spans from start to end. */
  completed: number;
  repair_ms: number;
  /** Those of them for which a technician arrived, and the sum of the waits. */
  responded: number;
  response_ms: number;
  /** Time of the stretch that the key's problems own (see `attributed`), inside planned time. */
  downtime_ms: number;
}

export const measureNames = ['problems', 'completed', 'repair_ms', 'responded', 'response_ms', 'downtime_ms'] as const;

export function noMeasures(): Measures {
  return { problems: 0, completed: 0, repair_ms: 0, responded: 0, response_ms: 0, downtime_ms: 0 };
}

export function addTo(sum: Measures, other: Readonly<Measures>, sign: 1 | -1 = 1): void {
  for (const name of measureNames) sum[name] += sign * other[name];
}

/** Measures by dimension (its number in `dimensions`) and key. */
export class Figures {
  readonly #measures = new Map<string, { readonly dimension: number; readonly key: string; readonly sum: Measures }>();

  of(dimension: number, key: string): Measures {
    const at = `${dimension}${key}`;
    const known = this.#measures.get(at) ?? { dimension, key, sum: noMeasures() };
    this.#measures.set(at, known);
    return known.sum;
  }

  add(other: Figures, sign: 1 | -1 = 1): void {
    for (const { dimension, key, sum } of other) addTo(this.of(dimension, key), sum, sign);
  }

  *[Symbol.iterator](): Iterator<{ readonly dimension: number; readonly key: string; readonly sum: Measures }> {
    yield* this.#measures.values();
  }
}

export interface KeyedSum {
  readonly key: string;
  readonly sum: Readonly<Measures>;
}

/** What is split by one dimension, in no order. */
export function rowsOf(figures: Figures, dimension: Dimension): readonly KeyedSum[] {
  const number = dimensions.indexOf(dimension);
  return [...figures].filter((row) => row.dimension === number);
}

export type FigureFact = Omit<FactTable, 'place' | 'span_class'>;

/** The key of a technician: type, name and firm. */
export function technicianKey(fact: Pick<FigureFact, 'facet' | 'technician_name' | 'vendor_name'>): string {
  return JSON.stringify([technicianTypes[fact.facet % 3], fact.technician_name, fact.vendor_name]);
}

interface FactClaim extends Claim {
  readonly keys: readonly string[];
}

/** Without a code, category the key is the empty text. */
function keysOf(fact: FigureFact): readonly string[] {
  return ['', fact.error_code ?? '', fact.category ?? '', technicianKey(fact)];
}

/**
 * Figures of each stretch between two neighbouring `cuts` (instants, ascending) of one machine.
 * @param facts every problem of the machine, void ones apart, that touches the time between the first and the last cut
 * @param planned sorted, disjoint time that counts; all of it when undefined
 * @param nowMs open problems run until here
 */
export function figuresBetween(
  cuts: readonly number[],
  facts: readonly FigureFact[],
  planned: readonly Interval[] | undefined,
  nowMs: number,
): readonly Figures[] {
  const [fromMs = 0] = cuts;
  const toMs = cuts.at(-1) ?? fromMs;
  const stretches = cuts.slice(1).map(() => new Figures());
  const claims = facts.map((fact): FactClaim => {
    const keys = keysOf(fact);
    const index = indexOfStretch(cuts, fact.start_ms);
    if (index !== undefined) count(stretches[index] as Figures, fact, keys);
    return {
      id: fact.id,
      rank: Math.floor(fact.facet / technicianTypes.length) % severities.length,
      begunMs: fact.start_ms,
      startMs: Math.max(fromMs, fact.start_ms),
      endMs: Math.min(toMs, fact.end_ms ?? nowMs),
      keys,
    };
  });
  const counted = planned ?? [{ startMs: fromMs, endMs: toMs }];
  let stretch = 0;
  let plan = 0;
  for (const { startMs, endMs, owner } of attributed(claims)) {
    while ((counted[plan]?.endMs ?? Infinity) <= startMs) plan += 1;
    while ((cuts[stretch + 1] ?? Infinity) <= startMs) stretch += 1;
    for (let at = plan; at < counted.length && (counted[at] as Interval).startMs < endMs; at += 1) {
      const begin = Math.max(startMs, (counted[at] as Interval).startMs);
      const end = Math.min(endMs, (counted[at] as Interval).endMs);
      for (let day = stretch; day < stretches.length && (cuts[day] as number) < end; day += 1) {
        const ms = Math.min(end, cuts[day + 1] as number) - Math.max(begin, cuts[day] as number);
        if (ms <= 0) continue;
        owner.keys.forEach((key, dimension) => {
          (stretches[day] as Figures).of(dimension, key).downtime_ms += ms;
        });
      }
    }
  }
  return stretches;
}

function count(figures: Figures, fact: FigureFact, keys: readonly string[]): void {
  keys.forEach((key, dimension) => {
    const sum = figures.of(dimension, key);
    sum.problems += 1;
    if (fact.end_ms !== null) {
      sum.completed += 1;
      sum.repair_ms += fact.end_ms - fact.start_ms;
    }
    if (fact.response_ms !== null) {
      sum.responded += 1;
      sum.response_ms += fact.response_ms - fact.start_ms;
    }
  });
}

/** The stretch that holds an instant; undefined outside all of them. */
function indexOfStretch(cuts: readonly number[], instantMs: number): number | undefined {
  if (instantMs < (cuts[0] ?? Infinity) || instantMs >= (cuts.at(-1) ?? -Infinity)) return undefined;
  let low = 0;
  let high = cuts.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((cuts[middle] as number) <= instantMs) low = middle;
    else high = middle;
  }
  return low;
}
