// `npm run bench:path [STAGE]`: what one put (256 B key, 1 KiB value) costs the main thread, stage by stage, over the built
// code without sockets and disks. Batches of a hundred, as group commit makes them; the median batch counts, so that what
// else runs on the machine hardly shows. Allocated bytes are of the JavaScript heap: slabs and buffers are beside it. The
// last column is the budget of the stage, where it was given one.
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { putStages } from './put-stages.mjs';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const batch = 100;
const warmUpBatches = 400;
const timedBatches = 600;
const countedBatches = 50;

/** What `run` takes of the clock and of the heap; what `prepare` takes is its own affair. */
function measure({ prepare = () => {}, run }) {
  const once = () => (prepare(), run());
  for (let i = 0; i < warmUpBatches; i++) once();
  const ns = new Float64Array(timedBatches);
  for (let i = 0; i < timedBatches; i++) {
    prepare();
    const startedNs = process.hrtime.bigint();
    run();
    ns[i] = Number(process.hrtime.bigint() - startedNs);
  }
  const bytes = new Float64Array(countedBatches);
  for (let i = 0; i < countedBatches; i++) {
    prepare();
    if (i % 10 === 0) collectGarbage();
    const before = getHeapStatistics().used_heap_size;
    run();
    bytes[i] = getHeapStatistics().used_heap_size - before;
  }
  return { us: median(ns) / batch / 1e3, bytes: median(bytes) / batch };
}

function median(figures) {
  return figures.sort()[figures.length >> 1];
}

const pattern = new RegExp(process.argv[2] ?? '', 'i');
process.stdout.write(`node ${process.version}; per put on the main thread: µs, allocated bytes, budget in µs\n\n`);
let totalUs = 0;
let totalBytes = 0;
for (const { name, budget = '', ...stage } of putStages(batch)) {
  if (!pattern.test(name)) continue;
  const { us, bytes } = measure(stage);
  totalUs += us;
  totalBytes += bytes;
  process.stdout.write(
    `${name.padEnd(48)}${us.toFixed(2).padStart(7)}${bytes.toFixed(0).padStart(7)}${budget.padStart(7)}\n`,
  );
}
process.stdout.write(
  `${'all of it'.padEnd(48)}${totalUs.toFixed(2).padStart(7)}${totalBytes.toFixed(0).padStart(7)}\n`,
);
