/**
 * Charts as SVG text, drawn by echarts without a browser. Colours are CSS custom properties, so one drawing serves the
 * light and the dark scheme; each chart is drawn for a wide and for a narrow column, and the page shows the one that
 * fits. This folder alone knows the chart library.
 */
import { LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components';
import { init, use, type EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { escapeHtml, html, trusted, type Markup } from '../markup.ts';

use([LineChart, ScatterChart, GridComponent, MarkAreaComponent, MarkLineComponent, SVGRenderer]);

/** Where the plot lies in its drawing, in px; the same for all charts of a column, so that their axes line up. */
export interface Layout {
  readonly width: number;
  readonly left: number;
  readonly right: number;
  readonly narrow: boolean;
}

/** For a column of about 1,000 px, and for paper. */
export const wide: Layout = { width: 960, left: 60, right: 92, narrow: false };
/** For a phone. */
export const narrow: Layout = { width: 344, left: 46, right: 62, narrow: true };

/** A chart before it is drawn. */
export interface ChartSpec {
  /** Unique in the page: its clip paths are named after it. */
  readonly id: string;
  /** What a screen reader says in place of the drawing. */
  readonly label: string;
  readonly height: (layout: Layout) => number;
  readonly option: (layout: Layout) => EChartsCoreOption;
}

/** Both drawings in one figure; style shows one of them. */
export function chart(spec: ChartSpec): Markup {
  const drawn = [wide, narrow].map((layout) => trusted(draw(spec, layout)));
  return html`<div class="chart">${drawn}</div>`;
}

function draw({ id, label, height, option }: ChartSpec, layout: Layout): string {
  const size = { width: layout.width, height: height(layout) };
  const drawing = init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    drawing.setOption({ animation: false, ...option(layout) });
    return tidied(drawing.renderToSVGString(), `${id}-${layout.narrow ? 'n' : 'w'}`, { ...size, label, layout });
  } finally {
    drawing.dispose();
  }
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly layout: Layout;
}

/**
 * The library numbers its ids by how many charts the process drew before, and adds hover styles and bookkeeping
 * attributes: all that goes, so that the same result gives the same bytes and no style of one chart reaches another.
 */
function tidied(svg: string, id: string, { width, height, label, layout }: Frame): string {
  const body = svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/<\/?svg[^>]*>/g, '')
    .replace(/<rect width="\d+" height="\d+" x="0" y="0" fill="none"><\/rect>/, '')
    .replace(/ (?:class|pointer-events|ecmeta_\w+|stroke-linejoin|stroke-miterlimit)="[^"]*"/g, '')
    .replace(/ style="font-size:(\d+)px;[^"]*"/g, ' font-size="$1"')
    .replace(/\bzr\d+-/g, `${id}-`)
    .replace(/<defs >\s*<\/defs>/g, '')
    .replace(/\s*\n\s*/g, '');
  const kind = layout.narrow ? 'narrow' : 'wide';
  return `<svg class="${kind}" role="img" aria-label="${escapeHtml(label)}" viewBox="0 0 ${width} ${height}">${body}</svg>`;
}
