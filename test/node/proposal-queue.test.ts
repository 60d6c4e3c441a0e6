import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proposalsMax, ProposalQueue } from '../../src/node/proposal-queue.ts';
import type { Proposer } from '../../src/node/requests.ts';

const silent: Proposer = { onApplied: () => {}, onFailed: () => {} };

type Move = 'push' | 'handOver' | 'take' | 'pass' | 'foreign';

describe('the queue of proposals', () => {
  it('answers every proposer once, in order, under the index that its entry got', () => {
    const moves = fc.array(fc.constantFrom<Move>('push', 'push', 'handOver', 'take', 'take', 'pass', 'foreign'), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(moves, (list) => {
        const queue = new ProposalQueue();
        const proposers: Proposer[] = [];
        const told: Proposer[] = [];
        const log: (Proposer | null)[] = []; // who proposed the entry at each index, from 1
        let waiting: Proposer[] = [];
        let applied = 0;
        let nowMs = 0;
        const apply = (): void => {
          if (applied === log.length) return;
          const expected = log[applied++]!;
          const found = queue.take(applied);
          expect(found).toBe(expected === null || told.includes(expected) ? null : expected);
          if (found !== null) told.push(found);
        };
        for (const move of list) {
          if (move === 'push') {
            const proposer = { ...silent };
            proposers.push(proposer);
            waiting.push(proposer);
            queue.push(new Uint8Array(10), proposer, nowMs + 50);
          } else if (move === 'handOver') {
            expect(queue.handOver(log.length + 1)).toHaveLength(waiting.length);
            log.push(...waiting);
            waiting = [];
          } else if (move === 'take') apply();
          else if (move === 'foreign')
            log.push(null); // a leader's empty entry
          else {
            nowMs += 20;
            queue.expire(nowMs, (proposer, inLog) => {
              expect(told).not.toContain(proposer);
              expect(inLog).toBe(log.includes(proposer));
              waiting = waiting.filter((each) => each !== proposer);
              told.push(proposer);
            });
          }
        }
        queue.handOver(log.length + 1);
        log.push(...waiting);
        while (applied < log.length) apply();
        expect(new Set(told)).toEqual(new Set(proposers));
        expect(told).toHaveLength(proposers.length);
        expect(queue).toMatchObject({ size: 0, bytes: 0, waiting: 0 });
      }),
      // The younger expires behind the older, which then is applied: the last, it must not stay.
      { examples: [[['push', 'handOver', 'push', 'pass', 'pass', 'pass']]] },
    );
  });

  it('is full at its bound, goes round its ring, and frees what expired before anybody led', () => {
    const queue = new ProposalQueue();
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < proposalsMax; i++) queue.push(new Uint8Array(1), silent, round * 100);
      expect(queue.isFull).toBe(true);
      if (round % 2 === 0) queue.expire(round * 100, () => {});
      else {
        const first = round * proposalsMax;
        expect(queue.handOver(first)).toHaveLength(proposalsMax);
        for (let i = 0; i < proposalsMax; i++) expect(queue.take(first + i)).toBe(silent);
      }
      expect(queue).toMatchObject({ size: 0, bytes: 0 });
    }
  });
});
