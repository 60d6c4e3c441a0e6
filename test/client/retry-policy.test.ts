/** Which failure means what, as a table. */
import { describe, expect, it } from 'vitest';
import { methodByPath } from '../../src/api/methods.ts';
import { wasNotSent } from '../../src/client/early-failure.ts';
import { isRepeatable, remedyFor, type FailedCall } from '../../src/client/retry-policy.ts';
import { Http2ClientConnection } from '../../src/wire/client-connection.ts';
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

describe('a call that the server may have processed', () => {
  const settings = Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0);
  const goaway = (lastId: number): Uint8Array => Uint8Array.of(0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, lastId, 0, 0, 0, 0);

  it.each([
    { lastId: 1, unseen: [false, true] },
    { lastId: 3, unseen: [false, false] },
    { lastId: 0, unseen: [true, true] },
  ])('is never called unseen: two calls, GOAWAY $lastId, then the socket breaks', ({ lastId, unseen }) => {
    const messages: string[] = [];
    const options = { nowMs: 0, onOutput: () => {}, authority: 'a', secure: false };
    const connection = new Http2ClientConnection(options);
    connection.receive(settings, 1);
    const sink = { onReply: (token: number, _code: number, message: string) => void (messages[token] = message) };
    for (const token of [0, 1]) {
      connection.unary('/a/b', new Uint8Array(1), { timeoutMs: 0, metadata: [] }, token, sink, 1);
    }
    connection.takeOutput();
    connection.receive(goaway(lastId), 2);
    connection.transportClosed('connection closed by the peer');
    expect(messages.map(wasNotSent)).toEqual(unseen);
  });
});
