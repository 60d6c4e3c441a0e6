/**
 * The client's side of a connection: any frames of a server while three calls and a stream are open, fed twice, whole and
 * in pieces, with the same end for every call. Octet 0 of an input says how it is cut; frames follow, after SETTINGS.
 */
import { ByteBudget } from '../../../src/wire/byte-budget.ts';
import { Http2ClientConnection } from '../../../src/wire/client-connection.ts';
import {
  block,
  concat,
  continuation,
  data,
  Flag,
  frame,
  FrameReader,
  FrameType,
  goaway,
  headers,
  learnedField,
  message,
  padded,
  ping,
  resetStream,
  type Seen,
  settings,
  settingsAck,
  windowUpdate,
} from '../../wire/frames.ts';
import { answer, responseHeaders, trailers } from '../../wire/conformance/row.ts';
import { check } from '../check.ts';
import { checkWritten, feed, finish, smallLimits, startMs, type Subject, take, wordFor } from '../connection-run.ts';
import { mutateFrames } from '../frame-mutation.ts';
import type { FuzzTarget } from '../target.ts';

const response = block(responseHeaders());
const options = { timeoutMs: 0, metadata: [] };
const dated = { timeoutMs: 60_000, metadata: [['x', 'y'] as const] };

const templates: readonly Uint8Array[] = [
  answer(1),
  answer(3),
  answer(7, 'x'.repeat(500)),
  headers(5, responseHeaders()),
  headers(7, [[':status', '103']]),
  headers(1, response, 0),
  continuation(1, response),
  headers(3, concat(response, learnedField('grpc-status', '0'), Uint8Array.of(0xbe)), 5),
  headers(
    1,
    [
      [':status', '503'],
      ['content-type', 'text/html'],
    ],
    5,
  ),
  data(7, message('abc')),
  data(7, message('abcdef').slice(0, 7)),
  data(5, padded(message('x'), 3), Flag.PADDED),
  data(1, message('abc', 1)),
  data(3, message('abc'), Flag.END_STREAM),
  data(3, message(new Uint8Array(1_900))),
  data(7, message(new Uint8Array(2_100)).slice(0, 100)),
  trailers(1),
  trailers(7, '9', [['grpc-message', 'a%20b']]),
  trailers(5, null),
  ping('12345678'),
  settings([[3, 1]]),
  settings([[4, 0]]),
  settings([
    [4, 70_000],
    [1, 0],
    [5, 30_000],
  ]),
  settingsAck,
  windowUpdate(0, 1_000),
  windowUpdate(3, 1_000),
  resetStream(1, 7),
  resetStream(7, 0),
  goaway(3, 0, 'bye'),
  goaway(0x7fffffff, 0),
  frame(FrameType.PUSH_PROMISE, 4, 1, concat(Uint8Array.of(0, 0, 0, 2), response)),
];

/** How calls ended, by token. */
class Ends {
  readonly all = new Map<number, string>();

  note(token: number, code: number): void {
    check(!this.all.has(token), 'a call ends once');
    this.all.set(token, String(code));
  }

  onReply(token: number, code: number): void {
    this.note(token, code);
  }
}

function subject(ends: Ends): Subject {
  const budget = new ByteBudget(1 << 20);
  const connection = new Http2ClientConnection({
    nowMs: startMs,
    onOutput: () => {},
    authority: 'localhost',
    secure: false,
    limits: { ...smallLimits, queuedCallsMax: 4 },
    budget,
  });
  const each = { connection, budget, reader: new FrameReader(true) };
  feed(each, concat(settings([[4, 200]]), settingsAck), 0);
  connection.unary('/t.T/A', Buffer.from('abc'), options, 1, ends, startMs);
  connection.unary('/t.T/B', new Uint8Array(1_000), dated, 2, ends, startMs);
  connection.unary('/t.T/A', Buffer.from('x'), options, 3, ends, startMs);
  openChat(connection, ends);
  take(connection, each.reader);
  return each;
}

/** Pauses at its first message, and goes on with the next event. */
function openChat(connection: Http2ClientConnection, ends: Ends): void {
  let messages = 0;
  const stream = connection.openStream(
    '/t.T/Chat',
    options,
    {
      onMessage: (payload) => {
        check(!ends.all.has(4), 'nothing comes after the end');
        check(
          payload.every((octet) => octet !== 0xa5),
          'a payload is not a chunk that is gone',
        );
        if (++messages === 2) stream.pause();
      },
      onEnd: (code) => ends.note(4, code),
    },
    startMs,
  );
  stream.send(Buffer.from('hello'));
}

function runOnce(input: Uint8Array, cuts: number): { seen: Seen[]; ends: string } {
  const ends = new Ends();
  const each = subject(ends);
  const seen = feed(each, input.subarray(1), cuts);
  const atOnce = [...ends.all].sort().join(' ');
  checkWritten([...seen, ...finish(each)], (streamId) => streamId <= 7);
  check(ends.all.size === 4 || each.connection.openCalls === 0, 'every call has ended');
  for (const token of [1, 2, 3]) check(ends.all.has(token), 'every unary call has ended');
  return { seen, ends: atOnce };
}

export const clientConnection: FuzzTarget = {
  name: 'client-connection',
  weight: 8,
  seeds: [
    concat(Uint8Array.of(9), answer(1), answer(3), answer(5), answer(7)),
    concat(Uint8Array.of(1), headers(7, responseHeaders()), data(7, message('a')), data(7, message('b')), trailers(7)),
    concat(Uint8Array.of(100), settings([[4, 5_000]]), windowUpdate(0, 9), goaway(1, 0), answer(1)),
  ],
  dictionary: templates,
  mutate: (input, random) => mutateFrames(input, random, templates),
  run: (input) => {
    const whole = runOnce(input, 0);
    const inPieces = runOnce(input, (input[0] ?? 0) + 1);
    check(whole.ends === inPieces.ends, 'it does not matter where a socket cuts');
    return `${whole.ends.split(' ').length} ended: ${wordFor(whole.seen)}`;
  },
};
