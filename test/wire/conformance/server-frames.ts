/** What a server must answer to the frames of a client: RFC 9113 sections 3 to 7. */
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
  learnedField,
  message,
  padded,
  ping,
  preface,
  priority,
  resetStream,
  Setting,
  settings,
  settingsAck,
  uint32,
  windowUpdate,
} from '../frames.ts';
import { open, requestHeaders, type ServerRow, served, unary } from './row.ts';

const request = block(requestHeaders());
const bare = { handshake: false };

export const prefaceRows: readonly ServerRow[] = [
  {
    section: '9113 3.4',
    says: 'preface and SETTINGS are answered with SETTINGS, then an acknowledgement',
    rig: bare,
    send: concat(preface, settings()),
    expect: ['SETTINGS', 'SETTINGS ACK'],
  },
  {
    section: '9113 3.4',
    says: 'a request may follow the preface at once',
    rig: bare,
    send: concat(preface, settings(), unary(1)),
    expect: ['SETTINGS', 'SETTINGS ACK', ...served(1)],
  },
  {
    section: '9113 3.4',
    says: 'other octets than the preface',
    rig: bare,
    send: ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r'),
    expect: ['SETTINGS', 'GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 3.4',
    says: 'HTTP/1.1 where the preface should be',
    rig: bare,
    send: ascii('GET / HTTP/1.1\r\nhost: a\r\n\r\n'),
    expect: ['SETTINGS', 'GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 3.4',
    says: 'half a preface is waited for',
    rig: bare,
    send: preface.slice(0, 12),
    expect: ['SETTINGS'],
    alive: false,
  },
  {
    section: '9113 3.4',
    says: 'the first frame is PING',
    rig: bare,
    send: concat(preface, ping('12345678')),
    expect: ['SETTINGS', 'GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 3.4',
    says: 'the first frame is HEADERS',
    rig: bare,
    send: concat(preface, unary(1)),
    expect: ['SETTINGS', 'GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 3.4',
    says: 'the first frame is an acknowledgement of SETTINGS',
    rig: bare,
    send: concat(preface, settingsAck),
    expect: ['SETTINGS', 'GOAWAY PROTOCOL_ERROR'],
  },
];

export const frameRows: readonly ServerRow[] = [
  {
    section: '9113 4.1',
    says: 'a frame of unknown type on the connection is ignored',
    send: frame(0xbe, 0xff, 0, ascii('whatever')),
    expect: [],
  },
  {
    section: '9113 4.1',
    says: 'a frame of unknown type on a stream is ignored',
    send: concat(open(1), frame(0x10, 0, 1, ascii('x')), data(1, message('abc'), Flag.END_STREAM)),
    expect: served(1),
  },
  {
    section: '9113 4.1',
    says: 'undefined flags are ignored',
    send: ping('12345678', 0xfe),
    expect: ['PING ACK 12345678'],
  },
  {
    section: '9113 4.1',
    says: 'the reserved bit of a stream id is ignored',
    send: concat(frame(FrameType.HEADERS, 4, 0x80000001, request), data(0x80000001, message('abc'), 1)),
    expect: served(1),
  },
  {
    section: '9113 4.2',
    says: 'a DATA frame of exactly 16,384 octets',
    send: concat(open(1, '/t.T/Sum'), data(1, message(new Uint8Array(16_379)), Flag.END_STREAM)),
    expect: served(1, '16379'),
  },
  {
    section: '9113 4.2',
    says: 'a DATA frame of 16,385 octets',
    send: concat(open(1, '/t.T/Sum'), data(1, new Uint8Array(16_385))),
    expect: ['GOAWAY FRAME_SIZE_ERROR'],
  },
  {
    section: '9113 4.2',
    says: 'a HEADERS frame of 16,385 octets',
    send: headers(1, new Uint8Array(16_385)),
    expect: ['GOAWAY FRAME_SIZE_ERROR'],
  },
  {
    section: '9113 4.2',
    says: 'a frame of unknown type that is longer than allowed',
    send: frame(0x77, 0, 0, new Uint8Array(16_385)),
    expect: ['GOAWAY FRAME_SIZE_ERROR'],
  },
  {
    section: '9113 4.2',
    says: 'the head alone of a frame that is longer than allowed',
    send: frame(FrameType.DATA, 0, 1, ascii(''), 0xffffff),
    expect: ['GOAWAY FRAME_SIZE_ERROR'],
  },
  {
    section: '9113 4.3',
    says: 'a header block that is no HPACK',
    send: headers(1, Uint8Array.of(0x80)),
    expect: ['GOAWAY COMPRESSION_ERROR'],
  },
  {
    section: '9113 4.3',
    says: 'a header block that ends in the middle of a field',
    send: headers(1, request.slice(0, -3)),
    expect: ['GOAWAY COMPRESSION_ERROR'],
  },
  {
    section: '9113 4.3',
    says: 'a block of a refused stream still teaches the table',
    rig: { limits: { concurrentStreamsMax: 1 } },
    send: concat(
      open(1, '/t.T/Hold'),
      headers(3, concat(request, learnedField('x-learned', 'yes'))),
      resetStream(1, ErrorCode.CANCEL),
      headers(5, concat(block(requestHeaders('/t.T/Metadata')), Uint8Array.of(0xbe))),
      data(5, message(''), Flag.END_STREAM),
    ),
    expect: ['RST_STREAM 3 REFUSED_STREAM', 'HEADERS 5 200', `DATA 5 '[["x-learned","yes"]]'`, 'TRAILERS 5 grpc 0 END'],
  },
  {
    section: '9113 4.3',
    says: 'a block in three pieces',
    send: concat(
      headers(1, request.slice(0, 7), 0),
      continuation(1, request.slice(7, 30), 0),
      continuation(1, request.slice(30)),
      data(1, message('abc'), Flag.END_STREAM),
    ),
    expect: served(1),
  },
  {
    section: '9113 4.3',
    says: 'an empty CONTINUATION in a block',
    send: concat(
      headers(1, request, 0),
      continuation(1, ascii(''), 0),
      continuation(1, ascii('')),
      data(1, message('abc'), Flag.END_STREAM),
    ),
    expect: served(1),
  },
];

export const streamRows: readonly ServerRow[] = [
  { section: '9113 5.1', says: 'DATA on an idle stream', send: data(1, ascii('x')), expect: ['GOAWAY PROTOCOL_ERROR'] },
  {
    section: '9113 5.1',
    says: 'RST_STREAM on an idle stream',
    send: resetStream(1, ErrorCode.CANCEL),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 5.1',
    says: 'WINDOW_UPDATE on an idle stream',
    send: windowUpdate(1, 5),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 5.1',
    says: 'CONTINUATION on an idle stream',
    send: continuation(1, request),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 5.1',
    says: 'DATA behind END_STREAM while the call runs',
    send: concat(unary(1, 'abc', '/t.T/Hold'), data(1, ascii('x'))),
    expect: ['RST_STREAM 1 STREAM_CLOSED'],
  },
  {
    section: '9113 5.1',
    says: 'HEADERS behind END_STREAM while the call runs',
    send: concat(unary(1, 'abc', '/t.T/Hold'), headers(1, [['x', 'y']], 5)),
    expect: ['RST_STREAM 1 STREAM_CLOSED'],
  },
  {
    section: '9113 5.1',
    says: 'WINDOW_UPDATE behind END_STREAM is welcome',
    send: concat(unary(1, 'abc', '/t.T/Hold'), windowUpdate(1, 5)),
    expect: [],
  },
  {
    section: '9113 5.1',
    says: 'DATA on a stream that both sides have ended',
    send: (rig) => {
      rig.send(unary(1));
      rig.reset();
      rig.send(data(1, ascii('x')));
    },
    expect: ['RST_STREAM 1 STREAM_CLOSED'],
  },
  {
    section: '9113 5.1',
    says: 'HEADERS on a stream that both sides have ended',
    send: concat(unary(1), headers(1, request, 5)),
    expect: [...served(1), 'GOAWAY STREAM_CLOSED'],
  },
  {
    section: '9113 5.1',
    says: 'WINDOW_UPDATE and RST_STREAM on a stream that both sides have ended are ignored',
    send: concat(unary(1), windowUpdate(1, 5), resetStream(1, ErrorCode.NO_ERROR)),
    expect: served(1),
  },
  {
    section: '9113 5.1',
    says: 'frames on a stream that we have reset are ignored',
    send: concat(
      headers(1, requestHeaders('/t.T/Echo', { connection: 'close' })),
      data(1, ascii('late')),
      windowUpdate(1, 5),
      headers(1, [['x', 'y']], 5),
    ),
    expect: ['RST_STREAM 1 PROTOCOL_ERROR'],
  },
  {
    section: '9113 5.1',
    says: 'DATA on a stream that the client has reset',
    send: concat(open(1, '/t.T/Sum'), resetStream(1, ErrorCode.CANCEL), data(1, ascii('x'))),
    expect: ['RST_STREAM 1 STREAM_CLOSED'],
  },
  {
    section: '9113 5.1',
    says: 'HEADERS on a stream that the client has reset',
    send: concat(open(1, '/t.T/Sum'), resetStream(1, ErrorCode.CANCEL), headers(1, [['x', 'y']], 5)),
    expect: ['RST_STREAM 1 STREAM_CLOSED'],
  },
  {
    section: '9113 5.1',
    says: 'a second RST_STREAM is ignored',
    send: concat(open(1, '/t.T/Sum'), resetStream(1, ErrorCode.CANCEL), resetStream(1, ErrorCode.CANCEL)),
    expect: [],
  },
  { section: '9113 5.1.1', says: 'an even stream id', send: unary(2), expect: ['GOAWAY PROTOCOL_ERROR'] },
  {
    section: '9113 5.1.1',
    says: 'a stream id below one that was used',
    send: concat(unary(5), unary(3)),
    expect: [...served(5), 'GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 5.1.1',
    says: 'stream ids may be skipped',
    send: concat(unary(1), unary(2_001)),
    expect: [...served(1), ...served(2_001)],
  },
  {
    section: '9113 5.1.1',
    says: 'DATA on a stream that was skipped',
    send: concat(unary(5), data(3, ascii('x'))),
    expect: [...served(5), 'RST_STREAM 3 STREAM_CLOSED'],
  },
  {
    section: '9113 5.1.1',
    says: 'the highest stream id there is',
    send: unary(0x7fffffff),
    expect: served(0x7fffffff),
  },
  {
    section: '9113 5.1.2',
    says: 'a stream beyond the limit',
    rig: { limits: { concurrentStreamsMax: 2 } },
    send: concat(open(1, '/t.T/Hold'), open(3, '/t.T/Hold'), unary(5)),
    expect: ['RST_STREAM 5 REFUSED_STREAM'],
  },
  {
    section: '9113 5.1.2',
    says: 'a stream that ended makes room for another',
    rig: { limits: { concurrentStreamsMax: 1 } },
    send: concat(unary(1), unary(3)),
    expect: [...served(1), ...served(3)],
  },
  {
    section: '9113 5.4.1',
    says: 'nothing is answered behind a GOAWAY for an error',
    send: concat(data(0, ascii('x')), unary(1), ping('12345678')),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
];

export const dataRows: readonly ServerRow[] = [
  { section: '9113 6.1', says: 'DATA on the connection', send: data(0, ascii('x')), expect: ['GOAWAY PROTOCOL_ERROR'] },
  {
    section: '9113 6.1',
    says: 'padding is left out of the message',
    send: concat(open(1), data(1, padded(message('abc'), 7), Flag.PADDED | Flag.END_STREAM)),
    expect: served(1),
  },
  {
    section: '9113 6.1',
    says: 'a pad length of 0',
    send: concat(open(1), data(1, padded(message('abc'), 0), Flag.PADDED | Flag.END_STREAM)),
    expect: served(1),
  },
  {
    section: '9113 6.1',
    says: 'nothing but padding',
    send: concat(open(1), data(1, padded(ascii(''), 9), Flag.PADDED), data(1, message('abc'), Flag.END_STREAM)),
    expect: served(1),
  },
  {
    section: '9113 6.1',
    says: 'padding as long as the payload',
    send: concat(open(1), data(1, padded(ascii('abc'), 4, 0), Flag.PADDED)),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.1',
    says: 'a padded frame without its pad length',
    send: concat(open(1), data(1, ascii(''), Flag.PADDED)),
    expect: ['GOAWAY FRAME_SIZE_ERROR'],
  },
];

export const headersRows: readonly ServerRow[] = [
  {
    section: '9113 6.2',
    says: 'HEADERS on the connection',
    send: headers(0, request),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.2',
    says: 'padding behind the block',
    send: concat(headers(1, padded(request, 30), Flag.END_HEADERS | Flag.PADDED), data(1, message('abc'), 1)),
    expect: served(1),
  },
  {
    section: '9113 6.2',
    says: 'padding longer than the payload',
    send: headers(1, padded(ascii('ab'), 3, 0), Flag.END_HEADERS | Flag.PADDED),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.2',
    says: 'priority fields are skipped',
    send: concat(
      headers(1, concat(uint32(0x80000003), Uint8Array.of(9), request), Flag.END_HEADERS | Flag.PRIORITY),
      data(1, message('abc'), 1),
    ),
    expect: served(1),
  },
  {
    section: '9113 6.2',
    says: 'padding and priority fields together',
    send: concat(headers(1, padded(concat(uint32(0), Uint8Array.of(9), request), 3), 0x2c), data(1, message('abc'), 1)),
    expect: served(1),
  },
  {
    section: '9113 6.2',
    says: 'padding that reaches into the priority fields',
    send: headers(1, padded(concat(uint32(0), Uint8Array.of(9)), 2, 0), 0x2c),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.2',
    says: 'priority fields cut short',
    send: headers(1, ascii('abcd'), Flag.END_HEADERS | Flag.PRIORITY),
    expect: ['GOAWAY FRAME_SIZE_ERROR'],
  },
  {
    section: '9113 6.2',
    says: 'DATA between HEADERS and CONTINUATION',
    send: concat(headers(1, request, 0), data(1, ascii('x'))),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.2',
    says: 'PING between HEADERS and CONTINUATION',
    send: concat(headers(1, request, 0), ping('12345678')),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.2',
    says: 'HEADERS of another stream between HEADERS and CONTINUATION',
    send: concat(headers(1, request, 0), headers(3, request)),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 5.5',
    says: 'a frame of unknown type between HEADERS and CONTINUATION',
    send: concat(headers(1, request, 0), frame(0x99, 0, 0)),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
];

export const smallFrameRows: readonly ServerRow[] = [
  { section: '9113 6.3', says: 'PRIORITY on an idle stream is ignored', send: priority(7, 0), expect: [] },
  {
    section: '9113 5.3.2',
    says: 'a stream that depends on itself is none of our business',
    send: priority(1, 1),
    expect: [],
  },
  { section: '9113 6.3', says: 'PRIORITY on the connection', send: priority(0), expect: ['GOAWAY PROTOCOL_ERROR'] },
  {
    section: '9113 6.3',
    says: 'PRIORITY of four octets',
    send: concat(open(1, '/t.T/Sum'), frame(FrameType.PRIORITY, 0, 1, uint32(0))),
    expect: ['RST_STREAM 1 FRAME_SIZE_ERROR'],
  },
  {
    section: '9113 6.4',
    says: 'RST_STREAM on the connection',
    send: resetStream(0, ErrorCode.CANCEL),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.4',
    says: 'RST_STREAM of three octets',
    send: concat(open(1, '/t.T/Sum'), frame(FrameType.RST_STREAM, 0, 1, ascii('abc'))),
    expect: ['GOAWAY FRAME_SIZE_ERROR'],
  },
  {
    section: '9113 6.4',
    says: 'RST_STREAM ends the call',
    send: (rig) => {
      rig.send(open(1, '/t.T/Chat'), resetStream(1, ErrorCode.CANCEL));
      rig.lines.push(...rig.told);
    },
    expect: ['cancelled /t.T/Chat'],
  },
  {
    section: '9113 7',
    says: 'an unknown error code is an error like any other',
    send: concat(open(1, '/t.T/Chat'), resetStream(1, 0xdeadbeef)),
    expect: [],
  },
  {
    section: '9113 6.6',
    says: 'a client pushes',
    send: concat(open(1, '/t.T/Sum'), frame(FrameType.PUSH_PROMISE, 4, 1, concat(uint32(2), request))),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.7',
    says: 'PING is answered with its octets',
    send: ping('\0\xff345678'),
    expect: ['PING ACK \0\xff345678'],
  },
  { section: '9113 6.7', says: 'an acknowledged PING is not answered', send: ping('12345678', Flag.ACK), expect: [] },
  { section: '9113 6.7', says: 'PING of seven octets', send: ping('1234567'), expect: ['GOAWAY FRAME_SIZE_ERROR'] },
  {
    section: '9113 6.7',
    says: 'PING on a stream',
    send: frame(FrameType.PING, 0, 1, ascii('12345678')),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.8',
    says: 'GOAWAY of seven octets',
    send: frame(FrameType.GOAWAY, 0, 0, ascii('1234567')),
    expect: ['GOAWAY FRAME_SIZE_ERROR'],
  },
  {
    section: '9113 6.8',
    says: 'GOAWAY on a stream',
    send: frame(FrameType.GOAWAY, 0, 1, concat(uint32(0), uint32(0))),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.8',
    says: 'what was open before a GOAWAY of the client is finished, then the connection',
    send: concat(
      open(1),
      goaway(0, ErrorCode.NO_ERROR),
      ping('draining', Flag.ACK),
      data(1, message('abc'), Flag.END_STREAM),
    ),
    expect: ['GOAWAY NO_ERROR', 'PING', 'GOAWAY NO_ERROR', ...served(1)],
  },
  {
    section: '9113 6.10',
    says: 'CONTINUATION without HEADERS',
    send: concat(unary(1), continuation(1, request)),
    expect: [...served(1), 'GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.10',
    says: 'CONTINUATION behind END_HEADERS',
    send: concat(open(1), continuation(1, request)),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.10',
    says: 'CONTINUATION of another stream',
    send: concat(headers(1, request, 0), continuation(3, request)),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.10',
    says: 'CONTINUATION on the connection',
    send: continuation(0, request),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
];

export const settingsRows: readonly ServerRow[] = [
  {
    section: '9113 6.5',
    says: 'SETTINGS on a stream',
    send: frame(FrameType.SETTINGS, 0, 1),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.5',
    says: 'SETTINGS of five octets',
    send: frame(FrameType.SETTINGS, 0, 0, ascii('12345')),
    expect: ['GOAWAY FRAME_SIZE_ERROR'],
  },
  {
    section: '9113 6.5',
    says: 'an acknowledgement with a payload',
    send: frame(FrameType.SETTINGS, Flag.ACK, 0, concat(ascii('\0\x03'), uint32(1))),
    expect: ['GOAWAY FRAME_SIZE_ERROR'],
  },
  {
    section: '9113 6.5.2',
    says: 'unknown settings are ignored',
    send: settings([
      [0xff, 7],
      [0, 1],
    ]),
    expect: ['SETTINGS ACK'],
  },
  {
    section: '9113 6.5.2',
    says: 'ENABLE_PUSH 2',
    send: settings([[Setting.ENABLE_PUSH, 2]]),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.5.2',
    says: 'ENABLE_PUSH 1 from a client',
    send: settings([[Setting.ENABLE_PUSH, 1]]),
    expect: ['SETTINGS ACK'],
  },
  {
    section: '9113 6.5.2',
    says: 'INITIAL_WINDOW_SIZE 2^31',
    send: settings([[Setting.INITIAL_WINDOW_SIZE, 2 ** 31]]),
    expect: ['GOAWAY FLOW_CONTROL_ERROR'],
  },
  {
    section: '9113 6.5.2',
    says: 'INITIAL_WINDOW_SIZE 2^31-1',
    send: settings([[Setting.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]]),
    expect: ['SETTINGS ACK'],
  },
  {
    section: '9113 6.5.2',
    says: 'MAX_FRAME_SIZE 16,383',
    send: settings([[Setting.MAX_FRAME_SIZE, 16_383]]),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.5.2',
    says: 'MAX_FRAME_SIZE 2^24',
    send: settings([[Setting.MAX_FRAME_SIZE, 2 ** 24]]),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.5.2',
    says: 'MAX_FRAME_SIZE 2^24-1',
    send: settings([[Setting.MAX_FRAME_SIZE, 2 ** 24 - 1]]),
    expect: ['SETTINGS ACK'],
  },
  {
    section: '9113 6.5.3',
    says: 'each SETTINGS is acknowledged once, in its turn',
    send: concat(settings(), ping('12345678'), settings()),
    expect: ['SETTINGS ACK', 'PING ACK 12345678', 'SETTINGS ACK'],
  },
  {
    section: '9113 6.5.3',
    says: 'SETTINGS that are never acknowledged',
    rig: { handshake: false, limits: { settingsAckMs: 5_000 } },
    send: (rig) => {
      rig.send(preface, settings());
      rig.wait(4_900);
      rig.lines.push('waited');
      rig.wait(200);
    },
    expect: ['SETTINGS', 'SETTINGS ACK', 'waited', 'GOAWAY SETTINGS_TIMEOUT'],
  },
  {
    section: '7541 4.2',
    says: 'a table of 0 is announced at the start of our next block',
    rig: { settings: [[Setting.HEADER_TABLE_SIZE, 0]] },
    send: (rig) => {
      rig.send(unary(1));
      const first = rig.frames.find((seen) => seen.type === FrameType.HEADERS);
      rig.lines.push(`starts with ${first?.payload[0]?.toString(16)}`);
    },
    expect: [...served(1), 'starts with 20'],
  },
];
