import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatNumber, formatPerSecond, formatShare } from '../../src/base/figures.ts';

describe('figures', () => {
  it.each([
    [formatNumber(0), '0'],
    [formatNumber(0.126), '0.13'],
    [formatNumber(12.34), '12.3'],
    [formatNumber(14_999.7), '15,000'],
    [formatPerSecond(150), '150/s'],
    [formatShare(0), '0 %'],
    [formatShare(0.000001), '<0.01 %'],
    [formatShare(0.0004), '0.04 %'],
    [formatShare(0.031), '3.1 %'],
    [formatShare(0.972), '97 %'],
    [formatShare(0.9998), '99.98 %'],
    [formatShare(1), '100 %'],
    [formatBytes(0), '0 B'],
    [formatBytes(1023), '1,023 B'],
    [formatBytes(1024), '1 KiB'],
    [formatBytes(1.5 * 1024 ** 2), '1.5 MiB'],
    [formatBytes(8 * 1024 ** 3), '8 GiB'],
    [formatCount(1, 'key'), '1 key'],
    [formatCount(2000, 'key'), '2,000 keys'],
  ])('%s is %s', (said, expected) => expect(said).toBe(expected));
});
