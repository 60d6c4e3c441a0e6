/** A lane's thread: pumps messages, knocks and ticks into a LaneHost. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { nowMs } from '../base/clock.ts';
import { messageOf } from '../base/failure.ts';
import { LaneCounters, wakeIndex } from './lane-counters.ts';
import { LaneHost } from './lane-host.ts';
import type { FromLane, LaneData, ToLane } from './thread-messages.ts';

const tickMs = 10;
const countConnectionsMs = 250;

assert(parentPort !== null, 'this file runs in a worker');
const port = parentPort;
const data = workerData as LaneData;
const counters = new LaneCounters(data.counters);
const host = new LaneHost(data.spec, data.place, counters, () => nowMs() * 1e3);
const tell = (message: FromLane): void => port.postMessage(message);

/** Sleeps on the wake word without holding the event loop. Should it miss a knock, the tick comes soon after. */
function awaitKnock(): void {
  const seen = Atomics.load(counters.words, wakeIndex);
  host.wake();
  const waiting = Atomics.waitAsync(counters.words, wakeIndex, seen);
  if (waiting.async) void waiting.value.then(awaitKnock);
  else setImmediate(awaitKnock); // it changed between the two lines
}

port.on('message', (message: ToLane) => {
  switch (message.kind) {
    case 'phase':
      void host.runPhase(message.start).then((report) => tell({ kind: 'phaseEnd', report }));
      setTimeout(() => host.wake(), message.start.startUs / 1e3 - nowMs()); // a closed loop has no pacer
      return;
    case 'stop':
      return host.stop(message.graceMs);
    case 'close':
      void host.close().then(() => tell({ kind: 'closed' }));
  }
});

setInterval(() => host.tick(), tickMs);
setInterval(() => host.countConnections(), countConnectionsMs);
awaitKnock();
host.connect().then(
  () => tell({ kind: 'connected' }),
  (thrown: unknown) => tell({ kind: 'connectFailed', message: messageOf(thrown) }),
);
