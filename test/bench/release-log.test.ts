import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ClientQueue } from '../../src/bench/client-queue.ts';
import { ReleaseLog } from '../../src/bench/release-log.ts';

it('gives back each request its time, first in first out', () => {
  const step = fc.oneof(
    fc.record({ add: fc.integer({ min: 0, max: 5 }) }),
    fc.record({ take: fc.integer({ min: 0, max: 5 }) }),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const log = new ReleaseLog(1000);
      const model: number[] = [];
      steps.forEach((entry, timeUs) => {
        if ('add' in entry) {
          log.add(timeUs, entry.add);
          for (let i = 0; i < entry.add; i++) model.push(timeUs);
        } else for (let i = 0; i < entry.take && model.length > 0; i++) expect(log.take()).toBe(model.shift());
      });
    }),
  );
});

it('when it is full, counts what comes to the newest batch, and loses none', () => {
  const log = new ReleaseLog(2);
  log.add(10, 1);
  log.add(20, 2);
  log.add(30, 3);
  expect(Array.from({ length: 6 }, () => log.take())).toEqual([10, 20, 20, 20, 20, 20]);
  log.add(40, 1);
  expect(log.take()).toBe(40);
  expect(() => log.take()).toThrow('something was released');
});

it('a client queue is a ring that holds every client once', () => {
  const queue = new ClientQueue(3);
  for (const client of [2, 0, 1]) queue.push(client);
  expect(() => queue.push(0)).toThrow('no client is queued twice');
  expect([queue.first, queue.shift(), queue.shift()]).toEqual([2, 2, 0]);
  queue.push(2);
  expect([queue.shift(), queue.shift(), queue.count]).toEqual([1, 2, 0]);
  expect(() => queue.shift()).toThrow('a client is free');
});
