/**
 * The server's side of a connection: any frames of a client, fed twice, whole and in pieces, with the same answer.
 * Octet 0 of an input says how it is cut; frames follow, after preface and SETTINGS.
 */
import { ByteBudget } from '../../../src/wire/byte-budget.ts';
import type { Routes, ServerCall, UnaryHandler } from '../../../src/wire/contract.ts';
import { Http2ServerConnection } from '../../../src/wire/server-connection.ts';
import {
  block,
  concat,
  continuation,
  data,
  Flag,
  FrameReader,
  goaway,
  headers,
  learnedField,
  message,
  padded,
  ping,
  preface,
  priority,
  resetStream,
  type Seen,
  settings,
  settingsAck,
  windowUpdate,
} from '../../wire/frames.ts';
import { open, requestHeaders, unary } from '../../wire/conformance/row.ts';
import { check } from '../check.ts';
import { checkWritten, feed, finish, smallLimits, startMs, type Subject, wordFor } from '../connection-run.ts';
import { framesOf, mutateFrames } from '../frame-mutation.ts';
import type { FuzzTarget } from '../target.ts';

const handshake = concat(preface, settings(), settingsAck);
const request = block(requestHeaders());
const plainGet = block([
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/health'],
]);

const templates: readonly Uint8Array[] = [
  open(1),
  open(3, '/t.T/Chat'),
  open(5, '/t.T/Hold'),
  open(7, '/t.T/Echo', { 'grpc-timeout': '10m', 'content-length': '8' }),
  unary(1),
  unary(3, 'de', '/t.T/Echo'),
  unary(5, 'x'.repeat(900), '/t.T/Chat'),
  unary(7, '', '/t.T/Pour'),
  unary(7, '', '/t.T/Parts'),
  headers(9, request, 0),
  continuation(9, request),
  continuation(9, new Uint8Array(0), 0),
  headers(1, [['x-trailer', 'y']], Flag.END_HEADERS | Flag.END_STREAM),
  headers(11, concat(request, learnedField('x', 'y'), Uint8Array.of(0xbe, 0x20)), 5),
  headers(13, plainGet, 5),
  headers(15, padded(request, 20), 0x0c),
  data(1, message('abc'), Flag.END_STREAM),
  data(3, message('abc').slice(0, 6)),
  data(3, padded(message('x'.repeat(40)), 9), Flag.PADDED),
  data(5, message(new Uint8Array(1_900))),
  data(5, message('abc', 1)),
  data(1, new Uint8Array(0)),
  ping('12345678'),
  ping('draining', Flag.ACK),
  priority(3, 1),
  settings([[4, 10]]),
  settings([
    [4, 100_000],
    [1, 0],
    [1, 4_096],
    [5, 20_000],
  ]),
  settingsAck,
  windowUpdate(0, 100_000),
  windowUpdate(7, 1_000),
  resetStream(3, 8),
  goaway(0, 0),
];

/** An echo, a call that never ends, a chat, an answer larger than the windows, and one in parts. */
function routes(live: Set<ServerCall>): Routes {
  const hold: UnaryHandler = (call) => void live.add(call);
  return {
    unary: new Map<string, UnaryHandler>([
      ['/t.T/Echo', (call, payload) => call.reply(payload)],
      ['/t.T/Hold', hold],
      ['/t.T/Pour', (call) => call.reply(new Uint8Array(4_000))],
      ['/t.T/Parts', (call) => sendParts(call, live)],
    ]),
    streaming: new Map([
      [
        '/t.T/Chat',
        (call: ServerCall) => {
          live.add(call);
          return {
            onMessage: (payload: Uint8Array) => void call.send(payload),
            onHalfClose: () => {
              live.delete(call);
              call.end(0, '');
            },
            onCancel: () => check(live.delete(call), 'a call is cancelled once, and not after its end'),
          };
        },
      ],
    ]),
  };
}

/** 4,000 bytes by 700, as fast as they are taken. */
function sendParts(call: ServerCall, live: Set<ServerCall>): void {
  let left = 4_000;
  const onDrain = (): void => {
    while (left > 0) {
      const part = new Uint8Array(Math.min(left, 700));
      left -= part.length;
      if (!call.sendPart(part)) return;
    }
    live.delete(call);
    call.end(0, '');
  };
  live.add(call);
  call.beginMessage(left, {
    onDrain,
    onCancel: () => check(live.delete(call), 'a sender of parts is cancelled once, and not after its end'),
  });
  onDrain();
}

function subject(live: Set<ServerCall>): Subject {
  const budget = new ByteBudget(1 << 20);
  const connection = new Http2ServerConnection({
    nowMs: startMs,
    onOutput: () => {},
    routes: routes(live),
    peer: { address: '127.0.0.1:1', tlsSubject: null },
    http: null,
    limits: smallLimits,
    budget,
    keepAliveMinMs: 0,
  });
  return { connection, budget, reader: new FrameReader(false) };
}

function runOnce(input: Uint8Array, cuts: number): Seen[] {
  const live = new Set<ServerCall>();
  const each = subject(live);
  feed(each, handshake, 0);
  const seen = feed(each, input.subarray(1), cuts);
  checkWritten([...seen, ...finish(each)], (streamId) => (streamId & 1) === 1);
  for (const call of live) check(call.cancelled, 'every call that was open has been cancelled');
  return seen;
}

export const serverConnection: FuzzTarget = {
  name: 'server-connection',
  weight: 8,
  seeds: [
    concat(Uint8Array.of(7), unary(1), unary(3), ping('12345678')),
    concat(Uint8Array.of(1), open(1, '/t.T/Chat'), data(1, message('abc')), data(1, message('de'), Flag.END_STREAM)),
    concat(
      Uint8Array.of(200),
      headers(1, request.slice(0, 20), 0),
      continuation(1, request.slice(20)),
      data(1, message('abc'), 1),
    ),
    concat(Uint8Array.of(50), settings([[4, 5]]), unary(1, 'x'.repeat(100)), windowUpdate(1, 50), resetStream(1, 8)),
    concat(Uint8Array.of(9), settings([[4, 500]]), unary(1, '', '/t.T/Parts'), windowUpdate(1, 900), resetStream(1, 8)),
  ],
  dictionary: templates,
  mutate: (input, random) => mutateFrames(input, random, templates),
  run: (input) => {
    const whole = runOnce(input, 0);
    const inPieces = runOnce(input, (input[0] ?? 0) + 1);
    check(
      wordFor(whole) === wordFor(inPieces) && whole.length === inPieces.length,
      'it does not matter where a socket cuts',
    );
    return `${Math.min(framesOf(input.subarray(1)).length, 3)} frames: ${wordFor(whole)}`;
  },
};
