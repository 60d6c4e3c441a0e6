/** The pacer's thread: paces one phase per message, asleep in Atomics.wait in between. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { nowMs } from '../base/clock.ts';
import { createSchedule } from './arrival.ts';
import { LaneCounters } from './lane-counters.ts';
import { phaseAt } from './plan.ts';
import { pace, type PacerWorld } from './pacer.ts';
import { arrivalSeed } from './plan.ts';
import type { PacerData, PacerPhase } from './thread-messages.ts';

assert(parentPort !== null, 'this file runs in a worker');
const data = workerData as PacerData;
const lanes = data.lanes.map((buffer) => new LaneCounters(buffer));
/** The number of the newest phase that was stopped. */
const stopped = new Int32Array(data.stopped);

function worldOf(phaseNumber: number): PacerWorld {
  return {
    nowUs: () => nowMs() * 1e3,
    sleep: (us) => {
      const seen = Atomics.load(stopped, 0);
      if (seen < phaseNumber) Atomics.wait(stopped, 0, seen, us / 1e3);
      return Atomics.load(stopped, 0) >= phaseNumber;
    },
    knock: (lane) => lanes[lane]!.knock(),
  };
}

parentPort.on('message', ({ number, index, startUs }: PacerPhase) => {
  const { phase } = phaseAt(data.workload, index);
  if (phase.arrival.model === 'closed') return;
  const bounds = { durationMs: phase.durationMs, count: phase.count, seed: arrivalSeed(data.workload, index) };
  pace({ schedule: createSchedule(phase.arrival, bounds), startUs, lanes: lanes.length }, worldOf(number));
});
