/** DATA on its way out, against the plainest model: bytes in order, never beyond a window, never stuck while one allows more. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { concatBytes } from '../../src/base/bytes.ts';
import { ByteAccount, ByteBudget } from '../../src/wire/byte-budget.ts';
import { WireCounters } from '../../src/wire/counters.ts';
import { Flag, frameHeaderBytes, readUint32 } from '../../src/wire/frame.ts';
import { FrameWriter } from '../../src/wire/frame-writer.ts';
import { Http2Stream } from '../../src/wire/http2-stream.ts';
import { SendScheduler } from '../../src/wire/send-scheduler.ts';

const outputHighBytes = 60;
const streamHighBytes = 40;
const frameBytesMax = 16;

class Sending extends Http2Stream {
  readonly asked: Uint8Array[] = [];
  readonly left: Uint8Array[] = [];
  /** END_STREAM was asked for, or has left. */
  closed = false;
  ended = false;
  /** The last send said false, and nobody was told to go on. */
  refused = false;
  /** What it sends from inside of its next onDrain; -1 for nothing. */
  drainBytes = -1;
  readonly #sender: SendScheduler;

  constructor(id: number, sender: SendScheduler) {
    super();
    this.id = id;
    this.sendWindow = 20;
    this.#sender = sender;
  }

  send(how: 'sendBytes' | 'sendPart' | 'sendMessage', size: number): void {
    if (this.closed) return;
    const bytes = Uint8Array.from({ length: size }, (_, i) => i + size);
    if (how === 'sendMessage') this.asked.push(Uint8Array.of(0, 0, 0, 0, size));
    this.asked.push(bytes);
    this.refused = !this.#sender[how](this, bytes);
  }

  override onDrain(): void {
    this.refused = false;
    const bytes = this.drainBytes;
    this.drainBytes = -1;
    if (bytes >= 0) this.send('sendBytes', bytes);
  }

  override onQueueEmpty(): void {}
}

class World {
  readonly out = new FrameWriter();
  readonly account = new ByteAccount(1e9, new ByteBudget(1e9));
  readonly sender = new SendScheduler({
    out: this.out,
    account: this.account,
    counters: new WireCounters(),
    outputHighBytes,
    streamHighBytes,
  });
  readonly streams = [1, 3, 5].map((id) => new Sending(id, this.sender));

  constructor() {
    this.sender.window = 50;
    this.sender.frameBytesMax = frameBytesMax;
  }

  /** The pump takes the output, frame by frame. */
  take(): void {
    const output = this.out.take() ?? new Uint8Array(0);
    this.sender.backlogBytes += output.length;
    for (let at = 0; at < output.length;) {
      const end = at + frameHeaderBytes + (readUint32(output, at) >>> 8);
      this.#onFrame(output.slice(at, end));
      at = end;
    }
  }

  #onFrame(frame: Uint8Array): void {
    const stream = this.streams.find(({ id }) => id === readUint32(frame, 5))!;
    expect(frame.length - frameHeaderBytes).toBeLessThanOrEqual(frameBytesMax);
    expect(stream.ended).toBe(false);
    stream.ended = frame[4] === Flag.EndStream;
    stream.left.push(frame.subarray(frameHeaderBytes));
  }

  check(): void {
    const { sender, streams } = this;
    for (const { id, queue, sendWindow, refused, closed, localEnded, over } of streams) {
      const mayLeave = sendWindow > 0 && sender.window > 0 && sender.unsentBytes < outputHighBytes;
      expect([id, queue !== null && mayLeave]).toEqual([id, false]);
      if (refused && !over) expect(queue, `stream ${id} waits for onDrain`).not.toBe(null);
      if (closed && queue === null && !over) expect(localEnded, `stream ${id} has ended`).toBe(true);
    }
    expect(sender.window).toBeGreaterThanOrEqual(0);
    expect(this.account.usedBytes).toBe(streams.reduce((sum, { queue }) => sum + (queue?.bytes ?? 0), 0));
    expect(sender.queuedStreams).toBe(streams.filter(({ queue }) => queue !== null).length);
  }

  /** Windows and the socket open, until all has left. */
  finish(): void {
    for (let round = 0; round === 0 || (this.sender.queuedStreams > 0 && round < 100); round++) {
      acts.connection(this, this.streams[0]!, 400);
      for (const stream of this.streams) if (!stream.over) acts.widen(this, stream, 200);
      this.take();
      acts.drained(this);
    }
    this.take();
    for (const { asked, left, over, ended, closed, refused } of this.streams) {
      const [all, got] = [Buffer.from(concatBytes(asked)), Buffer.from(concatBytes(left))];
      if (over) expect(all.subarray(0, got.length).equals(got)).toBe(true);
      else expect([got.toString('hex'), ended, refused]).toEqual([all.toString('hex'), closed, false]);
    }
    expect(this.account.usedBytes).toBe(0);
  }
}

type Act = (world: World, stream: Sending, size: number) => void;

const acts = {
  bytes: (_, stream, size) => stream.send('sendBytes', size),
  part: (_, stream, size) => stream.send('sendPart', size),
  message: (_, stream, size) => stream.send('sendMessage', size),
  drainSends: (_, stream, size) => void (stream.drainBytes = size),
  end: ({ sender }, stream) => {
    if (!stream.closed) sender.endWithData(stream);
    stream.closed = true;
  },
  forget: ({ sender }, stream) => {
    stream.over = true;
    sender.forget(stream);
  },
  widen: ({ sender }, stream, size) => {
    sender.widenStream(stream, size);
    sender.flush();
  },
  /** The peer changes SETTINGS_INITIAL_WINDOW_SIZE. */
  shift: ({ sender, streams }, _, size) => {
    for (const stream of streams) if (!stream.over) sender.widenStream(stream, size - 45);
    sender.flush();
  },
  connection: ({ sender }, _, size) => {
    sender.widen(size);
    sender.flush();
  },
  take: (world) => world.take(),
  drained: ({ sender }: World) => {
    sender.backlogBytes = 0;
    sender.flush();
  },
} satisfies Record<string, Act>;

const sends = ['bytes', 'part', 'message'] as const;
const often = [...sends, ...sends, 'take', 'drained', 'widen', 'connection'] as const;
const seldom = ['end', 'forget', 'shift', 'drainSends'] as const;
const steps = fc.array(
  fc.record({
    act: fc.constantFrom(...often, ...often, ...seldom),
    stream: fc.nat(2),
    size: fc.oneof(fc.nat(12), fc.nat(90)),
  }),
  { maxLength: 40, size: 'max' },
);

it('DATA leaves whole, in order, as soon as it may, and none of it is nothing for ever', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const world = new World();
      for (const { act, stream: number, size } of all) {
        const stream = world.streams[number]!;
        const perform: Act = acts[act];
        if (!stream.over) perform(world, stream, size);
        world.check();
      }
      world.finish();
      world.check();
    }),
    { numRuns: 200 },
  );
});
