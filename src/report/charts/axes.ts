/** Axes as this report draws them: hairlines and small figures, the plot's ink kept for the data. */
import type { EChartsCoreOption } from 'echarts/core';
import { formatNumber } from '../../base/figures.ts';
import type { Layout } from './svg.ts';

const fontSize = 12;

/** All words in charts: the page's own font, in its quieter ink. */
export const text = { color: 'var(--ink-2)', fontSize, fontFamily: 'inherit' } as const;

/** `top` and `bottom` in px leave room for labels. */
export function grid(
  layout: Layout,
  { top = 10, bottom = 24 }: { top?: number; bottom?: number } = {},
): EChartsCoreOption {
  return { left: layout.left, right: layout.right, top, bottom };
}

/** Seconds from the start of the round: the same span for every chart of a timeline. */
export function timeAxis(layout: Layout, endSec: number): EChartsCoreOption {
  const step = niceStep(endSec / (layout.narrow ? 4 : 8));
  const values = Array.from({ length: Math.floor(endSec / step) + 1 }, (_, i) => i * step);
  return bottomAxis({ max: endSec, values, format: secondsLabel });
}

/** What an axis below a plot shows: from 0 to `max`, with a tick and a figure at each of `values`. */
export interface BottomScale {
  readonly max: number;
  readonly values: readonly number[];
  readonly format: (value: number) => string;
}

export function bottomAxis({ max, values, format }: BottomScale): EChartsCoreOption {
  return {
    type: 'value',
    min: 0,
    max,
    axisLine: { show: true, lineStyle: { color: 'var(--axis)' } },
    axisTick: { show: true, customValues: values, length: 4, lineStyle: { color: 'var(--axis)' } },
    axisLabel: { ...text, customValues: values, margin: 8, formatter: format, hideOverlap: true },
    splitLine: { show: false },
  };
}

/** The span of a value axis, in the values' unit. */
export interface ValueScale {
  readonly min?: number;
  readonly max: number;
  readonly format: (value: number) => string;
}

/** From zero, or `min`, in at most about four steps. */
export function linearAxis({ min = 0, max, format }: ValueScale): EChartsCoreOption {
  const step = niceStep((max - min) / 3);
  const top = Math.ceil((max - min) / step - 1e-9) * step + min;
  return {
    type: 'value',
    min,
    max: top,
    interval: step,
    ...quietValueAxis,
    axisLabel: { ...text, formatter: format, margin: 10 },
  };
}

/** Whole powers of ten around the values: 1 ms, 10 ms, 100 ms. */
export function logAxis(values: readonly number[], format: (value: number) => string): EChartsCoreOption {
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...positive, 1e9)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive, 1e-3)) - 1e-9));
  return {
    type: 'log',
    logBase: 10,
    min: 10 ** low,
    max: 10 ** high,
    ...quietValueAxis,
    axisLabel: { ...text, formatter: format, margin: 10 },
  };
}

/** 1, 2 or 5 times a power of ten, at least `rough`. */
export function niceStep(rough: number): number {
  if (!(rough > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Axis labels in ms: 10 µs, 1 ms, 1 s. */
export function latencyLabel(ms: number): string {
  if (ms >= 1000) return `${formatNumber(ms / 1000)} s`;
  return ms >= 1 ? `${formatNumber(ms)} ms` : `${formatNumber(ms * 1000)} µs`;
}

/** 1,500 is 1.5k: an axis has no room for all digits. */
export function countLabel(value: number): string {
  return value >= 1000 ? `${formatNumber(value / 1000)}k` : formatNumber(value);
}

const quietValueAxis = {
  axisLine: { show: false },
  axisTick: { show: false },
  splitLine: { show: true, lineStyle: { color: 'var(--hairline)', width: 1 } },
} as const;

function secondsLabel(seconds: number): string {
  if (seconds < 120) return `${formatNumber(seconds)} s`;
  const rest = Math.round(seconds % 60);
  return rest === 0
    ? `${Math.floor(seconds / 60)} min`
    : `${Math.floor(seconds / 60)}:${String(rest).padStart(2, '0')}`;
}
