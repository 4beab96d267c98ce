// Losses as a waterfall: each bar hangs where the one above it ended, from all planned time down to the time that added value.
import { figure } from '../common/figures.ts';
import { type ChartSpec, frame, labelStyle } from './chart-spec.ts';

export interface WaterfallStep {
  readonly name: string;
  readonly amount: number;
  /** `whole` stands on the ground; `loss` takes away from what was left above it, and so does `unknown`, of which nobody knows whether it was one. */
  readonly kind: 'whole' | 'loss' | 'unknown';
}

/** Where each bar lies: losses between what was left before and after them (a gain is a loss below zero), wholes on the ground. */
export function hung(
  steps: readonly WaterfallStep[],
): readonly (WaterfallStep & { readonly from: number; readonly length: number })[] {
  let left = 0;
  return steps.map((step) => {
    const before = step.kind === 'whole' ? 0 : left;
    left = step.kind === 'whole' ? step.amount : left - step.amount;
    return { ...step, from: Math.min(before, left), length: Math.abs(step.amount) };
  });
}

const colours = { whole: 'fill', loss: 'warning', unknown: 'edge' } as const;

export interface WaterfallWords {
  readonly name: string;
  readonly amount: string;
  readonly write?: (value: number) => string;
}

export function waterfallSpec(steps: readonly WaterfallStep[], words: WaterfallWords): ChartSpec {
  const write = words.write ?? ((value: number) => figure(value));
  const bars = hung(steps);
  return {
    legend: [],
    columns: [words.name, words.amount],
    rows: bars.map(({ name, amount }) => [name, write(amount)]),
    rowAt: (_horizontal, vertical) => Math.round(vertical),
    option: (look) => ({
      ...frame(look, { right: 84 }),
      xAxis: { type: 'value', min: 0, show: false, max: Math.max(1, ...bars.map(({ from, length }) => from + length)) },
      yAxis: {
        type: 'category',
        inverse: true,
        data: bars.map(({ name }) => name),
        axisLine: { lineStyle: { color: look.colour.edge } },
        axisTick: { show: false },
        axisLabel: {
          ...labelStyle(look),
          color: look.colour.text,
          width: look.narrow ? 104 : 172,
          lineHeight: 15,
          overflow: 'break',
        },
      },
      series: [
        {
          type: 'bar',
          stack: 'hung',
          silent: true,
          itemStyle: { color: 'transparent' },
          data: bars.map(({ from }) => from),
        },
        {
          type: 'bar',
          stack: 'hung',
          barWidth: '62%',
          label: {
            show: true,
            position: 'right',
            color: look.colour.text,
            fontFamily: look.font,
            fontSize: 13,
            formatter: ({ dataIndex }) => write(bars[dataIndex]?.amount ?? 0),
          },
          data: bars.map(({ length, kind }) => ({
            value: length,
            itemStyle: { color: look.colour[colours[kind]] },
          })),
        },
      ],
    }),
  };
}
