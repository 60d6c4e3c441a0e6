/**
 * The names of a chart's lines, at the right edge of the plot and as near to their lines' last values as they can stand
 * without touching: a legend that needs no looking up.
 */
import type { EChartsCoreOption } from 'echarts/core';
import type { Line } from './line.ts';

/** px between the middles of two labels of 12 px. */
const spacingPx = 13;

/** Where the labels go. */
export interface LabelPlot {
  /** The right end of the x axis, in its own unit. */
  readonly x: number;
  readonly yAxis: EChartsCoreOption;
  readonly heightPx: number;
}

/** A series that draws nothing but the names. */
export function endLabels(lines: readonly Line[], plot: LabelPlot): EChartsCoreOption {
  const labels = lines.flatMap((line) => {
    const last = line.points.findLast(([, y]) => y !== null)?.[1] ?? null;
    return line.name === '' || last === null
      ? []
      : [{ line, last, wantedPx: (1 - share(plot.yAxis, last)) * plot.heightPx }];
  });
  const placedPx = spread(
    labels.map((label) => label.wantedPx),
    plot.heightPx,
  );
  return {
    type: 'scatter',
    silent: true,
    symbolSize: 1, // without a symbol there is no label
    itemStyle: { color: 'transparent', opacity: 1 },
    data: labels.map(({ line, last, wantedPx }, i) => ({
      value: [plot.x, last],
      label: {
        show: true,
        position: 'right',
        distance: 8,
        offset: [0, Math.round(placedPx[i]! - wantedPx)],
        formatter: () => line.name,
        color: `var(${line.color})`,
        fontSize: 12,
        fontFamily: 'inherit',
      },
    })),
  };
}

/** Moves labels down until none touches another, then the whole pile up until it ends within the plot. */
export function spread(wantedPx: readonly number[], heightPx: number): readonly number[] {
  const order = wantedPx.map((_, i) => i).sort((a, b) => wantedPx[a]! - wantedPx[b]! || a - b);
  const placed: number[] = new Array<number>(wantedPx.length).fill(0);
  let lowest = -Infinity;
  for (const i of order) {
    lowest = Math.max(wantedPx[i]!, lowest + spacingPx);
    placed[i] = lowest;
  }
  let ceiling = heightPx;
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i]!, ceiling);
    ceiling = placed[i] - spacingPx;
  }
  return placed;
}

/** Where a value lies on its axis, 0 at the bottom. */
function share({ type, min, max }: EChartsCoreOption, value: number): number {
  if (typeof min !== 'number' || typeof max !== 'number') return 0;
  const log = type === 'log';
  const at = (each: number): number => (log ? Math.log10(each) : each);
  return Math.min(1, Math.max(0, (at(value) - at(min)) / (at(max) - at(min))));
}
