/** A strip of a timeline: lines over the seconds of one round, warm-up shaded, leader changes marked. */
import type { EChartsCoreOption } from 'echarts/core';
import type { Markup } from '../markup.ts';
import type { TimeFrame } from '../timeline-series.ts';
import { grid, timeAxis } from './axes.ts';
import { limitLine, lineSeries, markSeries, type Limit, type Line } from './line.ts';
import { endLabels } from './end-labels.ts';
import { chart, type Layout } from './svg.ts';

/** px below a plot for the figures of its axis. */
const axisPx = 24;

/** What one strip shows. */
export interface TimeChart {
  readonly id: string;
  readonly label: string;
  readonly frame: TimeFrame;
  readonly lines: readonly Line[];
  readonly yAxis: EChartsCoreOption;
  readonly limits?: readonly Limit[];
  /** px in the wide drawing; the narrow one is a little lower. */
  readonly height?: number;
  /** Writes the words for what is marked; one strip of a timeline is enough. */
  readonly namesMarks?: boolean;
}

/** Both drawings of the strip. */
export function timeChart(spec: TimeChart): Markup {
  const { frame, namesMarks = false, limits = [] } = spec;
  const height = spec.height ?? 132;
  const topPx = namesMarks ? 20 : 8;
  const heightOf = (layout: Layout): number => (layout.narrow ? Math.round(height * 0.9) : height);
  return chart({
    id: spec.id,
    label: spec.label,
    height: heightOf,
    option: (layout) => ({
      grid: grid(layout, { top: topPx, bottom: axisPx }),
      xAxis: timeAxis(layout, frame.endSec),
      yAxis: spec.yAxis,
      series: [
        markSeries({
          markArea: warmUpArea(frame, namesMarks && !layout.narrow),
          markLine: marks(frame, { limits, named: namesMarks }),
        }),
        ...spec.lines.map(lineSeries),
        endLabels(spec.lines, { x: frame.endSec, yAxis: spec.yAxis, heightPx: heightOf(layout) - topPx - axisPx }),
      ],
    }),
  });
}

function warmUpArea({ warmUps }: TimeFrame, named: boolean): EChartsCoreOption {
  return {
    silent: true,
    itemStyle: { color: 'var(--shade)' },
    label: { show: named, position: 'top', distance: 4, color: 'var(--ink-2)', fontSize: 11, fontFamily: 'inherit' },
    data: warmUps.map(([from, to]) => [{ name: named ? 'warm-up' : '', xAxis: from }, { xAxis: to }]),
  };
}

function marks(
  { leaderChangesSec }: TimeFrame,
  { limits, named }: { readonly limits: readonly Limit[]; readonly named: boolean },
): EChartsCoreOption {
  const leaders = leaderChangesSec.map((at) => ({
    xAxis: at,
    lineStyle: { color: 'var(--leader)', width: 1.25, type: 'solid' },
    label: {
      show: named,
      position: 'end',
      distance: 4,
      formatter: () => 'new leader',
      color: 'var(--leader)',
      fontSize: 11,
      fontFamily: 'inherit',
    },
  }));
  return { silent: true, symbol: 'none', data: [...limits.map(limitLine), ...leaders] };
}
