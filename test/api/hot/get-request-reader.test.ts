import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../src/api/decode-error.ts';
import { KV } from '../../../src/api/methods.ts';
import { GetRequestReader } from '../../../src/api/hot/get-request-reader.ts';
import type { DeepPartial } from '../../../src/api/message.ts';
import type { RangeRequest } from '../../../src/api/gen/etcdserverpb/kv.ts';
import { utf8 } from '../../../src/base/bytes.ts';

describe('GetRequestReader', () => {
  const reader = new GetRequestReader();
  const key = utf8('a key');

  it.each<{ says: string; request: DeepPartial<RangeRequest>; isPlain: boolean; serializable?: boolean }>([
    { says: 'one key', request: { key }, isPlain: true },
    { says: 'serializable', request: { key, serializable: true }, isPlain: true, serializable: true },
    { says: 'a limit', request: { key, limit: -1 }, isPlain: true },
    { says: 'a range', request: { key, range_end: utf8('b') }, isPlain: false },
    { says: 'a revision', request: { key, revision: 5 }, isPlain: false },
    { says: 'a sort order', request: { key, sort_order: 1 }, isPlain: false },
    { says: 'a sort target', request: { key, sort_target: 2 }, isPlain: false },
    { says: 'keys only', request: { key, keys_only: true }, isPlain: false },
    {
      says: 'the count only',
      request: { key, count_only: true, serializable: true },
      isPlain: false,
      serializable: true,
    },
    { says: 'a filter', request: { key, min_mod_revision: 1 }, isPlain: false },
    { says: 'another filter', request: { key, max_create_revision: 1 }, isPlain: false },
  ])('$says', ({ request, isPlain, serializable }) => {
    const bytes = KV.Range.request.encode(request);
    reader.read(bytes);
    expect([reader.isPlain, reader.serializable]).toEqual([isPlain, serializable ?? false]);
    expect(bytes.subarray(reader.keyStart, reader.keyEnd)).toEqual(key);
  });

  it('forgets the request before, and takes the last of fields that come twice', () => {
    reader.read(KV.Range.request.encode({ key, count_only: true, serializable: true }));
    reader.read(Uint8Array.of(0x0a, 1, 1, 0x0a, 2, 2, 3));
    expect([reader.keyStart, reader.keyEnd, reader.isPlain, reader.serializable]).toEqual([5, 7, true, false]);
    reader.read(new Uint8Array(0));
    expect([reader.keyStart, reader.keyEnd]).toEqual([0, 0]);
  });

  it('refuses what is cut short', () => {
    const bytes = KV.Range.request.encode({ key });
    for (let end = 1; end < bytes.length; end++) {
      expect(() => reader.read(bytes.subarray(0, end))).toThrow(DecodeError);
    }
  });
});
