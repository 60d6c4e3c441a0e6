import { describe, expect, it } from 'vitest';
import type { ServerCall, ServerStreamHandler, StreamingHandler } from '../../src/wire/contract.ts';
import { Code } from '../../src/wire/status.ts';
import { Loopback, Recorder, noRoutes, plain } from './loopback.ts';

/** A streaming method whose last call and events can be looked at. */
class Probe implements ServerStreamHandler {
  call: ServerCall | null = null;
  readonly events: string[] = [];
  readonly open: StreamingHandler = (call) => {
    this.call = call;
    return this;
  };

  onMessage(payload: Uint8Array): void {
    this.events.push(`message ${payload.length}`);
  }
  onHalfClose(): void {
    this.events.push('half-close');
  }
  onCancel(): void {
    this.events.push('cancel');
  }
  onDrain(): void {
    this.events.push('drain');
  }
}

function join(probe: Probe, options: ConstructorParameters<typeof Loopback>[0] = {}): Loopback {
  const routes = { ...noRoutes, streaming: new Map([['/s.S/Chat', probe.open]]) };
  return new Loopback({ ...options, server: { ...options.server, routes } });
}

describe('a streaming call', () => {
  it.each([0, 1, 4, 11, 1000])('carries messages both ways, %i bytes at a time', (chunkBytes) => {
    const probe = new Probe();
    const loop = join(probe, { chunkBytes });
    const recorder = new Recorder();
    const stream = loop.client.openStream(
      '/s.S/Chat',
      { timeoutMs: 0, metadata: [['x-a', 'b']] },
      recorder,
      loop.nowMs,
    );
    stream.send(Buffer.alloc(3));
    stream.send(Buffer.alloc(0));
    loop.pump();
    expect(probe.call!.metadata).toContainEqual(['x-a', 'b']);
    probe.call!.sendHeaders([['x-c', 'd']]);
    probe.call!.send(Buffer.alloc(40_000));
    stream.send(Buffer.alloc(70_000));
    stream.end();
    loop.pump();
    expect(probe.events).toEqual(['message 3', 'message 0', 'message 70000', 'half-close']);
    probe.call!.send(Buffer.alloc(1));
    probe.call!.end(Code.NotFound, 'naïve 100%', [['x-e', 'f']]);
    loop.pump();
    expect(recorder.headers).toEqual([['x-c', 'd']]);
    expect(recorder.messages.map((m) => m.length)).toEqual([40_000, 1]);
    expect(recorder.end).toEqual({ code: Code.NotFound, message: 'naïve 100%', trailers: [['x-e', 'f']] });
    expect([loop.client.pinnedBytes, loop.server.pinnedBytes]).toEqual([0, 0]);
  });

  it('tells a sender to wait and to go on', () => {
    const probe = new Probe();
    const limits = { streamHighBytes: 10_000, streamWindowBytes: 1_000 };
    const loop = join(probe, { server: { limits }, client: { limits } });
    const recorder = new Recorder();
    const stream = loop.client.openStream('/s.S/Chat', plain, recorder, loop.nowMs);
    expect(stream.send(Buffer.alloc(9_000))).toBe(true);
    expect(stream.send(Buffer.alloc(9_000))).toBe(false);
    loop.pump();
    expect(recorder.drains).toBe(1);
    expect(probe.call!.send(Buffer.alloc(50_000))).toBe(false);
    loop.pump();
    expect(probe.events).toEqual(['message 9000', 'message 9000', 'drain']);
  });

  it('holds back the sender while its reader pauses, and loses nothing', () => {
    const probe = new Probe();
    const loop = join(probe, { client: { limits: { streamWindowBytes: 1_000 } } });
    const recorder = new Recorder();
    const stream = loop.client.openStream('/s.S/Chat', plain, recorder, loop.nowMs);
    loop.pump();
    stream.pause();
    for (let i = 0; i < 40; i++) probe.call!.send(Buffer.alloc(100, i));
    probe.call!.end(Code.OK, '');
    loop.pump();
    expect(recorder.messages).toEqual([]);
    expect(loop.client.pinnedBytes).toBeLessThan(3_000);
    expect(loop.server.pinnedBytes).toBeGreaterThan(3_000);
    stream.resume();
    loop.pump();
    expect(recorder.messages.map((m) => m[0])).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(recorder.end?.code).toBe(Code.OK);
    expect([loop.client.pinnedBytes, loop.server.pinnedBytes]).toEqual([0, 0]);
  });

  it('can be paused from within a message, with the end already there', () => {
    const probe = new Probe();
    const loop = join(probe);
    const recorder = new Recorder();
    const stream = loop.client.openStream('/s.S/Chat', plain, recorder, loop.nowMs);
    loop.pump();
    recorder.onMessage = (payload) => {
      recorder.messages.push(Uint8Array.from(payload));
      stream.pause();
    };
    for (let i = 0; i < 3; i++) probe.call!.send(Buffer.alloc(10, i));
    probe.call!.end(Code.Aborted, 'why');
    loop.pump();
    for (let seen = 1; seen <= 3; seen++) {
      expect(recorder.messages.length).toBe(seen);
      expect(recorder.end).toBe(null);
      stream.resume();
    }
    expect(recorder.end).toMatchObject({ code: Code.Aborted, message: 'why' });
    expect(loop.client.pinnedBytes).toBe(0);
  });

  it('is cancelled by the client', () => {
    const probe = new Probe();
    const loop = join(probe);
    const recorder = new Recorder();
    const stream = loop.client.openStream('/s.S/Chat', plain, recorder, loop.nowMs);
    loop.pump();
    stream.cancel();
    expect(recorder.end?.code).toBe(Code.Canceled);
    loop.pump();
    expect(probe.events).toEqual(['cancel']);
    expect(probe.call!.cancelled).toBe(true);
    probe.call!.send(Buffer.alloc(5));
    probe.call!.end(Code.OK, '');
    loop.pump();
    expect(recorder.messages).toEqual([]);
  });

  it('is ended by the server before the client has finished', () => {
    const probe = new Probe();
    const loop = join(probe);
    const recorder = new Recorder();
    const stream = loop.client.openStream('/s.S/Chat', plain, recorder, loop.nowMs);
    loop.pump();
    stream.send(Buffer.alloc(500_000));
    probe.call!.end(Code.FailedPrecondition, 'enough');
    loop.pump();
    expect(recorder.end).toMatchObject({ code: Code.FailedPrecondition, message: 'enough' });
    expect([loop.client.openCalls, loop.server.openCalls]).toEqual([0, 0]);
    expect([loop.client.closeReason, loop.server.closeReason]).toEqual(['', '']);
  });
});
