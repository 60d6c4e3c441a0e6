/** The KV service over the real state: what answers say, and what becomes an entry of the log. */
import { describe, expect, it } from 'vitest';
import { etcdErrors } from '../../../src/api/errors.ts';
import type { DeepPartial } from '../../../src/api/message.ts';
import { KV, type UnaryMethod } from '../../../src/api/methods.ts';
import type { RangeRequest } from '../../../src/api/gen/etcdserverpb/kv.ts';
import { utf8, utf8Text } from '../../../src/base/bytes.ts';
import { Replies } from '../../wire/loopback.ts';
import { del, put, range, txn } from './request-cases.ts';
import { RpcRig, type RigOptions } from './rig.ts';

const header = { cluster_id: 0xcdf818194e3a8c32n, member_id: 0x8e9e05c52164694dn, raft_term: 2 };

/** A store with these keys, each put once, in this order. */
function filled(keys: readonly string[], options: RigOptions = {}): RpcRig {
  const rig = new RpcRig(options);
  for (const key of keys) rig.call(KV.Put, { key: utf8(key), value: utf8(`value of ${key}`) });
  return rig;
}

function keysOf(kvs: readonly { readonly key: Uint8Array }[]): string {
  return kvs.map(({ key }) => utf8Text(key)).join(' ');
}

describe('Put', () => {
  it('answers with who, at which revision and in which term', () => {
    const rig = new RpcRig();
    for (let revision = 2; revision < 300; revision++) {
      const { code, response } = rig.call(KV.Put, { key: utf8('a') });
      expect([code, response]).toEqual([0, { header: { ...header, revision }, prev_kv: undefined }]);
    }
    rig.status.term = 2 ** 40;
    expect(rig.call(KV.Put, { key: utf8('a') }).response.header).toEqual({
      ...header,
      raft_term: 2 ** 40,
      revision: 300,
    });
  });

  it('gives the pair before when it is asked to', () => {
    const rig = filled(['a']);
    const { response } = rig.call(KV.Put, { key: utf8('a'), value: utf8('new'), prev_kv: true });
    expect(response.header).toEqual({ ...header, revision: 3 });
    expect(response.prev_kv).toMatchObject({ value: utf8('value of a'), mod_revision: 2 });
    expect(rig.call(KV.Put, { key: utf8('b'), prev_kv: true }).response.prev_kv).toBeUndefined();
  });

  it('goes into the log with the bytes that came', () => {
    const rig = new RpcRig();
    const request = Uint8Array.of(0x12, 1, 0x31, 0x0a, 1, 0x61); // value first: nothing encodes it so
    rig.call(KV.Put, request);
    expect(Buffer.from(rig.log[0]!).includes(Buffer.from(request))).toBe(true);
    expect(rig.call(KV.Range, { key: utf8('a') }).response.kvs).toMatchObject([{ value: utf8('1') }]);
  });

  it.each([etcdErrors.STOPPED, etcdErrors.REQUEST_TOO_LARGE, etcdErrors.TIMEOUT])(
    'answers what the node says: $message',
    (failure) => {
      const rig = new RpcRig();
      rig.failure = failure;
      for (const [method, request] of [
        [KV.Put, { key: utf8('a') }],
        [KV.DeleteRange, { key: utf8('a') }],
        [KV.Txn, { success: [put('a')] }],
        [KV.Compact, { revision: 1 }],
      ] as [UnaryMethod<unknown, unknown>, object][]) {
        expect(rig.call(method, request)).toMatchObject({ code: failure.grpc, message: failure.message });
      }
    },
  );
});

describe('Range', () => {
  it('of one key says the same the fast way and the slow way', () => {
    const rig = filled(['a', 'b', 'a']);
    for (const key of ['a', 'b', 'none']) {
      for (const serializable of [false, true]) {
        const fast = rig.call(KV.Range, { key: utf8(key), serializable, limit: 5 });
        const slow = rig.call(KV.Range, { key: utf8(key), serializable, revision: 4 });
        expect(fast).toEqual(slow);
        expect(fast.response).toMatchObject({ header: { ...header, revision: 4 }, count: key === 'none' ? 0 : 1 });
        expect(fast.response.kvs.length).toBe(key === 'none' ? 0 : 1);
      }
    }
    const [found] = rig.call(KV.Range, { key: utf8('a') }).response.kvs;
    const expected = {
      key: utf8('a'),
      value: utf8('value of a'),
      create_revision: 2,
      mod_revision: 4,
      version: 2,
      lease: 0n,
    };
    expect(found).toEqual(expected);
  });

  it('of one large value', () => {
    const rig = new RpcRig();
    const value = new Uint8Array(1_500_000).fill(7);
    rig.call(KV.Put, { key: utf8('large'), value });
    expect(Buffer.compare(rig.call(KV.Range, { key: utf8('large') }).response.kvs[0]!.value, value)).toBe(0);
    expect(rig.call(KV.Range, { key: utf8('l'), range_end: utf8('m') }).response.kvs[0]!.value.length).toBe(1_500_000);
  });

  const all = { key: Uint8Array.of(0), range_end: Uint8Array.of(0) };
  it.each<{ says: string; request: DeepPartial<RangeRequest>; keys: string; count: number; more?: boolean }>([
    { says: 'all keys', request: all, keys: 'a b c d', count: 4 },
    { says: 'an interval', request: { key: utf8('b'), range_end: utf8('d') }, keys: 'b c', count: 2 },
    { says: 'from a key', request: { key: utf8('c'), range_end: Uint8Array.of(0) }, keys: 'c d', count: 2 },
    { says: 'backwards', request: { key: utf8('d'), range_end: utf8('b') }, keys: '', count: 0 },
    { says: 'a limit', request: { ...all, limit: 2 }, keys: 'a b', count: 4, more: true },
    { says: 'a limit that just fits', request: { ...all, limit: 4 }, keys: 'a b c d', count: 4 },
    { says: 'descending', request: { ...all, sort_order: 2 }, keys: 'd c b a', count: 4 },
    { says: 'newest first', request: { ...all, sort_order: 2, sort_target: 3 }, keys: 'a d c b', count: 4 },
    { says: 'only the count', request: { ...all, count_only: true, limit: 1 }, keys: '', count: 4 },
    { says: 'an older revision', request: { ...all, revision: 3 }, keys: 'a b', count: 2 },
    { says: 'a filter', request: { ...all, min_mod_revision: 5 }, keys: 'a d', count: 4 },
    { says: 'serializable', request: { ...all, serializable: true }, keys: 'a b c d', count: 4 },
  ])('$says', ({ request, keys, count, more }) => {
    const rig = filled(['a', 'b', 'c', 'd', 'a']);
    const { response } = rig.call(KV.Range, request);
    expect([keysOf(response.kvs), response.count, response.more]).toEqual([keys, count, more ?? false]);
    expect(response.header).toEqual({ ...header, revision: 6 });
  });

  it('leaves values out when only keys are asked for', () => {
    const rig = filled(['a']);
    const [found] = rig.call(KV.Range, { ...all, keys_only: true }).response.kvs;
    expect(found).toMatchObject({ value: new Uint8Array(0), mod_revision: 2, version: 1 });
  });

  it('waits for leave to read unless it is serializable', () => {
    const rig = filled(['a']);
    rig.running = false;
    const replies = new Replies();
    rig.start(KV.Range, { key: utf8('a') }, replies);
    rig.start(KV.Range, all, replies);
    rig.start(KV.Range, { key: utf8('a'), serializable: true }, replies);
    rig.start(KV.Range, { ...all, serializable: true }, replies);
    rig.settle();
    expect(replies.all.map(({ token }) => token)).toEqual([4, 5].map((each) => each)); // the put was 1
    rig.running = true;
    rig.settle();
    expect(replies.all.map(({ token }) => token)).toEqual([4, 5, 2, 3]);
  });

  it('answers what the node says', () => {
    const rig = filled(['a']);
    rig.status.leader = 0n;
    expect(rig.call(KV.Range, { key: utf8('a') })).toMatchObject({ code: 14, message: etcdErrors.TIMEOUT.message });
    expect(rig.call(KV.Range, all)).toMatchObject({ code: 14, message: etcdErrors.TIMEOUT.message });
    expect(rig.call(KV.Range, { ...all, serializable: true }).code).toBe(0);
  });
});

describe('DeleteRange', () => {
  it('says how many, and which when it is asked to', () => {
    const rig = filled(['a', 'b', 'c']);
    const some = { key: utf8('a'), range_end: utf8('c'), prev_kv: true };
    const { response } = rig.call(KV.DeleteRange, some);
    expect(response).toMatchObject({ header: { ...header, revision: 5 }, deleted: 2 });
    expect(keysOf(response.prev_kvs)).toBe('a b');
    expect(rig.call(KV.DeleteRange, some).response).toEqual({
      header: { ...header, revision: 5 },
      deleted: 0,
      prev_kvs: [],
    });
    expect(rig.call(KV.DeleteRange, {})).toMatchObject({ code: 3, message: etcdErrors.EMPTY_KEY.message });
  });
});

describe('Txn', () => {
  it('has a whole header outside, and revisions alone inside', () => {
    const rig = filled(['a']);
    const success = [put('b'), range('b'), del('a'), txn([range('a')])];
    const { response } = rig.call(KV.Txn, { success });
    expect(response).toMatchObject({ header: { ...header, revision: 3 }, succeeded: true });
    const inner = response.responses.map(({ response: each }) => each!.value.header);
    expect(inner.slice(0, 3)).toEqual(
      [3, 3, 3].map((revision) => ({ cluster_id: 0n, member_id: 0n, revision, raft_term: 0 })),
    );
    expect(response.responses.map(({ response: each }) => each!.$case)).toEqual([
      'response_put',
      'response_range',
      'response_delete_range',
      'response_txn',
    ]);
  });

  it.each([
    { says: 'reads alone', success: [range('a')], failure: [range('b')], logged: 0 },
    { says: 'nothing at all', success: [], failure: [], logged: 0 },
    { says: 'a put in the branch that is not taken', success: [range('a')], failure: [put('a')], logged: 1 },
    { says: 'reads inside another', success: [txn([range('a')])], failure: [], logged: 1 },
  ])('of $says makes $logged entries', ({ success, failure, logged }) => {
    const rig = filled(['a']);
    const { response } = rig.call(KV.Txn, { success, failure });
    expect(response).toMatchObject({ header: { ...header, revision: 2 }, succeeded: true });
    expect(rig.log.length - 1).toBe(logged);
  });

  it('that only reads waits for leave, unless all of it is serializable', () => {
    const rig = filled(['a']);
    rig.running = false;
    const replies = new Replies();
    const local = range('a', { serializable: true });
    rig.start(KV.Txn, { success: [local, range('a')] }, replies);
    rig.start(KV.Txn, { success: [local], failure: [local] }, replies);
    rig.start(KV.Txn, { success: [local], failure: [range('a')] }, replies);
    rig.start(KV.Txn, {}, replies);
    rig.settle();
    expect(replies.all.map(({ token }) => token)).toEqual([3, 5]);
    rig.running = true;
    rig.settle();
    expect(replies.all.map(({ token }) => token)).toEqual([3, 5, 2, 4]);
    const kept = KV.Txn.response.decode(replies.all[2]!.payload); // its request was overwritten long ago
    expect(kept.responses.map(({ response }) => response!.$case)).toEqual(['response_range', 'response_range']);
  });
});

describe('Compact', () => {
  it('answers at once, with the revision of now', () => {
    const rig = filled(['a', 'a', 'a']);
    expect(rig.call(KV.Compact, { revision: 3 }).response).toEqual({ header: { ...header, revision: 4 } });
    expect(rig.call(KV.Compact, { revision: 3 })).toMatchObject({ code: 11, message: etcdErrors.COMPACTED.message });
    expect(rig.call(KV.Compact, { revision: 5 })).toMatchObject({ code: 11, message: etcdErrors.FUTURE_REV.message });
    expect(rig.call(KV.Range, { key: utf8('a'), revision: 2 })).toMatchObject({ code: 11 });
  });

  it('waits for the removal when it is physical', async () => {
    const rig = filled(['a', 'a', 'a']);
    await rig.flush();
    const replies = new Replies();
    rig.start(KV.Compact, { revision: 4, physical: true }, replies);
    rig.settle();
    expect(replies.all).toEqual([]);
    rig.call(KV.Put, { key: utf8('b') });
    await rig.finishWork();
    rig.settle();
    expect(replies.all).toMatchObject([{ code: 0 }]);
    expect(KV.Compact.response.decode(replies.all[0]!.payload).header).toEqual({ ...header, revision: 5 });
  });
});
