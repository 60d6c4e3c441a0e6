/** Ranges that are longer than one piece: cut into slices and parts, the same answer, and nothing left behind. */
import { describe, expect, it } from 'vitest';
import { KV } from '../../../src/api/methods.ts';
import type { RangeRequest, RangeResponse } from '../../../src/api/gen/etcdserverpb/kv.ts';
import type { DeepPartial } from '../../../src/api/message.ts';
import { Failure } from '../../../src/base/failure.ts';
import { utf8, utf8Text } from '../../../src/base/bytes.ts';
import { Replies } from '../../wire/loopback.ts';
import { range } from './request-cases.ts';
import { RpcRig, type RigOptions } from './rig.ts';

const all = { key: Uint8Array.of(0), range_end: Uint8Array.of(0) };

function filled(count: number, valueBytes: number, options: RigOptions = {}): RpcRig {
  const rig = new RpcRig(options);
  for (let i = 0; i < count; i++) rig.apply({ put: { key: keyOf(i), value: new Uint8Array(valueBytes).fill(i) } });
  return rig;
}

function keyOf(i: number): Uint8Array {
  return utf8(`key ${String(i).padStart(6, '0')}`);
}

/** Starts a range whose reader takes nothing: it stands in the middle. */
function stuck(rig: RpcRig, request: DeepPartial<RangeRequest> = all): { replies: Replies; handle: number } {
  const replies = new Replies();
  const handle = rig.loop.client.unary(
    KV.Range.path,
    KV.Range.request.encode(request),
    { timeoutMs: 5_000, metadata: [] },
    1,
    replies,
    rig.loop.nowMs,
  );
  rig.loop.server.receive(rig.loop.client.takeOutput()!, rig.loop.nowMs);
  while (rig.serverTurn());
  return { replies, handle };
}

function responseOf(replies: Replies): RangeResponse {
  expect(replies.all.map(({ message }) => message)).toEqual(['']);
  return KV.Range.response.decode(replies.all[0]!.payload);
}

describe('a long range', () => {
  it.each([
    { count: 3_000, valueBytes: 10, window: 1_000_000 },
    { count: 3_000, valueBytes: 10, window: 1_000 },
    { count: 500, valueBytes: 2_000, window: 100_000 },
    { count: 3, valueBytes: 400_000, window: 65_535 },
    { count: 70, valueBytes: 900, window: 65_535 },
  ])('of $count values of $valueBytes bytes arrives whole through a window of $window', (row) => {
    const rig = filled(row.count, row.valueBytes, { streamWindowBytes: row.window });
    const { response } = rig.call(KV.Range, all);
    expect([response.kvs.length, response.count, response.more]).toEqual([row.count, row.count, false]);
    expect(response.header).toMatchObject({ revision: row.count + 1, raft_term: 2 });
    response.kvs.forEach(({ key, value }, i) => {
      expect(utf8Text(key)).toBe(utf8Text(keyOf(i)));
      expect(Buffer.compare(value, Buffer.alloc(row.valueBytes, i))).toBe(0);
    });
    expect(rig.loop.server.pinnedBytes).toBe(0);
  });

  it('is of one revision, whatever is put, deleted and compacted while it is sent', async () => {
    const rig = filled(2_000, 1_000, { streamWindowBytes: 100_000 });
    const { replies } = stuck(rig);
    for (let i = 0; i < 2_000; i += 2) rig.apply({ delete: { key: keyOf(i) } });
    for (let i = 1; i < 2_000; i += 2) rig.apply({ put: { key: keyOf(i), value: utf8('new') } });
    rig.apply({ compact: { revision: 4_000 } });
    await rig.finishWork();
    rig.settle();
    const response = responseOf(replies);
    expect([response.count, response.header?.revision]).toEqual([2_000, 2_001]);
    expect(response.kvs.every(({ value }) => value.length === 1_000)).toBe(true);
  });

  it('says more and count at its end', () => {
    const rig = filled(2_000, 100);
    const { response } = rig.call(KV.Range, { ...all, limit: 1_500 });
    expect([response.kvs.length, response.count, response.more]).toEqual([1_500, 2_000, true]);
  });

  it('takes turns with other ranges, and other calls do not wait for either', () => {
    const rig = filled(20_000, 10, { streamWindowBytes: 100_000_000 });
    rig.clock.lookMs = 0.5; // four slices a turn
    const replies = new Replies();
    rig.start(KV.Range, all, replies);
    rig.start(KV.Range, { ...all, sort_order: 2 }, replies);
    rig.start(KV.Range, { ...all, count_only: true }, replies);
    let puts = 0;
    for (; replies.all.length < 3 && puts < 1_000; puts++) {
      const put = new Replies();
      rig.start(KV.Put, { key: utf8('zzz') }, put);
      rig.turn();
      expect(put.all.length).toBe(1); // in the same turn
    }
    expect(puts).toBeGreaterThan(10);
    const counts = replies.all.map(({ payload }) => KV.Range.response.decode(payload).count);
    expect(counts).toEqual([20_001, 20_001, 20_001]); // the first put was ahead of all three
  });

  it.each(['cancel', 'deadline', 'lost connection'] as const)('gives its revision back after a %s', async (how) => {
    const rig = filled(2_000, 1_000, { streamWindowBytes: 10_000 });
    const { handle } = stuck(rig);
    for (let i = 0; i < 2_000; i++) rig.apply({ put: { key: keyOf(i) } });
    rig.apply({ compact: { revision: 4_001 } });
    const compacted = async (): Promise<number> => {
      await rig.finishWork();
      return rig.state.mvcc.counters.compactedRevisions;
    };
    expect(await compacted()).toBe(0); // the range is reading them
    if (how === 'cancel') {
      rig.loop.client.cancel(handle);
      rig.loop.server.receive(rig.loop.client.takeOutput()!, rig.loop.nowMs);
    } else if (how === 'deadline') rig.loop.server.tick((rig.clock.ms = rig.loop.nowMs + 5_001));
    else rig.loop.server.transportClosed('gone');
    expect(await compacted()).toBe(2_000);
    const row = rig.methods.rowOf(KV.Range.path);
    const handled = [...rig.methods.handled.subarray(row * 17, row * 17 + 17)];
    expect(handled.indexOf(1)).toBe(how === 'deadline' ? 4 : 1);
  });

  it('is one of a bounded number that are sorted at a time; the others wait, and get what is there then', () => {
    const rig = filled(1_500, 10);
    const opened: number[] = [];
    const { mvcc } = rig.state;
    const openRange = mvcc.openRange.bind(mvcc);
    let closed = 0;
    mvcc.openRange = (query) => {
      const cursor = openRange(query);
      if ('grpc' in cursor || query.sortOrder === 'none') return cursor;
      opened.push(opened.length + 1 - closed);
      const close = cursor.close.bind(cursor);
      cursor.close = () => {
        closed++;
        close();
      };
      return cursor;
    };
    const replies = new Replies();
    const sorted = { ...all, sort_order: 2 as const, keys_only: true };
    rig.clock.lookMs = 0.1; // twenty slices a turn
    const handles = Array.from({ length: 150 }, () => rig.start(KV.Range, sorted, replies));
    for (let i = 0; i < 10; i++) rig.turn();
    expect(opened.length).toBe(64);
    for (let i = 60; i < 80; i++) rig.loop.client.cancel(handles[i]!); // some of them inside, some outside
    rig.start(KV.Range, { ...all, limit: 1 }, replies); // needs no memory: it does not wait
    rig.settle();
    expect(Math.max(...opened)).toBe(64);
    expect(closed).toBe(opened.length);
    expect(replies.all.filter(({ code }) => code === 0).length).toBe(131);
    expect(replies.all.filter(({ code }) => code === 1).length).toBe(20);
  });

  it('and leaves the line of those that wait to be sorted when it is cancelled there', () => {
    const rig = filled(2_000, 1_000, { streamWindowBytes: 10_000 });
    const sorted = { ...all, sort_order: 2 as const };
    const inside = Array.from({ length: 64 }, () => stuck(rig, sorted));
    const row = rig.methods.rowOf(KV.Range.path);
    const cancelled = (): number => rig.methods.handled[row * 17 + 1]!;
    const cancel = ({ handle }: { handle: number }): void => {
      rig.loop.client.cancel(handle);
      rig.loop.server.receive(rig.loop.client.takeOutput()!, rig.loop.nowMs);
    };
    for (let i = 0; i < 100; i++) cancel(stuck(rig, sorted)); // more would be an attack
    expect(cancelled()).toBeGreaterThan(60);
    const waiting = stuck(rig, sorted);
    inside.forEach(cancel);
    rig.settle();
    expect(responseOf(waiting.replies).kvs.length).toBe(2_000);
    expect(cancelled()).toBe(164);
  });

  it('and short ones: a thousand that may be read at once take many turns', () => {
    const rig = filled(3, 10);
    rig.clock.lookMs = 0.5;
    const replies = new Replies();
    for (let i = 0; i < 300; i++) {
      rig.start(KV.Range, { ...all, limit: 2 }, replies);
      rig.start(KV.Txn, { success: [range('key 000001')] }, replies);
    }
    let turns = 0;
    for (; replies.all.length < 600; turns++) {
      const before = replies.all.length;
      rig.turn();
      expect(replies.all.length - before).toBeLessThan(10);
    }
    expect(turns).toBeGreaterThan(100);
    expect(replies.all.every(({ code }) => code === 0)).toBe(true);
  });

  it('that is cancelled while it is prepared ends there', () => {
    const rig = filled(20_000, 10);
    rig.clock.lookMs = 1;
    const replies = new Replies();
    const handle = rig.start(KV.Range, { ...all, sort_order: 2, sort_target: 3 }, replies);
    rig.turn();
    rig.loop.client.cancel(handle);
    rig.settle();
    expect(replies.all).toMatchObject([{ code: 1 }]);
    const row = rig.methods.rowOf(KV.Range.path);
    expect(rig.methods.handled[row * 17 + 1]).toBe(1);
    expect(rig.methods.messagesSent[row]).toBe(0);
  });

  it.each([
    { compacted: 4_000, minutes: 4, code: 0 },
    { compacted: 4_000, minutes: 6, code: 13 },
    { compacted: 2_001, minutes: 60, code: 0 },
  ])(
    'read for $minutes minutes with a compaction to $compacted ends with $code',
    async ({ compacted, minutes, code }) => {
      const rig = filled(2_000, 1_000, { streamWindowBytes: 100_000 });
      const { replies } = stuck(rig); // at revision 2,001
      for (let i = 0; i < 2_000; i++) rig.apply({ put: { key: keyOf(i) } });
      rig.apply({ compact: { revision: compacted } });
      rig.clock.ms += minutes * 60_000;
      rig.settle();
      expect(replies.all).toMatchObject([{ code }]); // reset: nothing follows half a message
      await rig.finishWork();
      expect(rig.state.mvcc.counters.compactedRevisions).toBe(compacted - 2_001);
    },
  );

  it('is cut off where the storage is damaged', async () => {
    const rig = filled(2_000, 1_000, { streamWindowBytes: 10_000 });
    const { replies } = stuck(rig);
    await rig.flush();
    rig.storage.get = () => {
      throw new Failure('STORAGE_DAMAGED', 'the backend is damaged');
    };
    rig.settle();
    expect(replies.all).toMatchObject([{ code: 13, payload: new Uint8Array(0) }]); // reset: nothing follows half a message
    expect(rig.call(KV.Range, { key: keyOf(1) })).toMatchObject({ code: 15, message: 'the backend is damaged' });
    const row = rig.methods.rowOf(KV.Range.path);
    expect(rig.methods.handled[row * 17 + 15]).toBe(2);
  });
});
