/** What a client must make of the frames of a server: RFC 9113, and gRPC's mapping of answers to codes. */
import {
  ascii,
  block,
  concat,
  continuation,
  data,
  ErrorCode,
  Flag,
  frame,
  FrameType,
  goaway,
  headers,
  message,
  padded,
  ping,
  preface,
  priority,
  resetStream,
  Setting,
  settings,
  uint32,
  windowUpdate,
} from '../frames.ts';
import type { ClientRig } from './rig.ts';
import { answer, type ClientRow, responseHeaders, trailers } from './row.ts';

const whole = Flag.END_HEADERS | Flag.END_STREAM;
const ok = ["call 1 OK 'xyz'"];
const broke = (reason: string) => `call 1 Internal (the server broke a rule of HTTP/2: ${reason})`;
const lost = (code: string, reason: string) => [`call 1 Unavailable (${code}: ${reason})`, `GOAWAY ${code}`];

/** Octets of DATA that the engine has sent on a stream. */
function sentBytes(rig: ClientRig, streamId: number): number {
  const frames = rig.frames.filter((seen) => seen.type === FrameType.DATA && seen.streamId === streamId);
  return frames.reduce((sum, seen) => sum + seen.payload.length, 0);
}

export const clientConnectionRows: readonly ClientRow[] = [
  {
    section: '9113 3.4',
    says: 'the client speaks first: preface, then SETTINGS without pushes',
    rig: { handshake: false },
    calls: 0,
    send: (rig) => {
      const bytes = rig.connection.takeOutput()!;
      rig.lines.push(
        String(Buffer.compare(bytes.subarray(0, preface.length), preface)),
        `frame ${bytes[preface.length + 3]}`,
      );
      rig.lines.push(`push ${Buffer.from(bytes).includes('\0\x02\0\0\0\0', 'latin1')}`);
    },
    expect: ['0', 'frame 4', 'push true'],
    alive: false,
  },
  {
    section: '9113 3.4',
    says: 'the first frame is not SETTINGS',
    rig: { handshake: false },
    calls: 0,
    send: ping('12345678'),
    expect: ['SETTINGS', 'GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 3.4',
    says: 'calls wait for SETTINGS',
    rig: { handshake: false },
    send: settings(),
    expect: ['SETTINGS', 'SETTINGS ACK', 'HEADERS 1 /t.T/Echo', "DATA 1 'abc' END"],
  },
  {
    section: '9113 4.1',
    says: 'a frame of unknown type is ignored',
    send: concat(frame(0x42, 0, 1), answer(1)),
    expect: ok,
  },
  {
    section: '9113 4.2',
    says: 'a frame longer than allowed',
    send: data(1, new Uint8Array(16_385)),
    expect: lost('FRAME_SIZE_ERROR', 'a frame is longer than our SETTINGS_MAX_FRAME_SIZE'),
  },
  {
    section: '9113 4.3',
    says: 'a header block that is no HPACK',
    send: headers(1, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f)),
    expect: lost('COMPRESSION_ERROR', 'integer is too large'),
  },
  {
    section: '9113 5.1',
    says: 'HEADERS on a stream that was never opened',
    send: headers(3, responseHeaders()),
    expect: lost('PROTOCOL_ERROR', 'HEADERS on an idle stream'),
  },
  {
    section: '9113 5.1',
    says: 'DATA on a stream that was never opened',
    send: data(3, ascii('x')),
    expect: lost('PROTOCOL_ERROR', 'DATA on an idle stream'),
  },
  {
    section: '9113 5.1',
    says: 'RST_STREAM on a stream that was never opened',
    send: resetStream(3, 0),
    expect: lost('PROTOCOL_ERROR', 'RST_STREAM on an idle stream'),
  },
  {
    section: '9113 5.1',
    says: 'WINDOW_UPDATE on a stream that was never opened',
    send: windowUpdate(3, 1),
    expect: lost('PROTOCOL_ERROR', 'WINDOW_UPDATE on an idle stream'),
  },
  { section: '9113 5.1', says: 'PRIORITY on any stream is ignored', send: concat(priority(9), answer(1)), expect: ok },
  {
    section: '9113 5.1.1',
    says: 'a server opens a stream',
    send: headers(2, responseHeaders()),
    expect: lost('PROTOCOL_ERROR', 'HEADERS on an idle stream'),
  },
  {
    section: '9113 5.1.2',
    says: 'calls beyond the limit of the server wait for their turn',
    rig: { settings: [[Setting.MAX_CONCURRENT_STREAMS, 1]] },
    calls: 2,
    send: answer(1),
    expect: ["call 1 OK 'xyz'", 'HEADERS 3 /t.T/Echo', "DATA 3 'abc' END"],
  },
  {
    section: '9113 5.1.2',
    says: 'a limit of 0 holds every call back until it is raised',
    rig: { settings: [[Setting.MAX_CONCURRENT_STREAMS, 0]] },
    send: (rig) => {
      rig.lines.push('none yet');
      rig.send(settings([[Setting.MAX_CONCURRENT_STREAMS, 5]]));
    },
    expect: ['none yet', 'SETTINGS ACK', 'HEADERS 1 /t.T/Echo', "DATA 1 'abc' END"],
  },
  {
    section: '9113 6.1',
    says: 'padding is left out of the message',
    send: concat(headers(1, responseHeaders()), data(1, padded(message('xyz'), 5), Flag.PADDED), trailers(1)),
    expect: ok,
  },
  {
    section: '9113 6.1',
    says: 'DATA on the connection',
    send: data(0, ascii('x')),
    expect: lost('PROTOCOL_ERROR', 'a frame lacks its stream'),
  },
  {
    section: '9113 6.2',
    says: 'a block in two pieces',
    send: concat(
      headers(1, block(responseHeaders()).slice(0, 9), 0),
      continuation(1, block(responseHeaders()).slice(9)),
      data(1, message('xyz')),
      trailers(1),
    ),
    expect: ok,
  },
  {
    section: '9113 6.2',
    says: 'a frame between HEADERS and CONTINUATION',
    send: concat(headers(1, block(responseHeaders()), 0), ping('12345678')),
    expect: lost('PROTOCOL_ERROR', 'a header block is interrupted'),
  },
  {
    section: '9113 6.5',
    says: 'SETTINGS on a stream',
    send: frame(FrameType.SETTINGS, 0, 1),
    expect: lost('PROTOCOL_ERROR', 'SETTINGS, PING or GOAWAY on a stream'),
  },
  {
    section: '9113 6.5.2',
    says: 'a server that allows itself to be pushed to',
    send: settings([[Setting.ENABLE_PUSH, 1]]),
    expect: lost('PROTOCOL_ERROR', 'SETTINGS has an illegal value'),
  },
  {
    section: '9113 6.5.2',
    says: 'ENABLE_PUSH 0 from a server',
    send: concat(settings([[Setting.ENABLE_PUSH, 0]]), answer(1)),
    expect: [...ok, 'SETTINGS ACK'],
  },
  {
    section: '9113 6.5.2',
    says: 'INITIAL_WINDOW_SIZE 2^31',
    send: settings([[Setting.INITIAL_WINDOW_SIZE, 2 ** 31]]),
    expect: lost('FLOW_CONTROL_ERROR', 'SETTINGS has an illegal value'),
  },
  {
    section: '9113 6.5.2',
    says: 'MAX_HEADER_LIST_SIZE below a call fails the call, not the connection',
    rig: { settings: [[Setting.MAX_HEADER_LIST_SIZE, 100]] },
    calls: 0,
    send: (rig) => {
      rig.call();
      rig.wait(100);
      rig.lines.splice(0, Infinity, String(rig.lines[0]?.startsWith('call 1 Internal (header list of ')));
    },
    expect: ['true'],
  },
  {
    section: '9113 6.5.3',
    says: 'SETTINGS that are never acknowledged',
    rig: { handshake: false, limits: { settingsAckMs: 5_000 } },
    calls: 0,
    send: (rig) => {
      rig.send(settings());
      rig.wait(5_100);
    },
    expect: ['SETTINGS', 'SETTINGS ACK', 'GOAWAY SETTINGS_TIMEOUT'],
  },
  {
    section: '9113 8.4',
    says: 'a push that nobody allowed',
    send: frame(FrameType.PUSH_PROMISE, Flag.END_HEADERS, 1, concat(uint32(2), block(responseHeaders()))),
    expect: lost('PROTOCOL_ERROR', 'PUSH_PROMISE, which nobody allowed'),
  },
  {
    section: '9113 6.7',
    says: 'PING is answered with its octets',
    send: ping('87654321'),
    expect: ['PING ACK 87654321'],
  },
  {
    section: '9113 6.7',
    says: 'PING of nine octets',
    send: ping('123456789'),
    expect: lost('FRAME_SIZE_ERROR', 'a frame of fixed length has another'),
  },
  {
    section: '9113 6.9',
    says: 'WINDOW_UPDATE of 0 on the connection',
    send: windowUpdate(0, 0),
    expect: lost('PROTOCOL_ERROR', 'WINDOW_UPDATE of 0'),
  },
  {
    section: '9113 6.9',
    says: 'WINDOW_UPDATE of 0 on a stream',
    send: windowUpdate(1, 0),
    expect: [broke('WINDOW_UPDATE of 0'), 'RST_STREAM 1 PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.9.1',
    says: 'the connection window grows beyond 2^31-1',
    send: concat(windowUpdate(0, 2 ** 31 - 1), windowUpdate(0, 2 ** 31 - 1)),
    expect: lost('FLOW_CONTROL_ERROR', 'the connection window exceeds 2^31-1'),
  },
  {
    section: '9113 6.9.1',
    says: 'a stream window grows beyond 2^31-1',
    send: windowUpdate(1, 2 ** 31 - 1),
    expect: [broke('the stream window exceeds 2^31-1'), 'RST_STREAM 1 FLOW_CONTROL_ERROR'],
  },
  {
    section: '9113 6.9.1',
    says: 'more DATA than the stream window allows',
    rig: { limits: { streamWindowBytes: 100 } },
    send: concat(headers(1, responseHeaders()), data(1, new Uint8Array(101))),
    expect: [broke('DATA beyond the stream window'), 'RST_STREAM 1 FLOW_CONTROL_ERROR'],
  },
  {
    section: '9113 6.9.1',
    says: 'we send no more than the stream window, and go on when it grows',
    rig: { settings: [[Setting.INITIAL_WINDOW_SIZE, 100]] },
    calls: 0,
    send: (rig) => {
      rig.call('/t.T/Echo', 'x'.repeat(1_000));
      const before = sentBytes(rig, 1);
      rig.send(windowUpdate(1, 7));
      rig.lines.splice(0, Infinity, `${before}, then ${sentBytes(rig, 1)}`);
    },
    expect: ['100, then 107'],
  },
  {
    section: '9113 6.9.2',
    says: 'a smaller INITIAL_WINDOW_SIZE makes windows negative, and the debt is paid first',
    rig: { settings: [[Setting.INITIAL_WINDOW_SIZE, 500]] },
    calls: 0,
    send: (rig) => {
      rig.call('/t.T/Echo', 'x'.repeat(1_000));
      rig.send(settings([[Setting.INITIAL_WINDOW_SIZE, 100]]), windowUpdate(1, 400));
      const inDebt = sentBytes(rig, 1);
      rig.send(windowUpdate(1, 3));
      rig.lines.splice(0, Infinity, `${inDebt}, then ${sentBytes(rig, 1)}`);
    },
    expect: ['500, then 503'],
  },
  {
    section: '9113 6.8',
    says: 'GOAWAY ends the calls above its stream, and lets the others finish',
    calls: 2,
    send: concat(goaway(1, ErrorCode.NO_ERROR), answer(1)),
    expect: ['call 2 Unavailable (the server sent GOAWAY NO_ERROR)', "call 1 OK 'xyz'", 'GOAWAY NO_ERROR'],
  },
  {
    section: '9113 6.8',
    says: 'a GOAWAY of warning, then one of the last stream',
    calls: 2,
    send: concat(goaway(2 ** 31 - 1, ErrorCode.NO_ERROR), answer(1), goaway(1, ErrorCode.NO_ERROR)),
    expect: ["call 1 OK 'xyz'", 'call 2 Unavailable (the server sent GOAWAY NO_ERROR)', 'GOAWAY NO_ERROR'],
  },
  {
    section: '9113 6.8',
    says: 'no call starts after a GOAWAY',
    send: (rig) => {
      rig.send(goaway(1, ErrorCode.NO_ERROR));
      rig.call();
      rig.wait(100);
    },
    expect: ['call 2 Unavailable (the server sent GOAWAY NO_ERROR)'],
  },
  {
    section: '9113 6.8',
    says: 'the reason of a GOAWAY is passed on',
    send: goaway(0, ErrorCode.ENHANCE_YOUR_CALM, 'too_many_pings'),
    expect: ['call 1 Unavailable (the server sent GOAWAY ENHANCE_YOUR_CALM "too_many_pings")', 'GOAWAY NO_ERROR'],
  },
  {
    section: '9113 6.8',
    says: 'a GOAWAY that names more streams than the one before',
    calls: 2,
    send: concat(goaway(1, ErrorCode.NO_ERROR), goaway(3, ErrorCode.NO_ERROR)),
    expect: [
      'call 2 Unavailable (the server sent GOAWAY NO_ERROR)',
      'call 1 Unavailable (PROTOCOL_ERROR: a GOAWAY names more streams than the one before)',
      'GOAWAY PROTOCOL_ERROR',
    ],
  },
  {
    section: '9113 6.8',
    says: 'GOAWAY of seven octets',
    send: frame(FrameType.GOAWAY, 0, 0, ascii('1234567')),
    expect: lost('FRAME_SIZE_ERROR', 'GOAWAY is too short'),
  },
  {
    section: '7541 4.2',
    says: 'a table of 0 is announced at the start of our next block',
    rig: { settings: [[Setting.HEADER_TABLE_SIZE, 0]] },
    calls: 0,
    send: (rig) => {
      rig.call();
      rig.lines.splice(0, Infinity, `starts with ${rig.frames[0]?.payload[0]?.toString(16)}`);
    },
    expect: ['starts with 20'],
  },
];

export const clientCallRows: readonly ClientRow[] = [
  { section: '9113 8.1', says: 'HEADERS, DATA, trailers', send: answer(1), expect: ok },
  {
    section: '9113 8.1',
    says: 'DATA before HEADERS',
    send: data(1, message('xyz')),
    expect: [broke('DATA before HEADERS'), 'RST_STREAM 1 PROTOCOL_ERROR'],
  },
  {
    section: '9113 8.1',
    says: 'HEADERS twice without an end',
    send: concat(headers(1, responseHeaders()), headers(1, [['x', 'y']])),
    expect: [broke('HEADERS in the middle of a response'), 'RST_STREAM 1 PROTOCOL_ERROR'],
  },
  {
    section: '9113 8.1',
    says: 'interim answers come before the answer',
    send: concat(headers(1, [[':status', '103']]), headers(1, [[':status', '100']]), answer(1)),
    expect: ok,
  },
  {
    section: '9113 8.1',
    says: 'an interim answer that ends the stream',
    send: headers(1, [[':status', '103']], whole),
    expect: [broke('a 1xx answer ends the stream'), 'RST_STREAM 1 PROTOCOL_ERROR'],
  },
  {
    section: '9113 8.1',
    says: 'a server that has answered and does not want the rest',
    rig: { settings: [[Setting.INITIAL_WINDOW_SIZE, 0]] },
    send: concat(answer(1), resetStream(1, ErrorCode.NO_ERROR)),
    expect: [...ok, 'RST_STREAM 1 CANCEL'],
  },
  {
    section: '9113 8.2.1',
    says: 'an upper-case field name',
    send: headers(1, responseHeaders({ 'X-Upper': 'y' })),
    expect: [broke('a field name is not a lower-case token'), 'RST_STREAM 1 PROTOCOL_ERROR'],
  },
  {
    section: '9113 8.2.1',
    says: 'a line feed in a value',
    send: headers(1, responseHeaders({ x: 'a\nb' })),
    expect: [broke('a field value has an illegal octet'), 'RST_STREAM 1 PROTOCOL_ERROR'],
  },
  {
    section: '9113 8.2.2',
    says: 'connection in an answer',
    send: headers(1, responseHeaders({ connection: 'close' })),
    expect: [broke('a connection-specific field'), 'RST_STREAM 1 PROTOCOL_ERROR'],
  },
  {
    section: '9113 8.3',
    says: 'a pseudo-header behind a regular field',
    send: headers(1, [['x', 'y'], ...responseHeaders()]),
    expect: [broke(':status comes twice or late'), 'RST_STREAM 1 PROTOCOL_ERROR'],
  },
  {
    section: '9113 8.3',
    says: 'a pseudo-header of requests',
    send: headers(1, [[':path', '/'], ...responseHeaders()]),
    expect: [broke('a pseudo-field that is not :status'), 'RST_STREAM 1 PROTOCOL_ERROR'],
  },
  {
    section: '9113 8.3',
    says: 'a pseudo-header in trailers',
    send: concat(
      headers(1, responseHeaders()),
      headers(
        1,
        [
          [':status', '200'],
          ['grpc-status', '0'],
        ],
        whole,
      ),
    ),
    expect: [broke('a pseudo-field in trailers'), 'RST_STREAM 1 PROTOCOL_ERROR'],
  },
  {
    section: '9113 8.3.2',
    says: 'an answer without :status',
    send: headers(1, responseHeaders({ ':status': null })),
    expect: [broke(':status is missing'), 'RST_STREAM 1 PROTOCOL_ERROR'],
  },
  {
    section: '9113 8.3.2',
    says: ':status twice',
    send: headers(1, [[':status', '200'], ...responseHeaders()]),
    expect: [broke(':status comes twice or late'), 'RST_STREAM 1 PROTOCOL_ERROR'],
  },
  {
    section: '9113 8.3.2',
    says: 'a :status that is no number',
    send: headers(1, responseHeaders({ ':status': '2xx' })),
    expect: [broke(':status is not three digits'), 'RST_STREAM 1 PROTOCOL_ERROR'],
  },
  {
    section: '9113 5.1',
    says: 'frames for a call that we cancelled are ignored',
    calls: 0,
    send: (rig) => {
      const handle = rig.call();
      rig.reset();
      rig.connection.cancel(handle);
      rig.collect();
      rig.send(answer(1), windowUpdate(1, 5), resetStream(1, ErrorCode.CANCEL));
    },
    expect: ['call 1 Canceled (context canceled)', 'RST_STREAM 1 CANCEL'],
  },
  {
    section: '9113 5.1',
    says: 'a block for a call that we cancelled still teaches the table',
    calls: 0,
    send: (rig) => {
      rig.connection.cancel(rig.call());
      rig.call();
      rig.collect();
      rig.reset();
      const learned = concat(ascii('\x40\x0bgrpc-status'), ascii('\x010'));
      rig.send(headers(1, concat(block(responseHeaders()), learned), whole));
      rig.send(headers(3, responseHeaders()), data(3, message('xyz')), headers(3, Uint8Array.of(0xbe), whole));
    },
    expect: ["call 2 OK 'xyz'"],
  },
];

const trailersOnly = (status: string, more: readonly (readonly [string, string])[] = []) =>
  headers(1, [...responseHeaders(), ['grpc-status', status], ...more], whole);
const reset = (code: number) => resetStream(1, code);
const http = (status: number) =>
  headers(
    1,
    [
      [':status', String(status)],
      ['content-type', 'text/html'],
    ],
    whole,
  );
const terminated = (name: string) => `(stream terminated by RST_STREAM with error code: ${name})`;
const foreign = (status: number) =>
  `(unexpected HTTP status code received from server: ${status}; transport: received unexpected content-type "text/html")`;

export const clientGrpcRows: readonly ClientRow[] = [
  {
    section: 'gRPC Responses',
    says: 'an error without a message',
    send: trailersOnly('5'),
    expect: ['call 1 NotFound'],
  },
  {
    section: 'gRPC Responses',
    says: 'an error in trailers behind HEADERS',
    send: concat(headers(1, responseHeaders()), trailers(1, '9', [['grpc-message', 'no']])),
    expect: ['call 1 FailedPrecondition (no)'],
  },
  {
    section: 'gRPC Responses',
    says: 'the trailers come in a chunk of their own',
    send: (rig) => {
      rig.send(headers(1, responseHeaders()), data(1, message('xyz')));
      rig.send(trailers(1));
    },
    expect: ok,
  },
  {
    section: 'gRPC Responses',
    says: 'grpc-message is percent-decoded',
    send: trailersOnly('3', [['grpc-message', 'caf%C3%A9 50%25 %zz']]),
    expect: ['call 1 InvalidArgument (caf\u00e9 50% %zz)'],
  },
  {
    section: 'gRPC Responses',
    says: 'a code that gRPC does not know',
    send: trailersOnly('77'),
    expect: ['call 1 Code(77)'],
  },
  {
    section: 'gRPC Responses',
    says: 'a grpc-status that is no number',
    send: trailersOnly('x'),
    expect: ['call 1 Unknown'],
  },
  {
    section: 'gRPC Responses',
    says: 'trailers without grpc-status',
    send: concat(headers(1, responseHeaders()), data(1, message('xyz')), trailers(1, null, [['x', 'y']])),
    expect: ['call 1 Unknown (the server sent no grpc-status)'],
  },
  {
    section: 'gRPC Responses',
    says: 'DATA ends the stream where trailers should',
    send: concat(headers(1, responseHeaders()), data(1, message('xyz'), Flag.END_STREAM)),
    expect: ['call 1 Internal (server closed the stream without sending trailers)'],
  },
  {
    section: 'gRPC Responses',
    says: 'OK without a message',
    send: trailersOnly('0'),
    expect: ['call 1 Internal (the server answered OK without a message)'],
  },
  {
    section: 'gRPC Responses',
    says: 'two messages to a unary call',
    send: concat(headers(1, responseHeaders()), data(1, concat(message('a'), message('b'))), trailers(1)),
    expect: ['call 1 Internal (the server answered with more than one message)', 'RST_STREAM 1 CANCEL'],
  },
  {
    section: 'gRPC Responses',
    says: 'an error behind a message is an error',
    send: concat(headers(1, responseHeaders()), data(1, message('xyz')), trailers(1, '14')),
    expect: ['call 1 Unavailable'],
  },
  {
    section: 'gRPC Length-Prefixed-Message',
    says: 'a message in two frames',
    send: concat(
      headers(1, responseHeaders()),
      data(1, message('xyz').slice(0, 6)),
      data(1, message('xyz').slice(6)),
      trailers(1),
    ),
    expect: ok,
  },
  {
    section: 'gRPC Length-Prefixed-Message',
    says: 'trailers inside a message',
    send: concat(headers(1, responseHeaders()), data(1, message('xyz').slice(0, 6)), trailers(1)),
    expect: ['call 1 Internal (the server ended the stream in the middle of a message)'],
  },
  {
    section: 'gRPC Length-Prefixed-Message',
    says: 'a message beyond the limit, by its prefix',
    rig: { limits: { messageBytesMax: 10 } },
    send: concat(headers(1, responseHeaders()), data(1, message('x'.repeat(11)).slice(0, 5))),
    expect: ['call 1 ResourceExhausted (grpc: received message larger than max (11 vs. 10))', 'RST_STREAM 1 CANCEL'],
  },
  {
    section: 'gRPC Length-Prefixed-Message',
    says: 'a compressed flag of 3',
    send: concat(headers(1, responseHeaders()), data(1, message('xyz', 3))),
    expect: ['call 1 Internal (grpc: received unexpected payload format)', 'RST_STREAM 1 CANCEL'],
  },
  {
    section: 'gRPC Compression',
    says: 'a compressed message without an encoding',
    send: concat(headers(1, responseHeaders()), data(1, message('xyz', 1))),
    expect: ['call 1 Internal (grpc: compressed flag set with identity or empty encoding)', 'RST_STREAM 1 CANCEL'],
  },
  {
    section: 'gRPC Compression',
    says: 'a compressed message in an encoding that we did not ask for',
    send: concat(headers(1, responseHeaders({ 'grpc-encoding': 'gzip' })), data(1, message('xyz', 1))),
    expect: ['call 1 Internal (grpc: Decompressor is not installed for grpc-encoding "gzip")', 'RST_STREAM 1 CANCEL'],
  },
  {
    section: 'gRPC Errors',
    says: 'RST_STREAM NO_ERROR',
    send: reset(0),
    expect: [`call 1 Internal ${terminated('NO_ERROR')}`],
  },
  {
    section: 'gRPC Errors',
    says: 'RST_STREAM PROTOCOL_ERROR',
    send: reset(1),
    expect: [`call 1 Internal ${terminated('PROTOCOL_ERROR')}`],
  },
  {
    section: 'gRPC Errors',
    says: 'RST_STREAM REFUSED_STREAM',
    send: reset(7),
    expect: [`call 1 Unavailable ${terminated('REFUSED_STREAM')}`],
  },
  {
    section: 'gRPC Errors',
    says: 'RST_STREAM CANCEL',
    send: reset(8),
    expect: [`call 1 Canceled ${terminated('CANCEL')}`],
  },
  {
    section: 'gRPC Errors',
    says: 'RST_STREAM ENHANCE_YOUR_CALM',
    send: reset(11),
    expect: [`call 1 ResourceExhausted ${terminated('ENHANCE_YOUR_CALM')}`],
  },
  {
    section: 'gRPC Errors',
    says: 'RST_STREAM INADEQUATE_SECURITY',
    send: reset(12),
    expect: [`call 1 PermissionDenied ${terminated('INADEQUATE_SECURITY')}`],
  },
  {
    section: 'gRPC Errors',
    says: 'RST_STREAM of an unknown code',
    send: reset(99),
    expect: [`call 1 Internal ${terminated('0x63')}`],
  },
  ...(
    [
      [400, 'Internal'],
      [401, 'Unauthenticated'],
      [403, 'PermissionDenied'],
      [404, 'Unimplemented'],
      [429, 'Unavailable'],
      [502, 'Unavailable'],
      [503, 'Unavailable'],
      [504, 'Unavailable'],
      [500, 'Unknown'],
    ] as const
  ).map(([status, code]) => ({
    section: 'gRPC HTTP mapping',
    says: `HTTP ${status} of a proxy`,
    send: http(status),
    expect: [`call 1 ${code} ${foreign(status)}`],
  })),
  {
    section: 'gRPC HTTP mapping',
    says: 'an answer that is no gRPC',
    send: headers(1, [
      [':status', '200'],
      ['content-type', 'text/html'],
    ]),
    expect: [`call 1 Unknown ${foreign(200)}`, 'RST_STREAM 1 CANCEL'],
  },
  {
    section: 'gRPC Timeout',
    says: 'a call whose time is up is cancelled',
    calls: 0,
    send: (rig) => {
      rig.call('/t.T/Echo', 'abc', 500);
      rig.reset();
      rig.wait(400);
      rig.lines.push('waited');
      rig.wait(200);
    },
    expect: ['waited', 'call 1 DeadlineExceeded (context deadline exceeded)', 'RST_STREAM 1 CANCEL'],
  },
  {
    section: 'gRPC Timeout',
    says: 'grpc-timeout is sent',
    calls: 0,
    send: (rig) => {
      rig.call('/t.T/Echo', 'abc', 1_500);
      rig.lines.splice(0, Infinity, rig.frames[0]?.headers?.find(([name]) => name === 'grpc-timeout')?.[1] ?? 'none');
    },
    expect: ['1500m'],
  },
  {
    section: 'gRPC Requests',
    says: 'the headers of a call, in the order of the protocol',
    calls: 0,
    send: (rig) => {
      rig.call('/t.T/Echo', 'abc', 0, [['token', 'secret']]);
      rig.lines.splice(0, Infinity, ...(rig.frames[0]?.headers ?? []).map((field) => field.join(': ')));
    },
    expect: [
      ':method: POST',
      ':scheme: http',
      ':path: /t.T/Echo',
      ':authority: 127.0.0.1:2379',
      'content-type: application/grpc',
      'user-agent: quorumbench',
      'te: trailers',
      'token: secret',
    ],
  },
  {
    section: 'gRPC Requests',
    says: 'metadata that must not be sent fails its call',
    calls: 0,
    send: (rig) => {
      rig.call('/t.T/Echo', 'abc', 0, [['x', 'a\nb']]);
      rig.wait(100);
    },
    expect: ['call 1 Internal (metadata key "x" has an unprintable value)'],
  },
  {
    section: 'gRPC Streaming',
    says: 'messages, then OK',
    calls: 0,
    send: (rig) => {
      const stream = rig.stream();
      stream.send(Buffer.from('hello'));
      stream.end();
      rig.collect();
      rig.reset();
      rig.send(headers(1, responseHeaders()), data(1, concat(message('a'), message('b'))), trailers(1));
    },
    expect: ['stream headers', "stream message 'a'", "stream message 'b'", 'stream OK'],
  },
  {
    section: 'gRPC Streaming',
    says: 'a paused stream withholds credit and delivers when it is resumed',
    calls: 0,
    rig: { limits: { streamWindowBytes: 65_535 } },
    send: (rig) => {
      const stream = rig.stream();
      rig.send(headers(1, responseHeaders()));
      stream.pause();
      rig.reset();
      for (let i = 0; i < 4; i++) rig.send(data(1, message(new Uint8Array(16_000).fill(0x61))));
      rig.lines.push(`credit ${rig.windowUpdates(1).length}, messages ${rig.lines.length}`);
      stream.resume();
      rig.collect();
      rig.lines.splice(1, Infinity, `credit ${rig.windowUpdates(1).length}, messages ${rig.lines.length - 1}`);
    },
    expect: ['credit 0, messages 0', 'credit 1, messages 4'],
  },
];
