/** Which failure means what, as a table. */
import { describe, expect, it } from 'vitest';
import { methodByPath } from '../../src/api/methods.ts';
import { wasNotSent } from '../../src/client/early-failure.ts';
import { isRepeatable, remedyFor, type FailedCall } from '../../src/client/retry-policy.ts';
import { Code, StatusError } from '../../src/wire/status.ts';

const write = { repeatable: false, unseen: false, hadToken: true, hasUser: true };
const read = { ...write, repeatable: true };

describe('remedy', () => {
  it.each<[code: Code, message: string, call: Omit<FailedCall, 'error'>, remedy: string]>([
    [Code.Unavailable, 'etcdserver: no leader', read, 'elsewhere'],
    [Code.Unavailable, 'etcdserver: leader changed', read, 'elsewhere'],
    [Code.Unavailable, 'connection reset', read, 'elsewhere'],
    [Code.Unavailable, 'etcdserver: no leader', write, 'give up'],
    [Code.Unavailable, 'connection reset', write, 'give up'],
    [Code.Unavailable, 'refused', { ...write, unseen: true }, 'elsewhere'],
    [Code.DeadlineExceeded, 'context deadline exceeded', read, 'give up'],
    [Code.Canceled, 'context canceled', read, 'give up'],
    [Code.Unknown, 'etcdserver: too many requests', read, 'give up'],
    [Code.ResourceExhausted, 'etcdserver: mvcc: database space exceeded', read, 'give up'],
    [Code.Unauthenticated, 'etcdserver: invalid auth token', write, 'refresh'],
    [Code.InvalidArgument, 'etcdserver: revision of auth store is old', write, 'refresh'],
    [Code.Unauthenticated, 'etcdserver: invalid auth token', { ...write, hasUser: false }, 'give up'],
    [Code.InvalidArgument, 'etcdserver: user name is empty', { ...write, hadToken: false }, 'refresh'],
    [Code.InvalidArgument, 'etcdserver: user name is empty', write, 'give up'],
    [Code.PermissionDenied, 'etcdserver: permission denied', read, 'give up'],
  ])('%i %s %o: %s', (code, message, call, remedy) => {
    expect(remedyFor({ ...call, error: new StatusError(code, message) })).toBe(remedy);
  });

  it('repeats no method that changes anything', () => {
    const repeated = [...methodByPath.keys()].filter(isRepeatable).map((path) => path.split('/')[2]);
    expect(repeated.sort()).toEqual(
      [
        'AuthStatus',
        'Authenticate',
        'Check',
        'Hash',
        'HashKV',
        'LeaseLeases',
        'LeaseTimeToLive',
        'MemberList',
        'Range',
        'RoleGet',
        'RoleList',
        'Status',
        'UserGet',
        'UserList',
      ].sort(),
    );
  });

  it.each([
    ['call not sent: http://127.0.0.1:1: connection refused', true],
    ['the server sent GOAWAY NO_ERROR "graceful_stop"', true],
    ['stream terminated by RST_STREAM with error code: REFUSED_STREAM', true],
    ['Stream refused by server', true],
    ['stream terminated by RST_STREAM with error code: CANCEL', false],
    ['connection closed by the peer', false],
    ['etcdserver: no leader', false],
  ])('%s: unseen %s', (message, unseen) => expect(wasNotSent(message)).toBe(unseen));
});
