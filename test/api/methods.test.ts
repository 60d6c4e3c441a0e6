import { describe, expect, it } from 'vitest';
import { utf8, utf8Text } from '../../src/base/bytes.ts';
import { DecodeError } from '../../src/api/decode-error.ts';
import { KV, Lease, methodByPath, Watch } from '../../src/api/methods.ts';

describe('the method table', () => {
  it('has every RPC once, under its path', () => {
    expect(methodByPath.size).toBe(51);
    for (const [path, method] of methodByPath) expect(path).toBe(`/${method.service}/${method.name}`);
  });

  it.each([
    { path: '/etcdserverpb.KV/Range', client: false, server: false, since: '3.4' },
    { path: '/etcdserverpb.KV/RangeStream', client: false, server: true, since: '3.7' },
    { path: '/etcdserverpb.Watch/Watch', client: true, server: true, since: '3.4' },
    { path: '/etcdserverpb.Maintenance/Snapshot', client: false, server: true, since: '3.4' },
    { path: '/v3lockpb.Lock/Lock', client: false, server: false, since: '3.4' },
    { path: '/grpc.health.v1.Health/Check', client: false, server: false, since: '3.4' },
  ])('$path', ({ path, client, server, since }) => {
    const method = methodByPath.get(path);
    expect(method).toMatchObject({ clientStreaming: client, serverStreaming: server, since });
  });
});

describe('a codec', () => {
  it('names its message and fills in what was left out', () => {
    expect(KV.Put.request.name).toBe('etcdserverpb.PutRequest');
    const decoded = KV.Put.request.decode(KV.Put.request.encode({ key: utf8('k'), lease: 2n ** 62n }));
    expect(utf8Text(decoded.key)).toBe('k');
    expect(decoded).toMatchObject({ lease: 2n ** 62n, prev_kv: false });
    expect(decoded.value.length).toBe(0);
  });

  it('owns what it decodes, unless asked for a view', () => {
    const bytes = KV.Put.request.encode({ key: utf8('a') });
    const owned = KV.Put.request.decode(bytes);
    const view = KV.Put.request.decodeView(bytes);
    bytes.fill(0x62);
    expect(utf8Text(owned.key)).toBe('a');
    expect(utf8Text(view.key)).toBe('b');
  });

  it('tells set zeroes of a oneof from nothing', () => {
    const bytes = KV.Txn.request.encode({ compare: [{ target_union: { $case: 'version', value: 0 } }] });
    expect(KV.Txn.request.decode(bytes).compare[0]?.target_union).toEqual({ $case: 'version', value: 0 });
    expect(Watch.Watch.request.decode(new Uint8Array(0)).request_union).toBeUndefined();
  });

  it('throws DecodeError, with the place', () => {
    expect(() => Lease.LeaseGrant.response.decode(Uint8Array.of(0x0a, 5, 1))).toThrow(DecodeError);
    expect(() => Lease.LeaseGrant.response.decode(Uint8Array.of(0x0a, 5, 1))).toThrow('at byte 2');
  });
});
