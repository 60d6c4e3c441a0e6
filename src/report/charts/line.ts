/** One line of a chart, and the bounds drawn across it. */
import type { EChartsCoreOption } from 'echarts/core';

/** A null y leaves a gap. */
export type Point = readonly [x: number, y: number | null];

/** One line of a chart. */
export interface Line {
  /** Written at the line's end, in its colour; empty for none. */
  readonly name: string;
  readonly points: readonly Point[];
  /** A custom property of the page's style, such as `--c1`. */
  readonly color: string;
  readonly width?: number;
  readonly dash?: boolean;
  /** Shades what is below. */
  readonly filled?: boolean;
  /** Holds its value until the next point. */
  readonly step?: boolean;
}

/** The line in the chart library's terms, without symbols unless it is a single point. */
export function lineSeries(line: Line): EChartsCoreOption {
  const color = `var(${line.color})`;
  const single = line.points.filter(([, y]) => y !== null).length === 1;
  return {
    type: 'line',
    data: line.points.map(([x, y]) => [x, y]),
    silent: true,
    showSymbol: single,
    symbol: 'circle',
    symbolSize: 5,
    itemStyle: { color },
    lineStyle: { color, width: line.width ?? 1.75, type: line.dash === true ? [5, 4] : 'solid', cap: 'butt' },
    ...(line.filled === true ? { areaStyle: { color, opacity: 0.12 } } : {}),
    ...(line.step === true ? { step: 'end' } : {}),
    emphasis: { disabled: true },
    clip: true,
  };
}

/** A bound drawn across a plot. */
export interface Limit {
  readonly value: number;
  readonly name: string;
}

/** A bound across the plot, with its name at the left end. */
export function limitLine({ value, name }: Limit): EChartsCoreOption {
  return {
    yAxis: value,
    lineStyle: { color: 'var(--limit)', width: 1, type: [2, 3] },
    label: {
      show: name !== '',
      position: 'insideStartTop',
      formatter: () => name,
      color: 'var(--limit)',
      fontSize: 11,
      fontFamily: 'inherit',
      distance: 3,
      textBorderColor: 'var(--page)',
      textBorderWidth: 3,
    },
  };
}

/** Bare lines with marks need a series to carry them. */
export function markSeries(marks: EChartsCoreOption): EChartsCoreOption {
  return { type: 'line', data: [], silent: true, ...marks };
}
