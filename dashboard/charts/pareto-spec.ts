// Pareto: the largest losses first as bars, and which share of everything they and all before them are.
import { figure, share } from '../common/figures.ts';
import { text } from '../common/language.ts';
import { amountsAxis, type ChartSpec, frame, labelStyle, namesAxis } from './chart-spec.ts';

export interface ParetoPart {
  readonly name: string;
  readonly amount: number;
  /** Further figure for the table, such as how often. */
  readonly times?: number;
}

export interface ParetoWords {
  readonly name: string;
  readonly amount: string;
  readonly times?: string;
  readonly write?: (value: number) => string;
}

/** More bars than this are a list, no picture; the rest is in `others`. */
const mostBars = 10;

/** Bars whose names stand side by side on a phone. */
const narrowBars = 5;

/** Largest first, with the share of the sum up to and including each; an empty sum has no shares. */
export function cumulated(
  parts: readonly ParetoPart[],
): readonly (ParetoPart & { readonly cumulative: number | null })[] {
  const sum = parts.reduce((total, { amount }) => total + amount, 0);
  let passed = 0;
  return [...parts]
    .sort((one, other) => other.amount - one.amount)
    .map((part) => {
      passed += part.amount;
      return { ...part, cumulative: sum > 0 ? passed / sum : null };
    });
}

export function paretoSpec(parts: readonly ParetoPart[], words: ParetoWords): ChartSpec {
  const write = words.write ?? ((value: number) => figure(value));
  const shown = cumulated(parts).slice(0, mostBars);
  return {
    legend: [
      { name: words.amount, mark: 'fill', colour: 'fill' },
      { name: text('chart.cumulative'), mark: 'line', colour: 'notice' },
    ],
    columns: [words.name, words.amount, ...(words.times ? [words.times] : []), text('chart.cumulative')],
    rows: shown.map((part) => [
      part.name,
      write(part.amount),
      ...(words.times ? [figure(part.times)] : []),
      share(part.cumulative),
    ]),
    rowAt: (horizontal) => Math.round(horizontal),
    option: (look) => ({
      ...frame(look),
      xAxis: {
        ...namesAxis(
          look,
          shown.map(({ name }) => name),
        ),
        axisLabel: {
          ...labelStyle(look),
          interval: 0,
          // On a phone a column of many is narrower than its name.
          ...(look.narrow && shown.length > narrowBars
            ? { rotate: 60, width: 96, overflow: 'truncate' }
            : { width: look.narrow ? 56 : 88, overflow: 'break', lineHeight: 15 }),
        },
      },
      yAxis: [
        amountsAxis(look, write),
        {
          type: 'value',
          min: 0,
          max: 1,
          splitLine: { show: false },
          axisLabel: { ...labelStyle(look), formatter: (value: number) => share(value, 0) },
        },
      ],
      series: [
        {
          type: 'bar',
          barMaxWidth: 56,
          itemStyle: { color: look.colour.fill },
          data: shown.map(({ amount }) => amount),
        },
        {
          type: 'line',
          yAxisIndex: 1,
          symbol: 'circle',
          symbolSize: 7,
          itemStyle: { color: look.colour.notice },
          lineStyle: { color: look.colour.notice, width: 2 },
          data: shown.map(({ cumulative }) => cumulative),
        },
      ],
    }),
  };
}
