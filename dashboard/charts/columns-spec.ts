// Amounts over hours, shifts, days: one column each, what was lost on top of it, and a line that says how much was wanted.
import { figure } from '../common/figures.ts';
import { text } from '../common/language.ts';
import { amountsAxis, type ChartSpec, frame, namesAxis } from './chart-spec.ts';

export interface ColumnRow {
  readonly name: string;
  readonly amount: number | null;
  /** Part of the amount that was lost, such as defects; drawn on top of the rest. */
  readonly lost?: number | null;
  readonly wanted?: number | null;
  /** Still growing. */
  readonly open?: boolean;
}

export interface ColumnWords {
  readonly name: string;
  readonly amount: string;
  readonly lost?: string;
  readonly wanted?: string;
  /** How a value is written on the axis and in the table; default: a whole number. */
  readonly write?: (value: number | null) => string;
}

export function columnsSpec(rows: readonly ColumnRow[], words: ColumnWords): ChartSpec {
  const write = words.write ?? ((value) => figure(value));
  const { lost, wanted } = words;
  return {
    legend: [
      { name: words.amount, mark: 'fill', colour: 'fill' },
      ...(lost ? [{ name: lost, mark: 'fill', colour: 'warning' } as const] : []),
      ...(wanted ? [{ name: wanted, mark: 'dashes', colour: 'text' } as const] : []),
    ],
    columns: [words.name, words.amount, ...(lost ? [lost] : []), ...(wanted ? [wanted] : [])],
    rows: rows.map((row) => [
      row.open ? text('chart.so-far', { name: row.name }) : row.name,
      write(row.amount),
      ...(lost ? [write(row.lost ?? null)] : []),
      ...(wanted ? [write(row.wanted ?? null)] : []),
    ]),
    rowAt: (horizontal) => Math.round(horizontal),
    option: (look) => ({
      ...frame(look),
      xAxis: namesAxis(
        look,
        rows.map(({ name }) => name),
      ),
      yAxis: amountsAxis(look, write),
      series: [
        {
          type: 'bar',
          stack: 'amount',
          barMaxWidth: 44,
          data: rows.map((row) => ({
            value: row.amount === null ? null : row.amount - (row.lost ?? 0),
            itemStyle: { color: look.colour.fill, opacity: row.open ? 0.6 : 1 },
          })),
        },
        ...(lost
          ? [
              {
                type: 'bar' as const,
                stack: 'amount',
                barMaxWidth: 44,
                itemStyle: { color: look.colour.warning },
                data: rows.map((row) => row.lost ?? null),
              },
            ]
          : []),
        ...(wanted
          ? [
              {
                type: 'line' as const,
                step: 'middle' as const,
                symbol: 'none',
                lineStyle: { color: look.colour.text, type: 'dashed' as const, width: 1.5 },
                data: rows.map((row) => row.wanted ?? null),
              },
            ]
          : []),
      ],
    }),
  };
}
