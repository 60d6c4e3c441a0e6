/** The pacer's thread: paces one phase per message, asleep in Atomics.wait in between. The first message says for whom. */
import { parentPort } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { nowMs } from '../base/clock.ts';
import { createSchedule } from './arrival.ts';
import { LaneCounters } from './lane-counters.ts';
import { arrivalSeed, phaseAt } from './plan.ts';
import { pace, type PacerWorld } from './pacer.ts';
import type { PacerData, PacerPhase, ToPacer } from './thread-messages.ts';

assert(parentPort !== null, 'this file runs in a worker');
let data: PacerData | null = null;

parentPort.on('message', (message: ToPacer) => {
  if (message.kind === 'begin') data = message.data;
  else paceFor(data, message.phase);
});

function paceFor(data: PacerData | null, { number, index, startUs }: PacerPhase): void {
  assert(data !== null, 'a pacer begins before it paces');
  const { phase } = phaseAt(data.workload, index);
  if (phase.arrival.model === 'closed') return;
  const bounds = { durationMs: phase.durationMs, count: phase.count, seed: arrivalSeed(data.workload, index) };
  const world = worldOf(data, number);
  pace({ schedule: createSchedule(phase.arrival, bounds), startUs, lanes: data.lanes.length }, world);
}

function worldOf({ lanes: buffers, stopped: word }: PacerData, phaseNumber: number): PacerWorld {
  const lanes = buffers.map((buffer) => new LaneCounters(buffer));
  /** The number of the newest phase that was stopped. */
  const stopped = new Int32Array(word);
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
