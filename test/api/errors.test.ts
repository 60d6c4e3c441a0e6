import { describe, expect, it } from 'vitest';
import { etcdErrorKey, etcdErrorOf, etcdErrors } from '../../src/api/errors.ts';

const rows = Object.entries(etcdErrors);

describe('the error table', () => {
  it('has all 63 errors of etcd, and 7 that come through unmapped', () => {
    const own = rows.filter(([, row]) => row.message.startsWith('etcdserver: '));
    expect(own.length).toBe(63);
    expect(rows.length).toBe(70);
  });

  it('has each message once, so that a message leads to one key', () => {
    expect(new Set(rows.map(([, row]) => row.message)).size).toBe(rows.length);
    for (const [key, row] of rows) expect(etcdErrorKey(row.message)).toBe(key);
  });

  it('says what to do about each, in a sentence', () => {
    for (const [key, row] of rows) expect(row.remedy, key).toMatch(/^[A-Z].*\.$/);
  });

  it.each([
    { message: 'etcdserver: mvcc: database space exceeded', key: 'NO_SPACE', grpc: 8 },
    { message: 'etcdserver: too many requests', key: 'REQUEST_TOO_MANY_REQUESTS', grpc: 2 },
    { message: 'etcdserver: user name is empty', key: 'USER_EMPTY', grpc: 3 },
    { message: 'etcdserver: invalid auth token', key: 'INVALID_AUTH_TOKEN', grpc: 16 },
    { message: 'context deadline exceeded', key: 'PROPOSAL_DEADLINE_EXCEEDED', grpc: 4 },
  ])('$message is $key', ({ message, key, grpc }) => {
    expect(etcdErrorKey(message)).toBe(key);
    expect(etcdErrorOf(message)?.grpc).toBe(grpc);
  });

  it('remembers the code of older releases', () => {
    expect(etcdErrors.NOT_SUPPORTED_FOR_LEARNER).toMatchObject({ grpc: 9, grpcBefore36: 14 });
    expect(etcdErrors.COMPACTED).toMatchObject({ grpc: 11, grpcBefore36: 11 });
  });

  it.each(['', 'etcdserver: ', 'etcdserver: no leader ', 'no leader', 'toString'])('%j is no error of etcd', (text) => {
    expect(etcdErrorOf(text)).toBeNull();
  });
});
