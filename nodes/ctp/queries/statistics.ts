// Key figures of machines in a window (ISO 22400 names), their trend, Pareto and the comparison of technicians and vendors.
import type { FieldFault } from '../../core/errors.ts';
import { FieldReader } from '../../core/field-reader.ts';
import type { PlantTime } from '../../core/plant-time.ts';
import type { CtpStatistics, Kpi, ParetoRow, StatisticsBucket } from '../messages.ts';
import { type Bucket, bucketOf, buckets, nextBucket } from './buckets.ts';
import { type KeyedSum, type Measures, noMeasures, rowsOf } from './figures.ts';
import { type FilterContext, type MachineName, machinesIn, readMachine, readTimeSpan } from './filter.ts';
import { dayOf, dayText, type PlantDay } from './plant-days.ts';
import { techniciansOf, vendorsOf } from './repairers.ts';
import { rounded, unitMs } from './units.ts';
import type { WindowFigures } from './window-figures.ts';

export interface StatisticsQuestion {
  readonly machines: readonly number[] | undefined;
  /** Undefined: from the first problem. */
  readonly fromMs: number | undefined;
  readonly toMs: number;
  readonly bucket: Bucket | undefined;
}

/**
 * Without any date the window is the current month of the plant's calendar. The window ends now at the latest: what has not
 * happened is neither planned nor lost.
 */
export function readStatisticsQuestion(input: unknown, context: FilterContext, nowMs: number): StatisticsQuestion {
  const faults: FieldFault[] = [];
  const fields = new FieldReader(input, '', faults);
  const span = readTimeSpan(fields, context.plant);
  const bucket = fields.has('bucket') ? fields.oneOf('bucket', buckets) : undefined;
  const wanted = readMachine(fields);
  fields.finish('The question');
  const isOpen = span.fromMs === undefined && span.toMs === undefined;
  const monthStart = context.plant.instantMs({ ...context.plant.wallTime(nowMs), day: 1, ...midnight });
  return {
    machines: machinesIn(wanted, context),
    fromMs: isOpen ? monthStart : span.fromMs,
    toMs: Math.max(span.fromMs ?? 0, Math.min(span.toMs ?? nowMs, nowMs)),
    bucket,
  };
}

const midnight = { hour: 0, minute: 0, second: 0, millisecond: 0 };

export interface StatisticsSource {
  readonly plant: PlantTime;
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucket: Bucket;
  /** The one machine that was asked for. */
  readonly machineId: number | null;
  readonly machines: readonly MachineName[];
  readonly plannedMs: number;
  readonly window: WindowFigures;
}

/** Puts the reply together. An undefined figure is null. */
export function statisticsOf(source: StatisticsSource): CtpStatistics {
  const { fromMs, toMs, machines, plannedMs, window } = source;
  const total = window.figures.of(0, '');
  const producedMs = plannedMs - total.downtime_ms;
  const technicians = rowsOf(window.figures, 'technician');
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    machine_id: source.machineId,
    problems: { total: total.problems, open: total.problems - total.completed, completed: total.completed },
    downtime_s: seconds(total.downtime_ms),
    planned_s: seconds(plannedMs),
    availability: percent('APT / PBT', producedMs, plannedMs),
    mttr: mean('Σ repair time / completed repairs', 'minutes', total.repair_ms, total.completed),
    mtbf: mean('APT / problems begun', 'hours', producedMs, total.problems),
    response: mean('Σ response time / problems with a response', 'minutes', total.response_ms, total.responded),
    trend: trendOf(source),
    pareto: {
      error_code: paretoOf(rowsOf(window.figures, 'error_code')),
      category: paretoOf(rowsOf(window.figures, 'category')),
      machine: paretoOf(
        machines.map(({ id, nickname }) => ({ key: nickname, sum: window.byMachine.get(id) ?? noMeasures() })),
      ),
    },
    technicians: techniciansOf(technicians),
    vendors: vendorsOf(technicians),
  };
}

function seconds(ms: number): number {
  return ms / 1000;
}

function percent(formula: string, partMs: number, wholeMs: number): Kpi {
  return {
    value: wholeMs > 0 ? rounded((100 * partMs) / wholeMs) : null,
    unit: 'percent',
    formula,
    numerator: rounded(partMs / unitMs.hours),
    denominator: rounded(wholeMs / unitMs.hours),
  };
}

function mean(formula: string, unit: 'hours' | 'minutes', sumMs: number, count: number): Kpi {
  const sum = sumMs / unitMs[unit];
  return {
    value: count > 0 ? rounded(sum / count) : null,
    unit,
    formula,
    numerator: rounded(sum),
    denominator: count,
  };
}

/** Most downtime first. The rows of a dimension add up to the downtime of the window, since each moment has one owner. */
function paretoOf(rows: readonly KeyedSum[]): readonly ParetoRow[] {
  const shown = rows
    .filter(({ sum }) => sum.problems > 0 || sum.downtime_ms > 0)
    .sort(
      (left, right) =>
        right.sum.downtime_ms - left.sum.downtime_ms ||
        right.sum.problems - left.sum.problems ||
        (left.key < right.key ? -1 : 1),
    );
  const wholeMs = shown.reduce((whole, { sum }) => whole + sum.downtime_ms, 0);
  let reachedMs = 0;
  return shown.map(({ key, sum }) => {
    reachedMs += sum.downtime_ms;
    return {
      key,
      problems: sum.problems,
      downtime_s: seconds(sum.downtime_ms),
      cumulative_percent: wholeMs > 0 ? Math.round((1000 * reachedMs) / wholeMs) / 10 : 0,
    };
  });
}

/** Every bucket that the window touches, those without problems too. */
function trendOf({ plant, fromMs, toMs, bucket, window }: StatisticsSource): readonly StatisticsBucket[] {
  if (toMs <= fromMs) return [];
  const sums = new Map<PlantDay, Measures>();
  const last = dayOf(plant, toMs - 1);
  for (let day = bucketOf(bucket, dayOf(plant, fromMs)); day <= last; day = nextBucket(bucket, day))
    sums.set(day, window.byBucket.get(day) ?? noMeasures());
  return [...sums].map(([day, { problems, downtime_ms }]) => ({
    from: dayText(day),
    problems,
    downtime_s: seconds(downtime_ms),
  }));
}
