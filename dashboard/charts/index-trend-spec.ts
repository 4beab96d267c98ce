// The health index over time with the line where the alarm begins and the band that it must leave again before the alarm ends.
import { clockTime, figure } from '../common/figures.ts';
import { instant, missing, text } from '../common/language.ts';
import { type ChartSpec, frame, labelStyle } from './chart-spec.ts';

export interface IndexPoint {
  readonly at: string;
  /** Null: unknown; the line has a hole there. */
  readonly value: number | null;
  readonly smoothed: number | null;
}

export interface IndexLimits {
  readonly threshold: number;
  readonly hysteresis: number;
  /** Ends of the axis: what was asked for, whatever is known of it. */
  readonly from: string;
  readonly to: string;
}

const dayMs = 86_400_000;

/** The row whose instant is nearest. */
export function nearest(times: readonly number[], wanted: number): number {
  let best = 0;
  for (const [index, time] of times.entries()) {
    if (Math.abs(time - wanted) < Math.abs((times[best] ?? 0) - wanted)) best = index;
  }
  return best;
}

export function indexTrendSpec(
  points: readonly IndexPoint[],
  { threshold, hysteresis, ...ends }: IndexLimits,
  alarms: readonly { readonly at: string; readonly index: number | null }[] = [],
): ChartSpec {
  const times = points.map(({ at }) => Date.parse(at));
  const from = Date.parse(ends.from);
  const to = Date.parse(ends.to);
  const long = to - from > dayMs;
  const begun = alarms.filter(({ at, index }) => index !== null && Date.parse(at) >= from && Date.parse(at) <= to);
  const flat = (value: number) => [
    [from, value],
    [to, value],
  ];
  const known = (value: number | null) => (value === null ? missing : figure(value, 1));
  return {
    legend: [
      { name: text('health.index'), mark: 'line', colour: 'edge' },
      { name: text('health.smoothed'), mark: 'line', colour: 'text' },
      { name: text('health.threshold', { value: figure(threshold, 1) }), mark: 'dashes', colour: 'alarm' },
      {
        name: text('health.hysteresis', { value: figure(threshold + hysteresis, 1) }),
        mark: 'fill',
        colour: 'warning',
      },
    ],
    columns: [text('chart.when'), text('health.index'), text('health.smoothed')],
    rows: points.map(({ at, value, smoothed }) => [instant(at), known(value), known(smoothed)]),
    rowAt: (horizontal) => nearest(times, horizontal),
    option: (look) => ({
      ...frame(look),
      xAxis: {
        type: 'time',
        min: from,
        max: to,
        splitNumber: look.narrow ? 3 : 6,
        axisLine: { lineStyle: { color: look.colour.edge } },
        axisLabel: {
          ...labelStyle(look),
          hideOverlap: true,
          formatter: (value: number) => (long ? instant(new Date(value).toISOString()) : clockTime(value)),
        },
      },
      yAxis: {
        type: 'value',
        min: 0,
        max: 100,
        interval: 20,
        axisLabel: { ...labelStyle(look), formatter: (value: number) => figure(value) },
        splitLine: { lineStyle: { color: look.colour.line } },
      },
      series: [
        {
          type: 'line',
          stack: 'band',
          symbol: 'none',
          silent: true,
          lineStyle: { color: look.colour.alarm, type: 'dashed', width: 1.5 },
          data: flat(threshold),
        },
        {
          type: 'line',
          stack: 'band',
          symbol: 'none',
          silent: true,
          lineStyle: { width: 0 },
          areaStyle: { color: look.colour.warning, opacity: 0.22 },
          data: flat(hysteresis),
        },
        {
          type: 'line',
          symbol: 'none',
          lineStyle: { color: look.colour.edge, width: 1 },
          data: points.map(({ value }, index) => [times[index] ?? 0, value ?? '-']),
        },
        {
          type: 'line',
          symbol: 'none',
          lineStyle: { color: look.colour.text, width: 2 },
          data: points.map(({ smoothed }, index) => [times[index] ?? 0, smoothed ?? '-']),
        },
        {
          type: 'line',
          symbol: 'diamond',
          symbolSize: 12,
          itemStyle: { color: look.colour.alarm },
          lineStyle: { width: 0 },
          data: begun.map(({ at, index }) => [Date.parse(at), index ?? '-']),
        },
      ],
    }),
  };
}
