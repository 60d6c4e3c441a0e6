/**
 * The attacks. Each is what somebody published or could: what it sends, and how the server has to answer. Every script has
 * far more to send than the server may take.
 */
import {
  block,
  concat,
  continuation,
  data,
  ErrorCode,
  frame,
  goaway,
  headers,
  learnedField,
  message,
  ping,
  preface,
  priority,
  resetStream,
  Setting,
  settings,
  windowUpdate,
} from '../frames.ts';
import { open, requestHeaders, unary } from '../conformance/row.ts';
import { Attacker } from './attacker.ts';

export interface Attack {
  readonly name: string;
  /** Where it was described, or the limit that stands against it. */
  readonly against: string;
  /** Attacks; returns what the server answered, in the words of `answer`. */
  readonly run: (port: number) => Promise<string>;
  readonly answer: string;
}

const calm = 'ENHANCE_YOUR_CALM';

/** `count` chunks of `each` frames. */
function* batches(count: number, each: number, make: (i: number) => Uint8Array): Generator<Uint8Array> {
  for (let batch = 0; batch < count; batch++) {
    yield concat(...Array.from({ length: each }, (_, i) => make(batch * each + i)));
  }
}

/** Frames of one kind, 200,000 of them, behind whatever makes them legal. */
function flood(
  name: string,
  against: string,
  make: (i: number) => Uint8Array,
  before: readonly Uint8Array[] = [],
): Attack {
  return {
    name,
    against,
    answer: calm,
    run: async (port) => {
      const attacker = await Attacker.greet(port);
      await attacker.write(concat(...before));
      await attacker.flood(batches(400, 500, make));
      await attacker.ended();
      return attacker.goodbye ?? 'closed';
    },
  };
}

/** Something that is wrong once. */
function mistake(name: string, against: string, answer: string, bytes: Uint8Array): Attack {
  return {
    name,
    against,
    answer,
    run: async (port) => {
      const attacker = await Attacker.greet(port);
      await attacker.write(bytes);
      await attacker.ended();
      return attacker.goodbye ?? 'closed';
    },
  };
}

const id = (i: number) => 2 * i + 1;
const bytes64 = new Uint8Array(64 * 1024);

const floods: readonly Attack[] = [
  flood('rapid reset', 'CVE-2023-44487', (i) => concat(open(id(i), '/t.T/Hold'), resetStream(id(i), ErrorCode.CANCEL))),
  flood('rapid reset of calls that are answered', 'CVE-2023-44487', (i) =>
    concat(unary(id(i)), resetStream(id(i), ErrorCode.CANCEL)),
  ),
  flood('made you reset: windows of 0', 'CVE-2025-8671', (i) =>
    concat(open(id(i), '/t.T/Hold'), windowUpdate(id(i), 0)),
  ),
  flood('made you reset: malformed requests', 'CVE-2025-8671', (i) => open(id(i), '/t.T/Hold', { connection: 'x' })),
  flood('made you reset: DATA behind the end', 'CVE-2025-8671', (i) =>
    concat(unary(id(i), '', '/t.T/Hold'), data(id(i), new Uint8Array(1))),
  ),
  flood('CONTINUATION flood', 'CVE-2024-27316', () => continuation(1, bytes64.subarray(0, 1_000).fill(0x82), 0), [
    headers(1, block(requestHeaders()), 0),
  ]),
  flood('CONTINUATION flood of nothing', 'CVE-2024-27316', () => continuation(1, new Uint8Array(0), 0), [
    headers(1, block(requestHeaders()), 0),
  ]),
  flood('PING flood', 'CVE-2019-9512', () => ping('12345678')),
  flood('SETTINGS flood', 'CVE-2019-9515', () => settings([[Setting.INITIAL_WINDOW_SIZE, 65_535]])),
  flood('PRIORITY flood', 'CVE-2019-9513', (i) => priority(id(i % 1_000), id(i % 77))),
  flood('flood of unknown frames', 'CVE-2019-9513', (i) => frame(0x40 + (i % 100), 0, i)),
  flood('WINDOW_UPDATE flood', 'limit windowUpdates', () => windowUpdate(0, 1)),
  flood('GOAWAY flood', 'limit settings', () => goaway(0, 0), [unary(1, '', '/t.T/Hold')]),
  flood('flood of empty DATA', 'CVE-2019-9518', () => data(1, new Uint8Array(0)), [open(1, '/t.T/Chat')]),
  flood('flood of one-octet DATA', 'limit tinyData', () => data(1, new Uint8Array(1)), [
    open(1, '/t.T/Chat'),
    data(1, message(new Uint8Array(2_000_000)).slice(0, 5)),
  ]),
  flood('requests without end, none answered', 'limit connectionBytesMax', (i) => unary(id(i), '', '/t.T/Hold')),
];

const mistakes: readonly Attack[] = [
  mistake(
    'connection window overflow',
    '9113 6.9.1',
    'FLOW_CONTROL_ERROR',
    concat(windowUpdate(0, 2 ** 31 - 1), windowUpdate(0, 1)),
  ),
  mistake('an even stream id', '9113 5.1.1', 'PROTOCOL_ERROR', unary(2)),
  mistake('a stream id that goes back', '9113 5.1.1', 'PROTOCOL_ERROR', concat(unary(9), unary(7))),
  mistake('a frame of 16 MB', '9113 4.2', 'FRAME_SIZE_ERROR', frame(0, 0, 1, new Uint8Array(100), 0xffffff)),
  mistake(
    'a header block that is no HPACK',
    '9113 4.3',
    'COMPRESSION_ERROR',
    headers(1, new Uint8Array(10_000).fill(0xff)),
  ),
  mistake(
    'a table beyond its limit',
    '7541 6.3',
    'COMPRESSION_ERROR',
    headers(1, Uint8Array.of(0x3f, 0xff, 0xff, 0x7f)),
  ),
];

/** Requests that are answered 431, each; the last of them still is. */
function oversized(name: string, against: string, before: Uint8Array, blockBytes: Uint8Array): Attack {
  return {
    name,
    against,
    answer: '300 of 300 answered 431',
    run: async (port) => {
      const attacker = await Attacker.greet(port);
      await attacker.write(before);
      await attacker.flood(batches(30, 10, (i) => headers(id(i + 1), blockBytes, 5)));
      while (attacker.seen.filter((each) => each.streamId === id(300) && each.headers !== undefined).length === 0) {
        if (attacker.closed) break;
        await new Promise((resolve) => void setTimeout(resolve, 5));
      }
      const answers = attacker.seen.filter((each) =>
        each.headers?.some(([name, value]) => name === ':status' && value === '431'),
      );
      attacker.destroy();
      return `${answers.length} of 300 answered 431`;
    },
  };
}

const large = learnedField('x', 'y'.repeat(4_000));
const tiny = concat(...Array.from({ length: 3_000 }, () => Uint8Array.of(0, 1, 0x61, 1, 0x62)));

const lists: readonly Attack[] = [
  oversized(
    'HPACK bomb: 16,000 references to a field of 4,000 octets',
    'limit headerListBytesMax',
    headers(1, concat(block(requestHeaders()), large), 5),
    concat(block(requestHeaders()), new Uint8Array(16_000).fill(0xbe)),
  ),
  oversized(
    '3,000 fields of two octets',
    'limit headerFieldsMax',
    new Uint8Array(0),
    concat(block(requestHeaders()), tiny),
  ),
];

/** Sends a little, then waits to be thrown out. */
function slow(
  name: string,
  against: string,
  answer: string,
  open: (port: number) => Promise<Attacker>,
  drip: readonly Uint8Array[],
): Attack {
  return {
    name,
    against,
    answer,
    run: async (port) => {
      const attackers = await Promise.all(Array.from({ length: 50 }, () => open(port)));
      for (const bytes of drip) {
        for (const attacker of attackers) await attacker.write(bytes);
        await new Promise((resolve) => void setTimeout(resolve, 50));
      }
      await Promise.all(attackers.map((attacker) => attacker.ended()));
      return attackers.map((attacker) => attacker.goodbye ?? 'closed').find((word) => word !== answer) ?? answer;
    },
  };
}

const octets = (bytes: Uint8Array, count: number) => Array.from({ length: count }, (_, i) => bytes.slice(i, i + 1));
const speak = (port: number) => Attacker.connect(port);
const greet = (port: number) => Attacker.greet(port);

const slowness: readonly Attack[] = [
  slow('no preface at all', 'limit prefaceMs', 'closed', speak, []),
  slow('a preface octet by octet', 'limit prefaceMs', 'PROTOCOL_ERROR', speak, octets(preface, 12)),
  slow('headers octet by octet', 'limit slowFrameMs', calm, greet, octets(open(1), 12)),
  slow('a block that never ends', 'limit slowFrameMs', calm, greet, [headers(1, block(requestHeaders()), 0)]),
];

const memory: readonly Attack[] = [
  {
    name: 'a reader that asks for 600 MB and reads nothing',
    against: 'limits outputStopBytes, connectionBytesMax, stalledReaderMs',
    answer: 'closed',
    run: async (port) => {
      const attacker = await Attacker.greet(port, [[Setting.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]]);
      await attacker.write(windowUpdate(0, 2 ** 31 - 1 - 65_535));
      attacker.stopReading();
      // The socket fills in both directions, so writing must not be waited for.
      for (const chunk of batches(30, 100, (i) => unary(id(i), '', '/t.T/Pour'))) void attacker.write(chunk);
      await new Promise((resolve) => void setTimeout(resolve, 5_000)); // stalledReaderMs, and what a slow server takes longer
      await attacker.ended();
      return 'closed';
    },
  },
  {
    name: 'a thousand messages of 2 MB, half of each',
    against: 'limit connectionBytesMax',
    answer: 'refused',
    run: async (port) => {
      const attacker = await Attacker.greet(port);
      const half = concat(message(new Uint8Array(2_000_000)).slice(0, 16_384));
      await attacker.flood(batches(1_000, 1, (i) => concat(open(id(i)), data(id(i), half))));
      await attacker.write(ping('finished'));
      while (!attacker.closed && !attacker.seen.some((each) => each.name === 'PING' && each.flags === 1)) {
        await new Promise((resolve) => void setTimeout(resolve, 5));
      }
      const refused = attacker.seen.some(
        (each) =>
          each.code === 'REFUSED_STREAM' ||
          each.headers?.some(([name, value]) => name === 'grpc-status' && value === '8'),
      );
      attacker.destroy();
      return refused ? 'refused' : 'taken';
    },
  },
];

export const attacks: readonly Attack[] = [...floods, ...mistakes, ...lists, ...slowness, ...memory];
