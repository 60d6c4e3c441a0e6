/**
 * A member that lives several times over one disk. Each life is stopped, killed or loses its power at any moment, also
 * before the first election, in the middle of a compaction, a flush or a snapshot. Whatever was applied, and so answered,
 * is in every later life the same entry with the same effect, and no start refuses what an earlier one has left.
 *
 * Only disk and clock stand in memory: the loop, consensus, the log, snapshots, the flusher and the state are the real ones.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { proposalBytes } from './state/entries.ts';
import { readable } from './state/machine.ts';
import { command } from './state/model-commands.ts';
import { commandOf } from './state/model-translation.ts';
import type { ModelCommand } from './state/mvcc-model.ts';
import { type Life, WalWorld } from './wal-world.ts';

type Step = { readonly command: ModelCommand } | { readonly compactBack: number } | { readonly passMs: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ command }) },
  { weight: 1, arbitrary: fc.record({ compactBack: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ passMs: fc.nat(60) }) },
);
/** Many a life ends while everything is swept away. */
const clearance: Step[] = [
  { command: { delete: { key: 'a', rangeEnd: '\0', prevKv: false } } },
  { passMs: 10 },
  { compactBack: 0 },
];
const sweep = fc.nat(60).map((passMs): Step[] => [...clearance, { passMs }]);
const life: fc.Arbitrary<Life & { readonly steps: Step[] }> = fc.record({
  seed: fc.nat(),
  config: fc.record({
    snapshotCount: fc.integer({ min: 1, max: 12 }),
    backendBatchLimit: fc.integer({ min: 1, max: 6 }),
    backendBatchIntervalMs: fc.integer({ min: 1, max: 60 }),
  }),
  commitMs: fc.integer({ min: 1, max: 20 }),
  steps: fc.tuple(fc.array(step, { maxLength: 50 }), fc.oneof(sweep, fc.constant([]))).map((parts) => parts.flat()),
  end: fc.constantFrom('stop', 'kill', 'powerLoss'),
  isCommitWritten: fc.boolean(),
});
const lastLife: Life = { seed: 1, config: {}, commitMs: 1, end: 'stop', isCommitWritten: false };

const nobody = { onApplied: () => {}, onFailed: () => {} };

function take({ clock, node, state }: WalWorld, each: Step): void {
  if ('passMs' in each) return clock.pass(each.passMs);
  const asked = 'command' in each ? each.command : { compact: state.mvcc.revision - each.compactBack };
  node.propose(proposalBytes(commandOf(asked)), nobody);
}

it('a member that is stopped, killed or without power, again and again, is as one that was spared', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(life, { maxLength: 5 }), async (lives) => {
      const world = new WalWorld();
      const { spared } = world;
      for (const each of lives) {
        await world.start(each);
        for (const one of each.steps) take(world, one);
        const caughtUp = world.state.appliedIndex === spared.state.appliedIndex;
        if (caughtUp) expect(readable(world.state)).toEqual(readable(spared.state));
        await world.end(each);
      }
      await world.start(lastLife);
      world.clock.pass(2_000);
      expect(world.node.status).toMatchObject({ isLeader: true, appliedIndex: spared.state.appliedIndex });
      expect(readable(world.state)).toEqual(readable(spared.state));
      await world.end(lastLife);
      await spared.settle();
      expect(world.storage.dump()).toBe(spared.storage.dump());
    }),
    // What is found is told, shrunk that far, before the test is out of time.
    { numRuns: 120, interruptAfterTimeLimit: 40_000 },
  );
});
