import { describe, expect, it } from 'vitest';
import { formatDurationMs, parseDurationMs } from '../../src/base/duration.ts';

describe('parseDurationMs', () => {
  it.each([
    { text: '0', ms: 0 },
    { text: '60s', ms: 60_000 },
    { text: '1m30s', ms: 90_000 },
    { text: '1.5s', ms: 1500 },
    { text: '250ms', ms: 250 },
    { text: '100us', ms: 0.1 },
    { text: '1h0m1s', ms: 3_601_000 },
    { text: '', ms: null },
    { text: '5', ms: null },
    { text: '-1s', ms: null },
    { text: '1s ', ms: null },
    { text: 's', ms: null },
    { text: '1d', ms: null },
  ])('$text is $ms ms', ({ text, ms }) => {
    expect(parseDurationMs(text)).toBe(ms);
  });
});

describe('formatDurationMs', () => {
  it.each([
    { ms: 0.85, text: '850 µs' },
    { ms: 5.127, text: '5.13 ms' },
    { ms: 12.34, text: '12.3 ms' },
    { ms: 1250, text: '1.25 s' },
    { ms: 125_000, text: '2m 5s' },
  ])('$ms is $text', ({ ms, text }) => {
    expect(formatDurationMs(ms)).toBe(text);
  });
});
