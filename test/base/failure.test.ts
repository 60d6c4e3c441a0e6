import { expect, it } from 'vitest';
import { assert, AssertionFailure } from '../../src/base/assert.ts';
import { ExitCode, Failure, systemCodeOf } from '../../src/base/failure.ts';

it('says what is wrong and what to do in one line', () => {
  const failure = new Failure('ENDPOINT', 'endpoint "x"\n is wrong', {
    remedy: 'write host:port',
    exitCode: ExitCode.unreachable,
  });
  expect(failure.line).toBe('endpoint "x" is wrong; write host:port');
  expect(failure.exitCode).toBe(6);
});

it('reads the code of system errors only', () => {
  expect(systemCodeOf(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe('ENOENT');
  expect(systemCodeOf(Object.assign(new Error('x'), { code: 5 }))).toBeNull();
  expect(systemCodeOf('ENOENT')).toBeNull();
});

it('stops at a broken invariant', () => {
  expect(() => assert(false, 'log is contiguous')).toThrow(new AssertionFailure('broken invariant: log is contiguous'));
});
