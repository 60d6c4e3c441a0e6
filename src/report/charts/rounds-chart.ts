/** Rows of dots and rows of intervals: what each round reached, and how sure a ratio is. */
import type { EChartsCoreOption } from 'echarts/core';
import type { Markup } from '../markup.ts';
import { countLabel, grid, niceStep, text } from './axes.ts';
import { markSeries } from './line.ts';
import { chart, type Layout } from './svg.ts';

/** The rounds of one target. */
export interface DotRow {
  readonly name: string;
  readonly values: readonly number[];
  readonly median: number | null;
  readonly color: string;
}

/** One ratio; low and high are null when there is no interval. */
export interface IntervalRow {
  readonly name: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

const rowPx = 34;
/** Above the rows, and below them for the figures of the axis. */
const topPx = 10;
const axisPx = 24;

/** Of the chart in its page. */
interface Rows<Row> {
  readonly id: string;
  readonly label: string;
  readonly rows: readonly Row[];
}

/** One row per target: a dot per round, a bar at the median. */
export function dotChart({ id, label, rows }: Rows<DotRow>): Markup {
  const max = Math.max(...rows.flatMap((row) => row.values), 1) * 1.05;
  const series = rows.flatMap((row, y) => [
    dots(
      row.values.map((value) => [value, y]),
      { color: row.color, size: 9, opacity: 0.55 },
    ),
    ...(row.median === null ? [] : [dots([[row.median, y]], { color: row.color, size: [3, 20], symbol: 'rect' })]),
  ]);
  return rowChart({ id, label, rows }, { min: 0, max, format: countLabel }, series);
}

/** One row per ratio: its value, its 95 % interval, and the line at 1 where both are the same. */
export function intervalChart({ id, label, rows }: Rows<IntervalRow>): Markup {
  const atOne = markSeries({
    markLine: {
      silent: true,
      symbol: 'none',
      label: { show: false },
      data: [{ xAxis: 1, lineStyle: { color: 'var(--axis)', width: 1, type: 'solid' } }],
    },
  });
  return rowChart({ id, label, rows }, ratioScale(rows), [atOne, ...rows.flatMap(intervalSeries)]);
}

interface Scale {
  readonly min: number;
  readonly max: number;
  readonly format: (value: number) => string;
}

/** Around all intervals and 1, with some room at both ends. */
function ratioScale(rows: readonly IntervalRow[]): Scale {
  const ends = rows.flatMap((row) => [row.value, row.low ?? row.value, row.high ?? row.value, 1]);
  const spread = Math.max(0.1, (Math.max(...ends) - Math.min(...ends)) * 0.15);
  const low = Math.max(0, Math.min(...ends) - spread);
  const high = Math.max(...ends) + spread;
  const step = niceStep((high - low) / 5);
  const format = (value: number): string => `${Number(value.toFixed(3))} ×`;
  return { min: Math.floor(low / step) * step, max: Math.ceil(high / step) * step, format };
}

function rowChart(
  { id, label, rows }: Rows<{ readonly name: string }>,
  scale: Scale,
  series: readonly EChartsCoreOption[],
): Markup {
  return chart({
    id,
    label,
    height: () => topPx + rows.length * rowPx + axisPx,
    option: (layout) => ({ ...rowFrame(layout, rows), xAxis: valueAxis(layout, scale), series }),
  });
}

function intervalSeries({ value, low, high }: IntervalRow, y: number): EChartsCoreOption[] {
  const color = 'var(--c1)';
  const dot = dots([[value, y]], { color: '--c1', size: 10 });
  if (low === null || high === null) return [dot];
  const bar = {
    type: 'line',
    data: [
      [low, y],
      [high, y],
    ],
    silent: true,
    symbol: 'rect',
    symbolSize: [2, 12],
    itemStyle: { color },
    lineStyle: { color, width: 2 },
    emphasis: { disabled: true },
  };
  return [bar, dot];
}

interface Dots {
  readonly color: string;
  readonly size: number | readonly [number, number];
  readonly opacity?: number;
  readonly symbol?: string;
}

function dots(
  data: readonly (readonly [number, number])[],
  { color, size, opacity = 1, symbol = 'circle' }: Dots,
): EChartsCoreOption {
  return {
    type: 'scatter',
    data: data.map(([x, y]) => [x, y]),
    silent: true,
    symbol,
    symbolSize: size,
    itemStyle: { color: `var(${color})`, opacity },
    emphasis: { disabled: true },
  };
}

function rowFrame(layout: Layout, rows: readonly { readonly name: string }[]): EChartsCoreOption {
  const left = layout.narrow ? 110 : 190;
  return {
    grid: { ...grid(layout, { top: topPx, bottom: axisPx }), left, right: layout.narrow ? 16 : 40 },
    yAxis: {
      type: 'category',
      inverse: true,
      data: rows.map((row) => row.name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { ...text, color: 'var(--ink)', width: left - 14, overflow: 'truncate', margin: 12, interval: 0 },
      splitLine: { show: false },
    },
  };
}

function valueAxis(layout: Layout, { min, max, format }: Scale): EChartsCoreOption {
  return {
    type: 'value',
    min,
    max,
    interval: niceStep((max - min) / (layout.narrow ? 3 : 6)),
    axisLine: { show: true, lineStyle: { color: 'var(--axis)' } },
    axisTick: { show: false },
    axisLabel: { ...text, formatter: format, hideOverlap: true },
    splitLine: { show: true, lineStyle: { color: 'var(--hairline)' } },
  };
}
