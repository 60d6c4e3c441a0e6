/**
 * The attacks of scripts.ts against a server in a process of its own, while an honest client on another connection is
 * served. After each: the answer is right, what the server holds is bounded, the honest client has missed nothing.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attacks } from './scripts.ts';
import { HonestClient } from './honest-client.ts';
import { type Report, Victim } from './victim.ts';

const mebibyte = 1024 * 1024;
const budgetBytes = 32 * mebibyte; // victim.mjs
/** Of the defaults, only times and bytes are smaller, so that the scripts reach them soon. */
const limits = {
  connectionBytesMax: 8 * mebibyte,
  prefaceMs: 2_000,
  slowFrameMs: 1_500,
  slowRequestMs: 2_000,
  stalledReaderMs: 1_500,
};

let victim: Victim;
let before: Report;

beforeAll(async () => {
  victim = await Victim.start(limits);
  const warm = new HonestClient(victim.port);
  warm.start();
  await warm.stop();
  before = await victim.report();
});

afterAll(() => victim.stop());

describe('under attack', () => {
  it.each(attacks.map((attack) => [`${attack.name} (${attack.against})`, attack] as const))('%s', async (_, attack) => {
    const honest = new HonestClient(victim.port);
    honest.start();
    const answer = await attack.run(victim.port);
    await honest.stop();
    expect(answer).toBe(attack.answer);
    expect(honest.failures).toEqual([]);
    expect(honest.served).toBeGreaterThanOrEqual(3);
    const report = await victim.report();
    expect(victim.exitCode).toBeNull();
    expect(report.peak.budgetBytes).toBeLessThan(limits.connectionBytesMax + 8 * mebibyte);
    expect(report.peak.rssBytes - before.rssBytes).toBeLessThan(96 * mebibyte);
    expect(report.heldBytes - before.heldBytes).toBeLessThan(16 * mebibyte);
  });

  it('and in the end nothing is held', async () => {
    expect(budgetBytes).toBeGreaterThan(limits.connectionBytesMax);
    await expect.poll(async () => (await victim.report()).connectionsOpen).toBe(0);
    const report = await victim.report();
    expect(report.budgetBytes).toBe(0);
    expect(report.heldBytes - before.heldBytes).toBeLessThan(8 * mebibyte);
  });
});
