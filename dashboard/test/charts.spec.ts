import { mount } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import ChartFigure from '../charts/ChartFigure.vue';
import { type ChartLook, readLook } from '../charts/chart-look.ts';
import { columnsSpec } from '../charts/columns-spec.ts';
import type { ChartOption, DrawnChart } from '../charts/echarts.ts';
import { indexTrendSpec, nearest } from '../charts/index-trend-spec.ts';
import { cumulated, paretoSpec } from '../charts/pareto-spec.ts';
import { hoursBetween, placed } from '../charts/timeline.ts';
import { hung, waterfallSpec } from '../charts/waterfall-spec.ts';
import { accountLanguage } from '../common/language.ts';
import { chosenLanguage } from '../common/preferences.ts';

const drawn = vi.hoisted(() => ({
  options: [] as unknown[],
  disposed: 0,
  values: undefined as readonly [number, number] | undefined,
}));
vi.mock('../charts/echarts.ts', () => ({
  drawOn: (): DrawnChart => ({
    show: (option: ChartOption) => drawn.options.push(option),
    resize: () => undefined,
    valuesAt: () => drawn.values,
    dispose: () => {
      drawn.disposed += 1;
    },
  }),
}));

const colours = ['text', 'muted', 'line', 'edge', 'track', 'fill', 'main', 'alarm', 'warning', 'notice'] as const;
const look: ChartLook = {
  colour: Object.fromEntries(colours.map((name) => [name, name])) as ChartLook['colour'],
  font: 'sans',
  narrow: false,
};
interface Series {
  readonly type: string;
  readonly stack?: string;
  readonly data: readonly unknown[];
}
const heightOf = (bar: unknown) => (bar as { readonly value: unknown } | undefined)?.value;
const seriesOf = (option: ChartOption) => option.series as readonly Series[];

beforeEach(() => {
  chosenLanguage.value = 'account';
  accountLanguage.value = 'id';
  drawn.options.length = 0;
  drawn.disposed = 0;
  drawn.values = undefined;
});

describe('a Pareto', () => {
  const parts = [
    { name: 'small', amount: 10 },
    { name: 'large', amount: 70 },
    { name: 'middle', amount: 20 },
  ];

  it('puts the largest first and adds up to everything', () => {
    expect(cumulated(parts).map(({ name, cumulative }) => [name, cumulative])).toEqual([
      ['large', 0.7],
      ['middle', 0.9],
      ['small', 1],
    ]);
  });

  it('knows no share of nothing', () => {
    expect(cumulated([{ name: 'none', amount: 0 }])[0]?.cumulative).toBeNull();
  });

  it('draws ten bars at most, and keeps the shares of everything', () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ name: `c${index}`, amount: 5 }));
    const spec = paretoSpec(many, { name: 'Code', amount: 'Time' });
    const [bars, line] = seriesOf(spec.option(look));
    expect(bars?.data).toHaveLength(10);
    expect(line?.data.at(-1)).toBe(0.5);
  });

  it('is a table too, written as the language does', () => {
    const spec = paretoSpec([{ name: 'E-1', amount: 1500, times: 2 }], {
      name: 'Kode',
      amount: 'Waktu',
      times: 'Kali',
    });
    expect(spec.columns).toEqual(['Kode', 'Waktu', 'Kali', 'Kumulatif']);
    expect(spec.rows).toEqual([['E-1', '1.500', '2', '100,0 %']]);
  });
});

describe('columns', () => {
  const rows = [
    { name: '06.00', amount: 100, lost: 4, wanted: 120 },
    { name: '07.00', amount: null, lost: null, wanted: 120 },
    { name: '08.00', amount: 30, lost: 0, wanted: 120, open: true },
  ];
  const spec = () => columnsSpec(rows, { name: 'Jam', amount: 'Jumlah', lost: 'Cacat', wanted: 'Target' });

  it('stack what was lost on the rest, so that both together are the amount', () => {
    const [good, lost] = seriesOf(spec().option(look));
    expect(heightOf(good?.data[0])).toBe(96);
    expect(lost?.data[0]).toBe(4);
    expect(good?.stack).toBe(lost?.stack);
  });

  it('leave out what is not known instead of drawing a zero', () => {
    const [good, lost] = seriesOf(spec().option(look));
    expect([heightOf(good?.data[1]), lost?.data[1]]).toEqual([null, null]);
    expect(spec().rows[1]).toEqual(['07.00', '–', '–', '120']);
  });

  it('say which one still grows', () => {
    expect(spec().rows[2]?.[0]).toBe('08.00 (berjalan)');
  });

  it('have no series for what nobody asked for', () => {
    const option = columnsSpec(rows, { name: 'Jam', amount: 'Jumlah' }).option(look);
    expect(seriesOf(option).map(({ type }) => type)).toEqual(['bar']);
  });
});

describe('a waterfall', () => {
  it('hangs each loss where the one above it ended', () => {
    const bars = hung([
      { name: 'all', amount: 100, kind: 'whole' },
      { name: 'stops', amount: 20, kind: 'loss' },
      { name: 'speed', amount: 15, kind: 'loss' },
      { name: 'left', amount: 65, kind: 'whole' },
    ]);
    expect(bars.map(({ from, length }) => [from, length])).toEqual([
      [0, 100],
      [80, 20],
      [65, 15],
      [0, 65],
    ]);
  });

  it('lets a gain stand where it grew', () => {
    const bars = hung([
      { name: 'all', amount: 100, kind: 'whole' },
      { name: 'speed', amount: -10, kind: 'loss' },
    ]);
    expect([bars[1]?.from, bars[1]?.length]).toEqual([100, 10]);
  });

  it('colours a loss, and neither a whole nor what nobody knows', () => {
    const option = waterfallSpec(
      [
        { name: 'all', amount: 100, kind: 'whole' },
        { name: 'stops', amount: 20, kind: 'loss' },
        { name: 'silence', amount: 5, kind: 'unknown' },
      ],
      { name: 'Bagian', amount: 'Waktu' },
    ).option(look);
    const colour = seriesOf(option)[1]?.data.map((bar) => (bar as { itemStyle: { color: string } }).itemStyle.color);
    expect(colour).toEqual(['fill', 'warning', 'edge']);
  });
});

describe('the trend of an index', () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 1, minute)).toISOString();
  const points = [
    { at: at(0), value: 60, smoothed: 61 },
    { at: at(1), value: null, smoothed: null },
    { at: at(2), value: 38, smoothed: 44 },
  ];
  const limits = { threshold: 40, hysteresis: 5, from: at(-20), to: at(10) };
  const spec = () => indexTrendSpec(points, limits, [{ at: at(2), index: 38 }]);

  it('draws the band from the threshold to where the alarm ends', () => {
    const [threshold, band] = seriesOf(spec().option(look));
    expect(threshold?.data.map((point) => (point as number[])[1])).toEqual([40, 40]);
    expect(band?.data.map((point) => (point as number[])[1])).toEqual([5, 5]);
    expect(threshold?.stack).toBe(band?.stack);
    expect(spec().legend.map(({ name }) => name)).toContain('Alarm berakhir di atas 45');
  });

  it('covers the whole span that was asked for, also where nothing is known', () => {
    const { xAxis } = spec().option(look);
    expect(xAxis).toMatchObject({ min: Date.parse(limits.from), max: Date.parse(limits.to) });
  });

  it('has a hole where the index was unknown', () => {
    const [, , index] = seriesOf(spec().option(look));
    expect(index?.data.map((point) => (point as unknown[])[1])).toEqual([60, '-', 38]);
    expect(spec().rows[1]?.slice(1)).toEqual(['–', '–']);
  });

  it('marks alarms inside the span only', () => {
    const option = indexTrendSpec(points, limits, [
      { at: at(2), index: 38 },
      { at: at(30), index: 20 },
    ]).option(look);
    expect(seriesOf(option)[4]?.data).toEqual([[Date.parse(at(2)), 38]]);
  });

  it('finds the point under the finger', () => {
    expect([nearest([0, 10, 20], 14), nearest([0, 10, 20], 16), nearest([0, 10, 20], 99)]).toEqual([1, 2, 2]);
  });
});

describe('a timeline', () => {
  const piece = (startMs: number, endMs: number) => ({
    key: String(startMs),
    startMs,
    endMs,
    look: 'running',
    title: '',
  });

  it('clips pieces to its span and leaves out what lies outside', () => {
    const bars = placed([piece(-50, 25), piece(25, 50), piece(90, 200), piece(300, 400)], 0, 100);
    expect(bars.map(({ leftPercent, widthPercent }) => [leftPercent, widthPercent])).toEqual([
      [0, 25],
      [25, 25],
      [90, 10],
    ]);
  });

  it('has no bar without a span', () => {
    expect(placed([piece(0, 1)], 5, 5)).toEqual([]);
  });

  it('names at most a dozen hours, however long it is', () => {
    const hour = 3_600_000;
    expect(hoursBetween(0, 8 * hour)).toHaveLength(9);
    expect(hoursBetween(0, 24 * hour).length).toBeLessThanOrEqual(13);
    expect(hoursBetween(0, 14 * 24 * hour).length).toBeLessThanOrEqual(15);
  });
});

describe('a chart on the page', () => {
  const spec = columnsSpec([{ name: 'Senin', amount: 1200 }], { name: 'Hari', amount: 'Jumlah' });
  const show = (given = spec) =>
    mount(ChartFigure, { props: { title: 'Per hari', summary: 'Satu kolom.', spec: given }, attachTo: document.body });

  /** The same once what draws it has been fetched. */
  const showDrawn = async () => {
    const chart = show();
    await vi.dynamicImportSettled();
    await chart.vm.$nextTick();
    expect(drawn.options).not.toHaveLength(0);
    return chart;
  };

  beforeEach(() => {
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(600);
  });
  afterEach(() => {
    delete document.documentElement.dataset.sfTheme;
    document.body.innerHTML = '';
  });

  it('tells who can not see it what it shows, and has every figure in a table', () => {
    const chart = show();
    expect(chart.find('[role=img]').attributes('aria-label')).toBe('Per hari. Satu kolom.');
    expect(chart.findAll('tbody th, tbody td').map((cell) => cell.text())).toEqual(['Senin', '1.200']);
    chart.unmount();
  });

  it('says what is under the finger', async () => {
    const chart = await showDrawn();
    drawn.values = [0, 300];
    await chart.find('[role=img]').trigger('pointermove');
    expect(chart.find('.sf-chart__readout').text()).toBe('Senin: Jumlah 1.200');
    drawn.values = undefined;
    await chart.find('[role=img]').trigger('pointermove');
    expect(chart.find('.sf-chart__readout').text()).toContain('Sentuh');
    chart.unmount();
  });

  it('is drawn again when the page turns dark, and never moves', async () => {
    const chart = await showDrawn();
    const before = drawn.options.length;
    document.documentElement.dataset.sfTheme = 'dark';
    await vi.waitFor(() => expect(drawn.options.length).toBeGreaterThan(before));
    chart.unmount();
  });

  it('leaves nothing behind', async () => {
    const chart = await showDrawn();
    chart.unmount();
    expect(drawn.disposed).toBe(1);
  });

  it('draws nothing when the page was left before it could', async () => {
    const chart = show();
    chart.unmount();
    await vi.dynamicImportSettled();
    expect([drawn.options.length, drawn.disposed]).toEqual([0, 0]);
  });

  it('asks again for what draws it when that could not be had', async () => {
    vi.resetModules();
    let asked = 0;
    vi.doMock('../charts/echarts.ts', () => {
      asked += 1;
      if (asked === 1) throw new Error('no connection');
      return { drawOn: () => undefined };
    });
    const { drawing } = await import('../charts/drawing.ts');
    expect(await drawing()).toBeUndefined();
    expect(await drawing()).toHaveProperty('drawOn');
    expect(await drawing()).toHaveProperty('drawOn');
    expect(asked).toBe(2);
  });

  it('says that there is nothing instead of drawing an empty frame', () => {
    const chart = show(columnsSpec([], { name: 'Hari', amount: 'Jumlah' }));
    expect(chart.text()).toContain('Belum ada data');
    expect(chart.find('[role=img]').exists()).toBe(false);
    chart.unmount();
  });

  it('takes its colours from the tokens', () => {
    const element = document.createElement('div');
    element.style.setProperty('--sf-fill', '#123456');
    document.body.append(element);
    expect(readLook(element).colour.fill).toBe('#123456');
  });
});
