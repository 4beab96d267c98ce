// A chart as data: how it is drawn, and the same figures as a table for whoever can't see or can't read the picture.
import type { ChartColour, ChartLook } from './chart-look.ts';
import type { ChartOption } from './echarts.ts';

export interface LegendEntry {
  readonly name: string;
  readonly mark: 'fill' | 'line' | 'dashes';
  readonly colour: ChartColour;
}

export interface ChartSpec {
  readonly option: (look: ChartLook) => ChartOption;
  readonly legend: readonly LegendEntry[];
  /** Headings of the table. */
  readonly columns: readonly string[];
  /** One row for each place of the chart, ready to be read; the first cell names it. */
  readonly rows: readonly (readonly string[])[];
  /** Row at these values of the horizontal and the vertical axis. */
  readonly rowAt: (horizontal: number, vertical: number) => number;
}

/** What all charts with a grid share. */
export function frame(look: ChartLook, grid: { readonly left?: number; readonly right?: number } = {}): ChartOption {
  return {
    textStyle: { fontFamily: look.font, fontSize: 13, color: look.colour.text },
    grid: { left: 4, right: 8, top: 14, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel', ...grid },
  };
}

export function labelStyle(look: ChartLook) {
  return { color: look.colour.muted, fontSize: 13, fontFamily: look.font } as const;
}

/** Horizontal axis with a name for each column. */
export function namesAxis(look: ChartLook, names: readonly string[]) {
  return {
    type: 'category' as const,
    data: [...names],
    axisLine: { lineStyle: { color: look.colour.edge } },
    axisTick: { show: false },
    axisLabel: { ...labelStyle(look), hideOverlap: true },
  };
}

/** Vertical axis of amounts; never begins above zero, so that a bar's length is its value. */
export function amountsAxis(look: ChartLook, write: (value: number) => string) {
  return {
    type: 'value' as const,
    min: 0,
    splitNumber: 4,
    axisLabel: { ...labelStyle(look), formatter: write },
    splitLine: { lineStyle: { color: look.colour.line } },
  };
}
