/** A lane's thread: pumps messages, knocks and ticks into a LaneHost, which the first message makes. */
import { parentPort } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { nowMs } from '../base/clock.ts';
import { ExitCode, messageOf } from '../base/failure.ts';
import { ConnectFailure, failureOfConnect } from '../client/connect-failure.ts';
import { prepareRecorders } from './histogram.ts';
import { LaneCounters, wakeIndex } from './lane-counters.ts';
import { LaneHost, type PhaseStart } from './lane-host.ts';
import { tickUs } from './lane.ts';
import type { FromLane, LaneData, ToLane } from './thread-messages.ts';

const countConnectionsMs = 250;

assert(parentPort !== null, 'this file runs in a worker');
const port = parentPort;
const tell = (message: FromLane): void => port.postMessage(message);
let host: LaneHost | null = null;
prepareRecorders();

port.on('message', (message: ToLane) => {
  if (message.kind === 'begin') {
    assert(host === null, 'a lane begins once');
    host = begin(message.data);
    return;
  }
  assert(host !== null, 'a lane begins before anything else');
  switch (message.kind) {
    case 'phase':
      return runPhase(host, message.start);
    case 'stop':
      return host.stop(message.graceMs);
    case 'close':
      void host.close().then(() => tell({ kind: 'closed' }));
  }
});

function begin({ spec, place, counters: buffer }: LaneData): LaneHost {
  const counters = new LaneCounters(buffer);
  const lane = new LaneHost(spec, place, counters, () => nowMs() * 1e3);
  setInterval(() => lane.tick(), tickUs / 1e3);
  setInterval(() => lane.countConnections(), countConnectionsMs);
  awaitKnock(lane, counters);
  lane.connect().then(
    () => tell({ kind: 'connected' }),
    (thrown: unknown) => tell(connectFailed(thrown)),
  );
  return lane;
}

/** An error loses its class between threads. */
function connectFailed(thrown: unknown): FromLane {
  if (!(thrown instanceof ConnectFailure)) {
    const details = { exitCode: ExitCode.unreachable };
    return { kind: 'connectFailed', code: 'UNREACHABLE', message: messageOf(thrown), details };
  }
  const { code, message, exitCode, remedy } = failureOfConnect(thrown);
  return { kind: 'connectFailed', code, message, details: remedy === null ? { exitCode } : { exitCode, remedy } };
}

function runPhase(lane: LaneHost, start: PhaseStart): void {
  void lane.runPhase(start).then((report) => tell({ kind: 'phaseEnd', report }));
  setTimeout(() => lane.wake(), start.startUs / 1e3 - nowMs()); // a closed loop has no pacer
}

/** Sleeps on the wake word without holding the event loop. Should it miss a knock, the tick comes soon after. */
function awaitKnock(lane: LaneHost, counters: LaneCounters): void {
  const again = (): void => {
    const seen = Atomics.load(counters.words, wakeIndex);
    lane.wake();
    const waiting = Atomics.waitAsync(counters.words, wakeIndex, seen);
    if (waiting.async) void waiting.value.then(again);
    else setImmediate(again); // it changed between the two lines
  };
  again();
}
