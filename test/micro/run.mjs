// `npm run bench:micro`: what one step of a request costs, in nanoseconds, over the built code. Each case is repeated
// until it has run for a while; the median of several such runs is printed. Figures, not tests: nothing here can fail.
import { backendFigures } from './backend.mjs';
import { hpackCases } from './hpack.mjs';
import { codecCases } from './codecs.mjs';
import { histogramCases } from './histogram.mjs';
import { frameCases } from './frames.mjs';
import { keyIndexCases, keyIndexFigures } from './key-index.mjs';
import { applyCases } from './apply.mjs';
import { walCases, walFigures } from './wal.mjs';

const roundMs = 120;
const rounds = 7;

/** Runs `body(times)` for about `roundMs`; nanoseconds per time. */
function timeOnce(body, times) {
  const startedNs = process.hrtime.bigint();
  body(times);
  return Number(process.hrtime.bigint() - startedNs) / times;
}

function measure(body) {
  let times = 1000;
  let ns = timeOnce(body, times);
  while (ns * times < (roundMs / 2) * 1e6) {
    times = Math.min(times * 8, Math.ceil((roundMs * 1e6) / ns));
    ns = timeOnce(body, times);
  }
  const figures = Array.from({ length: rounds }, () => timeOnce(body, times)).sort((a, b) => a - b);
  return { medianNs: figures[rounds >> 1], leastNs: figures[0] };
}

const pattern = new RegExp(process.argv[2] ?? '', 'i');
process.stdout.write(`node ${process.version}, ns per operation: median and least of ${rounds} runs\n\n`);
for (const { name, body } of [
  ...frameCases,
  ...hpackCases,
  ...codecCases,
  ...histogramCases,
  ...keyIndexCases,
  ...applyCases,
  ...walCases,
]) {
  if (!pattern.test(name)) continue;
  const { medianNs, leastNs } = measure(body);
  process.stdout.write(`${name.padEnd(64)} ${medianNs.toFixed(0).padStart(8)} ${leastNs.toFixed(0).padStart(8)}\n`);
}
for (const { name, figure } of [...keyIndexFigures, ...walFigures, ...backendFigures]) {
  if (pattern.test(name)) process.stdout.write(`${name.padEnd(64)} ${(await figure()).toFixed(0).padStart(8)}\n`);
}
