/**
 * A comfort, not a need: with a pointer over the timeline, a line goes through all of its strips and each says its values
 * at that moment. Without the script the page reads the same. The page's policy allows this text alone, by its hash.
 */
import { createHash } from 'node:crypto';

/** Plain JavaScript of any browser of the last years: it runs in the page, not here. */
export const pageScript = `
'use strict';
(() => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const number = (v) => v.toLocaleString('en-US', { maximumFractionDigits: v < 10 ? 2 : v < 100 ? 1 : 0 });
  const formats = {
    rate: (v) => number(v) + '/s',
    ms: (v) => (v < 1 ? Math.round(v * 1000) + ' µs' : v < 1000 ? number(v) + ' ms' : number(v / 1000) + ' s'),
    number,
    bytes: (v) => {
      let unit = 0;
      while (v >= 1024 && unit < 4) { v /= 1024; unit++; }
      return number(v) + ' ' + units[unit];
    },
  };
  const nearest = (points, at) => {
    let best = null;
    for (const point of points) if (point[1] !== null && (best === null || Math.abs(point[0] - at) < Math.abs(best[0] - at))) best = point;
    return best;
  };
  for (const timeline of document.querySelectorAll('.timeline')) {
    const { end, plots, strips } = JSON.parse(timeline.querySelector('script').textContent);
    const figures = [...timeline.querySelectorAll('.strip')];
    const cursors = figures.map((figure) => figure.querySelector('.chart').appendChild(Object.assign(document.createElement('i'), { className: 'cursor', hidden: true })));
    const hide = () => {
      for (const cursor of cursors) cursor.hidden = true;
      for (const figure of figures) figure.querySelector('output').textContent = '';
    };
    timeline.addEventListener('pointerleave', hide);
    timeline.addEventListener('pointermove', (event) => {
      const box = figures[0].querySelector('.chart').getBoundingClientRect();
      const plot = plots[getComputedStyle(figures[0].querySelector('.wide')).display === 'none' ? 1 : 0];
      const at = (((event.clientX - box.left) / box.width) * plot.width - plot.left) / (plot.width - plot.left - plot.right) * end;
      if (at < 0 || at > end) return hide();
      figures.forEach((figure, i) => {
        cursors[i].hidden = false;
        cursors[i].style.left = ((plot.left + (at / end) * (plot.width - plot.left - plot.right)) / plot.width) * 100 + '%';
        const said = strips[i].flatMap(([name, points]) => {
          const point = nearest(points, at);
          return point === null || Math.abs(point[0] - at) > end / 20 ? [] : [name + ' ' + formats[figure.dataset.format](point[1])];
        });
        figure.querySelector('output').textContent = number(at) + ' s: ' + said.join(', ');
      });
    });
  }
})();
`;

/** What the page's content security policy names. */
export const pageScriptSource = `'sha256-${createHash('sha256').update(pageScript).digest('base64')}'`;
