/** What must hold of either side of a connection for every input, and how an input is fed. */
import { createRandom } from '../../src/base/random.ts';
import type { ByteBudget } from '../../src/wire/byte-budget.ts';
import type { Connection } from '../../src/wire/contract.ts';
import type { WireLimits } from '../../src/wire/limits.ts';
import { Flag, type FrameReader, FrameType, type Seen } from '../wire/frames.ts';
import { check } from './check.ts';

/** Small, so that short inputs reach them. */
export const smallLimits: Partial<WireLimits> = {
  concurrentStreamsMax: 6,
  headerListBytesMax: 600,
  headerFieldsMax: 16,
  headerBlockBytesMax: 1_500,
  continuationFramesMax: 3,
  streamWindowBytes: 3_000,
  connectionWindowBytes: 65_535,
  messageBytesMax: 2_000,
  connectionBytesMax: 12_000,
  httpBodyBytesMax: 500,
  pings: { perSec: 1, burst: 6 },
  settings: { perSec: 1, burst: 6 },
  resetsReceived: { perSec: 1, burst: 6 },
  resetsProvoked: { perSec: 1, burst: 6 },
  refusals: { perSec: 1, burst: 6 },
  windowUpdates: { perSec: 1, burst: 12 },
  priorities: { perSec: 1, burst: 6 },
  emptyData: { perSec: 1, burst: 4 },
  tinyData: { perSec: 1, burst: 8 },
  tinyDataBytes: 16,
};

export const startMs = 1_000;

/** A frame of ours, a copy of the input and growth beside what is charged. */
const slackBytes = 40_000;

export interface Subject {
  readonly connection: Connection;
  readonly budget: ByteBudget;
  readonly reader: FrameReader;
}

/** Feeds `bytes`, in one piece when `cuts` is 0, and returns all that was answered. */
export function feed({ connection, reader }: Subject, bytes: Uint8Array, cuts: number): Seen[] {
  const random = createRandom(cuts);
  const seen: Seen[] = [];
  for (let at = 0; at < bytes.length || at === 0;) {
    const end = cuts === 0 ? bytes.length : Math.min(bytes.length, at + 1 + random.below(cuts));
    const chunk = bytes.slice(at, end);
    connection.receive(chunk, startMs);
    chunk.fill(0xa5); // nothing of a chunk may be kept
    check(connection.pinnedBytes >= 0, 'pinned bytes are never negative');
    check(connection.pinnedBytes <= smallLimits.connectionBytesMax! + slackBytes, 'a peer pins no more than it may');
    seen.push(...take(connection, reader));
    at = Math.max(end, 1);
  }
  return seen;
}

export function take(connection: Connection, reader: FrameReader): Seen[] {
  const seen: Seen[] = [];
  for (let output = connection.takeOutput(); output !== null; output = connection.takeOutput()) {
    seen.push(...reader.push(output));
    connection.outputDrained();
  }
  check(reader.pendingBytes === 0, 'only whole frames are written');
  return seen;
}

/** Time passes, then the socket closes. Nothing may be left. */
export function finish({ connection, budget, reader }: Subject): Seen[] {
  const seen: Seen[] = [];
  for (const afterMs of [100, 2_000, 30_000, 70_000, 8_000_000]) {
    connection.tick(startMs + afterMs);
    seen.push(...take(connection, reader));
  }
  connection.transportClosed('closed');
  connection.tick(startMs + 9_000_000); // calls that could not start are told here
  check(connection.takeOutput() === null, 'a closed connection says nothing');
  check(connection.pinnedBytes === 0 && budget.usedBytes === 0, 'a closed connection pins nothing');
  return seen;
}

/** Rules for what we write, whatever we were sent. */
export function checkWritten(seen: readonly Seen[], isPeerStream: (streamId: number) => boolean): void {
  const ended = new Set<number>();
  for (const [i, each] of seen.entries()) {
    if (each.type === FrameType.GOAWAY && each.code !== 'NO_ERROR')
      check(i === seen.length - 1, 'an error is the last word');
    if (each.streamId === 0) continue;
    check(isPeerStream(each.streamId), 'we write on streams that were opened');
    if (each.type === FrameType.WINDOW_UPDATE) continue;
    check(!ended.has(each.streamId) || each.type === FrameType.RST_STREAM, 'nothing follows the end of a stream');
    if (each.type === FrameType.RST_STREAM || (each.flags & Flag.END_STREAM) !== 0) ended.add(each.streamId);
  }
}

/** What happened, coarse enough that the words are few: which frames, and why the end. */
export function wordFor(seen: readonly Seen[]): string {
  const kinds = new Set(seen.map((each) => (each.code === undefined ? each.name : `${each.name} ${each.code}`)));
  const last = seen.findLast((each) => each.debug !== undefined && each.code !== 'NO_ERROR');
  return last === undefined ? [...kinds].sort().join(' ') : `GOAWAY ${last.code} ${last.debug}`;
}
