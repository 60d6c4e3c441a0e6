/** A process that leaves through src/node/exit.ts in the situation that its arguments name; exit.test.ts starts it. */
import { readFile } from 'node:fs';
import { beginExit } from '../../build/node/exit.js';

const [closing, disk, loop, fifo] = process.argv.slice(2);
if (disk === 'stuck') readFile(fifo, () => {}); // nobody ever writes: a thread of the pool waits in open(2)
const closings = {
  closed: Promise.resolve(),
  failed: Promise.reject(new Error('closing')),
  never: new Promise(() => {}),
};
closings.failed.catch(() => {});
await new Promise((resolve) => setTimeout(resolve, 20));
process.stdout.write('leaving\n');
const left = beginExit(closings[closing]);
if (loop === 'stands') for (;;);
await left;
process.exit(7);
