// The one place that knows ECharts: only the parts that our charts are made of, so that the bundle stays small.
import { BarChart, type BarSeriesOption, LineChart, type LineSeriesOption } from 'echarts/charts';
import { type GridComponentOption, GridSimpleComponent } from 'echarts/components';
import { type ComposeOption, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

/** What a chart may be made of; anything else is not in the bundle. */
export type ChartOption = ComposeOption<BarSeriesOption | LineSeriesOption | GridComponentOption>;
export type ChartSeries = BarSeriesOption | LineSeriesOption;

/** A chart on the page. Whoever draws one disposes of it. */
export interface DrawnChart {
  show(option: ChartOption): void;
  resize(): void;
  /** Values of both axes at a point of the element in pixels; undefined outside the grid. */
  valuesAt(x: number, y: number): readonly [number, number] | undefined;
  dispose(): void;
}

use([BarChart, LineChart, GridSimpleComponent, CanvasRenderer]);

export function drawOn(element: HTMLElement): DrawnChart {
  const chart = init(element, null, { renderer: 'canvas' });
  return {
    // The whole picture is made anew: a series that is gone must not stay, and there is no movement to keep.
    show: (option) => chart.setOption({ animation: false, ...option }, { notMerge: true }),
    resize: () => chart.resize(),
    valuesAt(x, y) {
      if (!chart.containPixel({ gridIndex: 0 }, [x, y])) return undefined;
      const [horizontal, vertical] = chart.convertFromPixel({ gridIndex: 0 }, [x, y]);
      return horizontal === undefined || vertical === undefined ? undefined : [horizontal, vertical];
    },
    dispose: () => chart.dispose(),
  };
}
