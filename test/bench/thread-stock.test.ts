/** Threads of `dist` before, between and after loads. */
import { afterEach, describe, expect, it } from 'vitest';
import { ThreadStock, type TakenThreads } from '../../src/bench/thread-stock.ts';

const taken: TakenThreads[] = [];

function take(stock: ThreadStock, connections: number): TakenThreads {
  const threads = stock.take(connections);
  taken.push(threads);
  return threads;
}

afterEach(async () => {
  const ends = taken.splice(0).flatMap(({ lanes, pacer }) => [...lanes.map((lane) => lane.end()), pacer.terminate()]);
  await Promise.all(ends);
});

describe('a stock of threads', () => {
  it.each([
    { warm: true, connections: 100, lanes: 2 },
    { warm: true, connections: 1, lanes: 1 },
    { warm: false, connections: 100, lanes: 2 },
    { warm: false, connections: 1, lanes: 1 },
  ])('of 2, warm $warm, gives $lanes lanes to $connections connections', ({ warm, connections, lanes }) => {
    const stock = new ThreadStock(2);
    if (warm) stock.warm();
    expect(take(stock, connections).lanes).toHaveLength(lanes);
  });

  it('gives no thread away twice', () => {
    const stock = new ThreadStock(2);
    stock.warm();
    stock.warm();
    const [first, second] = [take(stock, 2), take(stock, 2)];
    expect(first.pacer).not.toBe(second.pacer);
    expect(new Set([...first.lanes, ...second.lanes]).size).toBe(4);
  });

  it('tells who waits for a thread that it has ended', async () => {
    const stock = new ThreadStock(1);
    stock.warm();
    const [lane] = take(stock, 1).lanes;
    await lane!.end();
    await expect(lane!.connected()).rejects.toThrow('ended with code');
  });

  it('has as many lanes as the machine has room for, and at least one', () => {
    expect(take(new ThreadStock(), 1).lanes).toHaveLength(1);
  });
});
