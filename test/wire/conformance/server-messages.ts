/** What makes a request malformed (RFC 9113 8), and what a gRPC server owes a call (grpc/doc/PROTOCOL-HTTP2.md). */
import { concat, data, ErrorCode, Flag, headers, message, resetStream } from '../frames.ts';
import { open, requestHeaders, type ServerRow, served, unary } from './row.ts';

const malformed = ['RST_STREAM 1 PROTOCOL_ERROR'];
const whole = Flag.END_HEADERS | Flag.END_STREAM;

/** A request whose headers have these changes, and then everything that belongs to it. */
const with_ = (changes: Record<string, string | null>) => unary(1, 'abc', '/t.T/Echo', changes);

export const malformedRows: readonly ServerRow[] = [
  {
    section: '9113 8.1',
    says: 'trailers end the request',
    send: concat(open(1), data(1, message('abc')), headers(1, [['x-trailer', 'y']], whole)),
    expect: served(1),
  },
  {
    section: '9113 8.1',
    says: 'trailers without END_STREAM',
    send: concat(open(1, '/t.T/Sum'), data(1, message('abc')), headers(1, [['x-trailer', 'y']])),
    expect: malformed,
  },
  {
    section: '9113 8.1.1',
    says: 'less DATA than content-length says',
    send: with_({ 'content-length': '9' }),
    expect: malformed,
  },
  {
    section: '9113 8.1.1',
    says: 'more DATA than content-length says',
    send: with_({ 'content-length': '7' }),
    expect: malformed,
  },
  {
    section: '9113 8.1.1',
    says: 'as much DATA as content-length says',
    send: with_({ 'content-length': '8' }),
    expect: served(1),
  },
  {
    section: '9113 8.1.1',
    says: 'a content-length that is no number',
    send: with_({ 'content-length': '8x' }),
    expect: malformed,
  },
  { section: '9113 8.2.1', says: 'an upper-case field name', send: with_({ 'X-Upper': 'y' }), expect: malformed },
  { section: '9113 8.2.1', says: 'a blank in a field name', send: with_({ 'x y': 'z' }), expect: malformed },
  { section: '9113 8.2.1', says: 'a colon inside a field name', send: with_({ 'x:y': 'z' }), expect: malformed },
  {
    section: '9113 8.2.1',
    says: 'a control character in a field name',
    send: with_({ 'x\x7f': 'z' }),
    expect: malformed,
  },
  {
    section: '9113 8.2.1',
    says: 'an octet above 127 in a field name',
    send: with_({ 'x\xe4': 'z' }),
    expect: malformed,
  },
  { section: '9113 8.2.1', says: 'an empty field name', send: with_({ '': 'z' }), expect: malformed },
  { section: '9113 8.2.1', says: 'NUL in a value', send: with_({ x: 'a\0b' }), expect: malformed },
  { section: '9113 8.2.1', says: 'a line feed in a value', send: with_({ x: 'a\nb' }), expect: malformed },
  { section: '9113 8.2.1', says: 'a carriage return in a value', send: with_({ x: 'a\rb' }), expect: malformed },
  { section: '9113 8.2.1', says: 'a value that starts with a blank', send: with_({ x: ' a' }), expect: malformed },
  { section: '9113 8.2.1', says: 'a value that ends with a tab', send: with_({ x: 'a\t' }), expect: malformed },
  { section: '9113 8.2.2', says: 'connection', send: with_({ connection: 'close' }), expect: malformed },
  { section: '9113 8.2.2', says: 'proxy-connection', send: with_({ 'proxy-connection': 'close' }), expect: malformed },
  { section: '9113 8.2.2', says: 'keep-alive', send: with_({ 'keep-alive': 'timeout=1' }), expect: malformed },
  {
    section: '9113 8.2.2',
    says: 'transfer-encoding',
    send: with_({ 'transfer-encoding': 'chunked' }),
    expect: malformed,
  },
  { section: '9113 8.2.2', says: 'upgrade', send: with_({ upgrade: 'h2c' }), expect: malformed },
  { section: '9113 8.2.2', says: 'te of something else than trailers', send: with_({ te: 'gzip' }), expect: malformed },
  {
    section: '9113 8.3',
    says: 'a pseudo-header behind a regular field',
    send: headers(1, [['x', 'y'], ...requestHeaders()], whole),
    expect: malformed,
  },
  {
    section: '9113 8.3',
    says: 'an unknown pseudo-header',
    send: headers(1, [[':x', 'y'], ...requestHeaders()], whole),
    expect: malformed,
  },
  {
    section: '9113 8.3',
    says: 'a pseudo-header of responses',
    send: headers(1, [[':status', '200'], ...requestHeaders()], whole),
    expect: malformed,
  },
  {
    section: '9113 8.3',
    says: 'a pseudo-header in trailers',
    send: concat(open(1, '/t.T/Sum'), headers(1, [[':path', '/']], whole)),
    expect: malformed,
  },
  ...[':method', ':scheme', ':path'].map((name) => ({
    section: '9113 8.3.1',
    says: `a request without ${name}`,
    send: with_({ [name]: null }),
    expect: malformed,
  })),
  ...[':method', ':scheme', ':path', ':authority'].map((name) => ({
    section: '9113 8.3.1',
    says: `${name} twice`,
    send: headers(1, [...requestHeaders().slice(0, 4), [name, 'x'], ...requestHeaders().slice(4)], whole),
    expect: malformed,
  })),
  { section: '9113 8.3.1', says: 'an empty :path', send: with_({ ':path': '' }), expect: malformed },
  {
    section: '9113 8.3.1',
    says: 'a request without :authority',
    send: with_({ ':authority': null }),
    expect: served(1),
  },
  {
    section: '9113 8.2.3',
    says: 'cookie crumbs are no error',
    send: concat(headers(1, [...requestHeaders(), ['cookie', 'a=b'], ['cookie', 'c=d']]), data(1, message('abc'), 1)),
    expect: served(1),
  },
];

const trailersOnly = (code: number) => [`HEADERS 1 200 grpc ${code} END`];
/** Answered before the request had ended: what is still on its way is not wanted (RFC 9113 8.1). */
const early = (status: number, code: number) => [`HEADERS 1 ${status} grpc ${code} END`, 'RST_STREAM 1 NO_ERROR'];

export const grpcRows: readonly ServerRow[] = [
  { section: 'gRPC Requests', says: 'a unary call', send: unary(1), expect: served(1) },
  {
    section: 'gRPC Requests',
    says: 'content-type with a suffix',
    send: with_({ 'content-type': 'application/grpc+proto' }),
    expect: served(1),
  },
  {
    section: 'gRPC Requests',
    says: 'content-type with a parameter',
    send: with_({ 'content-type': 'application/grpc;charset=utf-8' }),
    expect: served(1),
  },
  {
    section: 'gRPC Requests',
    says: 'another content-type is 415 where nobody serves HTTP',
    send: with_({ 'content-type': 'application/json' }),
    expect: early(415, 13),
  },
  {
    section: 'gRPC Requests',
    says: 'a content-type that merely starts alike',
    send: with_({ 'content-type': 'application/grpc-web' }),
    expect: early(415, 13),
  },
  { section: 'gRPC Requests', says: 'an unknown method', send: unary(1, 'abc', '/t.T/Nope'), expect: early(200, 12) },
  {
    section: 'gRPC Requests',
    says: 'a path without a service',
    send: unary(1, 'abc', '/Echo'),
    expect: early(200, 12),
  },
  { section: 'gRPC Requests', says: 'a call by GET', send: with_({ ':method': 'GET' }), expect: early(405, 13) },
  { section: 'gRPC Requests', says: 'te is missing', send: with_({ te: null }), expect: served(1) },
  {
    section: 'gRPC Requests',
    says: 'metadata reaches the handler, what belongs to the transport does not',
    send: unary(1, '', '/t.T/Metadata', { 'x-a': 'b', 'x-bin': 'AAE' }),
    expect: ['HEADERS 1 200', `DATA 1 '[["x-a","b"],["x-bin","AAE"]]'`, 'TRAILERS 1 grpc 0 END'],
  },
  {
    section: 'gRPC Timeout',
    says: 'a malformed grpc-timeout',
    send: with_({ 'grpc-timeout': '1X' }),
    expect: early(400, 13),
  },
  {
    section: 'gRPC Timeout',
    says: 'a grpc-timeout of nine digits',
    send: with_({ 'grpc-timeout': '123456789n' }),
    expect: early(400, 13),
  },
  {
    section: 'gRPC Timeout',
    says: 'the longest grpc-timeout',
    send: with_({ 'grpc-timeout': '99999999H' }),
    expect: served(1),
  },
  {
    section: 'gRPC Timeout',
    says: 'a call whose time is up is told so',
    send: (rig) => {
      rig.send(unary(1, 'abc', '/t.T/Hold', { 'grpc-timeout': '300m' }));
      rig.wait(200);
      rig.lines.push('waited');
      rig.wait(300);
    },
    expect: ['waited', ...trailersOnly(4)],
  },
  {
    section: 'gRPC Length-Prefixed-Message',
    says: 'a message in pieces of one octet',
    send: concat(
      open(1),
      ...[...message('abc')].map((octet) => data(1, Uint8Array.of(octet))),
      data(1, new Uint8Array(0), 1),
    ),
    expect: served(1),
  },
  {
    section: 'gRPC Length-Prefixed-Message',
    says: 'two messages in one frame',
    send: concat(open(1, '/t.T/Chat'), data(1, concat(message('abc'), message('de')), Flag.END_STREAM)),
    expect: ['HEADERS 1 200', "DATA 1 'abc'", "DATA 1 'de'", 'TRAILERS 1 grpc 0 END'],
  },
  {
    section: 'gRPC Length-Prefixed-Message',
    says: 'a prefix beyond the limit is refused before its message comes',
    rig: { limits: { messageBytesMax: 10 } },
    send: concat(open(1), data(1, message(new Uint8Array(11)).slice(0, 5))),
    expect: early(200, 8),
  },
  {
    section: 'gRPC Length-Prefixed-Message',
    says: 'a message of exactly the limit',
    rig: { limits: { messageBytesMax: 10 } },
    send: unary(1, '0123456789'),
    expect: served(1, '0123456789'),
  },
  {
    section: 'gRPC Length-Prefixed-Message',
    says: 'the stream ends inside a message',
    send: concat(open(1), data(1, message('abc').slice(0, 7), Flag.END_STREAM)),
    expect: trailersOnly(13),
  },
  {
    section: 'gRPC Length-Prefixed-Message',
    says: 'the stream of a streaming call ends inside a message',
    send: concat(open(1, '/t.T/Sum'), data(1, concat(message('abc'), message('de').slice(0, 6)), Flag.END_STREAM)),
    expect: trailersOnly(13),
  },
  {
    section: 'gRPC Length-Prefixed-Message',
    says: 'the stream ends inside a prefix',
    send: concat(open(1), data(1, message('abc').slice(0, 3), Flag.END_STREAM)),
    expect: trailersOnly(13),
  },
  {
    section: 'gRPC Length-Prefixed-Message',
    says: 'a unary call without a message',
    send: headers(1, requestHeaders(), whole),
    expect: trailersOnly(13),
  },
  {
    section: 'gRPC Length-Prefixed-Message',
    says: 'a unary call with two messages',
    send: concat(open(1), data(1, concat(message('a'), message('b')), Flag.END_STREAM)),
    expect: early(200, 13),
  },
  {
    section: 'gRPC Length-Prefixed-Message',
    says: 'a compressed flag of 2',
    send: concat(open(1), data(1, message('abc', 2), Flag.END_STREAM)),
    expect: early(200, 13),
  },
  {
    section: 'gRPC Compression',
    says: 'a compressed message is not implemented',
    send: concat(open(1, '/t.T/Echo', { 'grpc-encoding': 'gzip' }), data(1, message('abc', 1), Flag.END_STREAM)),
    expect: early(200, 12),
  },
  {
    section: 'gRPC Compression',
    says: 'an encoding that no message uses',
    send: with_({ 'grpc-encoding': 'gzip' }),
    expect: served(1),
  },
  {
    section: 'gRPC Compression',
    says: 'identity is an encoding too',
    send: with_({ 'grpc-encoding': 'identity' }),
    expect: served(1),
  },
  {
    section: 'gRPC Responses',
    says: 'grpc-message is percent-encoded',
    send: (rig) => {
      rig.send(unary(1, '', '/t.T/Fail'));
      rig.lines.push(rig.frames[0]?.headers?.find(([name]) => name === 'grpc-message')?.[1] ?? 'none');
    },
    expect: [...trailersOnly(9), 'caf%C3%A9 50%25'],
  },
  {
    section: 'gRPC Responses',
    says: 'a call cancelled by its client is answered no more',
    send: (rig) => {
      rig.send(unary(1, '', '/t.T/Hold'), resetStream(1, ErrorCode.CANCEL));
      rig.lines.push(`cancelled ${rig.held[0]?.cancelled}`);
      rig.held[0]?.reply(Buffer.from('late'));
      rig.collect();
    },
    expect: ['cancelled true'],
  },
];
