import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeadCache } from '../../src/wire/head-cache.ts';
import { SendQueue } from '../../src/wire/send-queue.ts';
import { Ended, StreamTable } from '../../src/wire/stream-table.ts';

describe('the stream table', () => {
  it('agrees with a map, whatever is opened and closed', () => {
    const steps = fc.array(fc.record({ open: fc.nat(9), closeAt: fc.double({ min: 0, max: 0.999, noNaN: true }) }), {
      maxLength: 600,
    });
    fc.assert(
      fc.property(steps, (script) => {
        const table = new StreamTable<{ id: number }>();
        const model = new Map<number, { id: number }>();
        let id = 1;
        for (const { open, closeAt } of script) {
          for (let i = 0; i < open; i++, id += 2) {
            const stream = { id };
            table.add(stream);
            model.set(id, stream);
          }
          const victim = [...model.values()][Math.floor(closeAt * model.size)];
          if (victim !== undefined) {
            table.remove(victim, Ended.ByPeer);
            model.delete(victim.id);
          }
        }
        expect(table.size).toBe(model.size);
        for (let known = 1; known < id; known += 2) expect(table.get(known)).toBe(model.get(known) ?? null);
        expect(new Set(table.all())).toEqual(new Set(model.values()));
      }),
      { numRuns: 30 },
    );
  });

  it('remembers how recent streams ended, also beside one that lives long', () => {
    const table = new StreamTable<{ id: number }>();
    table.add({ id: 1 });
    for (let id = 3; id < 4_000; id += 2) {
      const stream = { id };
      table.add(stream);
      table.remove(stream, id % 3 === 0 ? Ended.ByUs : Ended.Cleanly);
      expect(table.ended(id)).toBe((id >>> 1) % 256 === 0 ? Ended.Unknown : id % 3 === 0 ? Ended.ByUs : Ended.Cleanly);
    }
    expect(table.ended(3)).toBe(Ended.Unknown);
    expect(table.get(1)).not.toBe(null);
  });
});

describe('a send queue', () => {
  it('gives back the bytes in order, however they are cut', () => {
    const parts = fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 }), { maxLength: 200 });
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 70 }), (chunks, step) => {
        const queue = new SendQueue();
        const taken: Buffer[] = [];
        for (const chunk of chunks) {
          queue.put(chunk);
          const count = Math.min(queue.bytes, Math.floor(step / 2));
          const target = Buffer.alloc(count);
          queue.take(count, target, 0);
          taken.push(target);
        }
        while (queue.bytes > 0) {
          const target = Buffer.alloc(Math.min(step, queue.bytes));
          queue.take(target.length, target, 0);
          taken.push(target);
        }
        expect(Buffer.concat(taken)).toEqual(Buffer.concat(chunks));
      }),
    );
  });
});

describe('a head cache', () => {
  const block = (listBytes: number) => ({ headers: [], listBytes, tooLarge: false });

  it('derives from a block once, until eight others came', () => {
    let derived = 0;
    const cache = new HeadCache(() => ++derived);
    const first = block(100);
    expect([cache.get(first), cache.get(first)]).toEqual([1, 1]);
    for (let i = 0; i < 8; i++) cache.get(block(100));
    expect(cache.get(first)).toBe(10);
  });

  it('does not pin a large one', () => {
    let derived = 0;
    const cache = new HeadCache(() => ++derived);
    const large = block(60_000);
    expect([cache.get(large), cache.get(large)]).toEqual([1, 2]);
  });
});
