/** The HDR percentile curve: latency over 1/(1 - share), both logarithmic, so that the tail gets the room it deserves. */
import { formatDurationMs } from '../../base/duration.ts';
import type { CurvePoint } from '../../bench/percentile-curve.ts';
import type { Markup } from '../markup.ts';
import { bottomAxis, grid, latencyLabel, logAxis } from './axes.ts';
import { limitLine, lineSeries, markSeries, type Limit, type Line } from './line.ts';
import { endLabels } from './end-labels.ts';
import { chart, type Layout } from './svg.ts';

/** One curve. */
export interface PercentileLine {
  readonly name: string;
  readonly points: readonly CurvePoint[];
  readonly color: string;
  readonly dash?: boolean;
}

/** `p99` at its place on the curve. */
export interface PercentileMark {
  readonly name: string;
  readonly oneIn: number;
  readonly ms: number;
}

/** What a percentile chart shows. */
export interface PercentileChart {
  readonly id: string;
  readonly label: string;
  readonly lines: readonly PercentileLine[];
  readonly limits: readonly Limit[];
  /** Points to read off, of one of the lines. */
  readonly marks: readonly PercentileMark[];
}

const topPx = 10;
const axisPx = 28;

function heightOf(layout: Layout): number {
  return layout.narrow ? 260 : 340;
}

/** Both drawings of the chart. */
export function percentileChart({ id, label, lines, limits, marks }: PercentileChart): Markup {
  const points = lines.flatMap((line) => line.points);
  const decades = Math.max(2, Math.ceil(Math.log10(Math.max(...points.map((point) => point.oneIn), 1)) - 1e-9));
  const shownMs = [...points.map((point) => point.ms), ...limits.map((limit) => limit.value)];
  const yAxis = logAxis(shownMs, latencyLabel);
  const drawn = lines.map((line): Line => ({
    ...line,
    width: 2,
    points: line.points.map(({ oneIn, ms }) => [Math.log10(oneIn), ms]),
  }));
  return chart({
    id,
    label,
    height: heightOf,
    option: (layout) => ({
      grid: grid(layout, { top: topPx, bottom: axisPx }),
      xAxis: shareAxis(layout, decades),
      yAxis,
      series: [
        markSeries({ markLine: { silent: true, symbol: 'none', data: limits.map(limitLine) } }),
        ...drawn.map(lineSeries),
        endLabels(drawn, { x: decades, yAxis, heightPx: heightOf(layout) - topPx - axisPx }),
        ...(layout.narrow ? [] : [markDots(marks)]),
      ],
    }),
  });
}

function markDots(marks: readonly PercentileMark[]): object {
  return {
    type: 'scatter',
    silent: true,
    symbolSize: 7,
    itemStyle: { color: 'var(--c1)', borderColor: 'var(--page)', borderWidth: 1.5 },
    emphasis: { disabled: true },
    data: marks.map(({ name, oneIn, ms }) => ({
      value: [Math.log10(oneIn), ms],
      label: {
        show: true,
        position: 'top',
        distance: 7,
        formatter: () => `${name}  ${formatDurationMs(ms)}`,
        color: 'var(--ink)',
        fontSize: 12,
        fontFamily: 'inherit',
        textBorderColor: 'var(--page)',
        textBorderWidth: 3,
      },
    })),
  };
}

/** 0 %, 50 %, 90 %, 99 %, 99.9 % …: at 0, 0.3, 1, 2, 3 of its decades. */
function shareAxis(layout: Layout, decades: number): object {
  const tail = Array.from({ length: decades }, (_, i) => i + 1).filter(
    (each) => !layout.narrow || decades < 5 || each % 2 === 1 || each === decades,
  );
  return bottomAxis({ max: decades, values: [0, Math.log10(2), ...tail], format: shareLabel });
}

function shareLabel(decade: number): string {
  if (decade < 0.1) return '0 %';
  const digits = Math.max(0, Math.round(decade) - 2);
  return `${(100 * (1 - 10 ** -decade)).toFixed(digits)} %`;
}
